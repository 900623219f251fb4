/** Whoever started an incident is told when it has no channel, by the one way that works in every place. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Incident } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import { sayNoChannel } from '../../incident/phrases.ts';
import type { Log } from '../../log.ts';
import { describeError } from '../../log.ts';
import type { Wish } from './payloads.ts';

const LOOK_MS = 2_000;
/** Slack takes an answer to a command for half an hour. */
const PATIENCE_MS = 25 * 60_000;

type Starter = Pick<Wish, 'id' | 'speaker' | 'place'>;

export interface Whereabouts {
  readonly watch: (incident: IncidentId, wish: Starter) => void;
  readonly stop: () => void;
}

/** Forgets at a restart: then `/rollback status` tells. */
export function openWhereabouts(given: {
  readonly read: (incident: IncidentId) => Promise<Incident | null>;
  readonly tell: (
    wish: Starter,
    news: { readonly incident: IncidentId; readonly text: string },
  ) => Promise<void>;
  readonly log: Log;
}): Whereabouts {
  const stopped = new AbortController();

  const look = async (id: IncidentId, wish: Starter): Promise<boolean> => {
    const incident = await given.read(id);
    if (incident === null || incident.closed !== undefined) return true;
    const { state } = incident.channel;
    if (state === 'none' || state === 'claimed') return false;
    if (state !== 'failed') return true;
    const text = `*${id}*: ${sayNoChannel(incident)}\n\`/rollback status ${id}\` shows it anywhere, with its buttons.`;
    await given.tell(wish, { incident: id, text });
    return true;
  };

  const follow = async (id: IncidentId, wish: Starter): Promise<void> => {
    const until = performance.now() + PATIENCE_MS;
    while (performance.now() < until) {
      await pause(LOOK_MS, null, { ref: false, signal: stopped.signal });
      // The store may be away for a while.
      if (await look(id, wish).catch(() => false)) return;
    }
  };

  return {
    watch: (id, wish) => {
      follow(id, wish).catch((error: unknown) => {
        if (stopped.signal.aborted) return;
        given.log.warn({ incident: id, error: describeError(error) }, 'it is not followed further');
      });
    },
    stop: () => stopped.abort(),
  };
}
