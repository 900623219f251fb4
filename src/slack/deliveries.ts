/** Every delivery of Slack is acknowledged in time, whatever else goes wrong, and none is cut off by a stop. */
import type { App } from '@slack/bolt';
import { z } from 'zod';
import { refuse } from '../incident/refusal.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import { sayRefusal } from './answers.ts';
import { sayInForm } from './talk/forms.ts';
import type { Acknowledge } from './talk/opening.ts';

/** Slack gives up after 3 s and never asks again: by then it has been told at least that nothing is known. */
const PATIENCE_MS = 2_600;
const DRAIN_MS = 5_000;

export type DeliveryKind = 'command' | 'press' | 'form' | 'event' | 'other';
export type OnAcknowledged = (kind: DeliveryKind, tookMs: number) => void;

export interface Deliveries {
  /** The one acknowledgement of the delivery with this body. */
  readonly acknowledgeOf: (body: object) => Acknowledge;
  /** Resolves when everything that has come in is answered, or after a while all the same. */
  readonly drain: () => Promise<void>;
}

/** Stands between Bolt's receiver and Bolt: Bolt would acknowledge events before anything is decided. */
export function watchDeliveries(
  app: App,
  given: { readonly log: Log; readonly onAcknowledged: OnAcknowledged },
): Deliveries {
  const underWay = new Set<Promise<void>>();
  const acknowledges = new WeakMap<object, Acknowledge>();
  const process = app.processEvent.bind(app);

  app.processEvent = async (event) => {
    const kind = kindOf(event.body);
    if (kind === 'none') {
      await event.ack();
      return;
    }
    const from = performance.now();
    let isDone = false;
    const acknowledge: Acknowledge = async (answer) => {
      if (isDone) return false;
      isDone = true;
      try {
        await event.ack(answer);
        given.onAcknowledged(kind, performance.now() - from);
        return true;
      } catch (error) {
        given.log.warn({ error: describeError(error) }, 'Slack could not be acknowledged');
        return false;
      }
    };
    const late = setTimeout(() => void acknowledge(notConfirmed(kind, event.body)), PATIENCE_MS);
    acknowledges.set(event.body, acknowledge);
    // Bolt acknowledges events before anything is decided, and everything when it could not find out who we are.
    const forBolt = async (): Promise<void> => {
      if (kind !== 'event') await acknowledge(notConfirmed(kind, event.body));
    };
    const work = process({ ...event, ack: forBolt })
      .catch((error: unknown) => {
        given.log.error({ kind, error: describeError(error) }, 'a delivery of Slack broke');
      })
      // Also what nobody here listens to.
      .then(async () => {
        await acknowledge(notConfirmed(kind, event.body));
      })
      .finally(() => {
        clearTimeout(late);
        underWay.delete(work);
      });
    underWay.add(work);
    await work;
  };

  return {
    acknowledgeOf: (body) => acknowledges.get(body) ?? (async () => false),
    drain: async () => {
      const limit = AbortSignal.timeout(DRAIN_MS);
      const late = new Promise<void>((resolve) => {
        limit.addEventListener('abort', () => resolve());
      });
      while (underWay.size > 0 && !limit.aborted) {
        await Promise.race([Promise.allSettled(underWay), late]);
      }
    },
  };
}

const Body = z.object({ type: z.string().optional(), command: z.string().optional() });

function kindOf(body: unknown): DeliveryKind | 'none' {
  if (typeof body !== 'object' || body === null) return 'none';
  const { type, command } = Body.safeParse(body).data ?? {};
  if (command !== undefined) return 'command';
  if (type === 'block_actions') return 'press';
  if (type === 'view_submission') return 'form';
  return type === 'event_callback' ? 'event' : 'other';
}

/** What a person is told when nothing is known in time. */
function notConfirmed(
  kind: DeliveryKind,
  body: unknown,
): Readonly<Record<string, unknown>> | undefined {
  const text = sayRefusal(refuse('not-confirmed'));
  if (kind === 'command') return { response_type: 'ephemeral', text };
  if (kind !== 'form') return undefined;
  return sayInForm(body, text);
}
