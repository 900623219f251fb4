/**
 * A stand-in for PagerDuty (Events API v2 in, signed v3 webhooks out) and for a webhook of the team's own:
 * it shows who was called and lets them answer.
 */
import { close, jsonOf, listen, portOf, type Answer, type Asked } from '../services/http.ts';
import { keepCalls, newId, type Called, type Calls } from './calls.ts';
import { deliver } from './delivery.ts';
import { readEvent, readWebhookCall, refusalOf } from './events.ts';

const EVENTS_PER_MINUTE_MAX = 120;
const MINUTE_MS = 60_000;

export interface Pager {
  readonly url: string;
  /** Oldest first. */
  calls(): readonly Called[];
  /** Answers a call as PagerDuty's app does; false when there is nothing to answer, or nobody took the news. */
  acknowledge(id: string, person: string): Promise<boolean>;
  /** Where news of answers goes, until it is told another place. */
  deliverTo(url: string): void;
  onChange(listener: () => void): void;
  forget(): void;
  stop(): Promise<void>;
}

export interface PagerOptions {
  /** Routing key → who it calls. */
  readonly keys: Readonly<Record<string, string>>;
  /** Signs the news of answers. */
  readonly webhookSecret: string;
}

export async function startPager({ keys, webhookSecret }: PagerOptions): Promise<Pager> {
  const calls = keepCalls();
  const isTooMuch = limiter();
  let destination: string | null = null;

  const server = await listen(0, (asked) =>
    Promise.resolve(take(asked, { calls, keys, isTooMuch })),
  );
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    calls: () => calls.all(),
    async acknowledge(id, person) {
      const call = calls.all().find((one) => one.id === id);
      if (call?.state !== 'triggered') return false;
      calls.change(id, { state: 'acknowledged', answeredBy: person });
      // The team's own webhook has no way back.
      if (call.by === 'webhook') return true;
      return destination !== null && deliver(destination, { call, person, secret: webhookSecret });
    },
    deliverTo(url) {
      destination = url;
    },
    onChange: (listener) => calls.onChange(listener),
    forget: () => calls.clear(),
    stop: () => close(server),
  };
}

interface Desk {
  readonly calls: Calls;
  readonly keys: Readonly<Record<string, string>>;
  readonly isTooMuch: (key: string) => boolean;
}

function take(asked: Asked, desk: Desk): Answer {
  const webhook = /^\/webhook\/([a-z]+)$/.exec(asked.path)?.[1];
  if (asked.method === 'POST' && asked.path === '/v2/enqueue') return takeEvent(asked, desk);
  if (asked.method === 'POST' && webhook !== undefined)
    return takeWebhook(asked, { who: webhook, calls: desk.calls });
  return { status: 404, body: { error: 'Not Found' } };
}

function takeEvent(asked: Asked, { calls, keys, isTooMuch }: Desk): Answer {
  const reading = readEvent(jsonOf(asked));
  if (!reading.ok) return refusalOf(reading.errors);
  const event = reading.value;
  const who = keys[event.routing_key];
  if (who === undefined) return refusalOf([`'routing_key' is not the key of an integration`]);
  if (isTooMuch(event.routing_key)) {
    return {
      status: 429,
      body: {
        status: 'throttle exceeded',
        message: 'Events for this key are arriving too quickly.',
      },
    };
  }

  const dedupKey = event.dedup_key ?? newId();
  const open = calls.open(who, dedupKey);
  if (event.event_action === 'trigger') {
    // A key that is open already rings no phone again, acknowledged or not.
    if (open === undefined) {
      const { summary, severity } = event.payload;
      calls.add({
        by: 'pagerduty',
        who,
        summary,
        severity,
        dedupKey,
        link: event.links?.[0]?.href ?? null,
      });
    }
  } else if (open !== undefined) {
    calls.change(open.id, {
      state: event.event_action === 'resolve' ? 'resolved' : 'acknowledged',
    });
  }
  return {
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: dedupKey },
  };
}

function takeWebhook(
  asked: Asked,
  { who, calls }: { readonly who: string; readonly calls: Calls },
): Answer {
  const reading = readWebhookCall(jsonOf(asked));
  if (!reading.ok) return refusalOf(reading.errors);
  if (calls.open(who, reading.value.dedupKey) === undefined)
    calls.add({ by: 'webhook', who, ...reading.value });
  return { status: 200, body: { ok: true } };
}

/** PagerDuty takes about 120 events a minute for each key. */
function limiter(): (key: string) => boolean {
  const taken = new Map<string, readonly number[]>();
  return (key) => {
    const recent = (taken.get(key) ?? []).filter((at) => at > Date.now() - MINUTE_MS);
    if (recent.length >= EVENTS_PER_MINUTE_MAX) return true;
    taken.set(key, [...recent, Date.now()]);
    return false;
  };
}
