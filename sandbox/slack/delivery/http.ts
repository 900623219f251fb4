import { createHmac } from 'node:crypto';
import { decodeJson, isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Ack, Carrier, Outcome, Parcel } from './parcel.ts';

const FORM = 'application/x-www-form-urlencoded';

/** Slack's signature over the raw body. */
export function signature(secret: string, timestamp: string, body: string): string {
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return `v0=${digest}`;
}

function formOf(payload: JsonObject): string {
  const form = new URLSearchParams();
  for (const [key, value] of Object.entries(payload)) {
    if (typeof value === 'string') form.set(key, value);
  }
  return form.toString();
}

function written({ kind, payload }: Parcel): { readonly type: string; readonly body: string } {
  if (kind === 'event') return { type: 'application/json', body: JSON.stringify(payload) };
  if (kind === 'slash') return { type: FORM, body: formOf(payload) };
  return { type: FORM, body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
}

function readAck(contentType: string, text: string): Ack {
  if (text === '') return { type: 'empty' };
  if (!contentType.includes('json')) return { type: 'text', text };
  const value = decodeJson(text);
  return isObject(value) ? { type: 'json', value } : { type: 'garbage', text };
}

/** Signed posts to the app's request address, as Slack sends them. */
export function httpCarrier({
  url,
  signingSecret,
  now,
  closed,
}: {
  readonly url: string;
  readonly signingSecret: string;
  readonly now: () => number;
  readonly closed: AbortSignal;
}): Carrier {
  async function carry(parcel: Parcel, timeoutMs: number): Promise<Outcome> {
    const { type, body } = written(parcel);
    const timestamp = String(Math.floor(now() / 1000));
    const started = performance.now();
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.any([timeout, closed]),
        headers: {
          'content-type': type,
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': signature(signingSecret, timestamp, body),
          ...(parcel.attempt > 0 && {
            'x-slack-retry-num': String(parcel.attempt),
            'x-slack-retry-reason': parcel.retryReason,
          }),
        },
      });
      const text = await response.text();
      const ackMs = performance.now() - started;
      const { status } = response;
      if (!response.ok) return { kind: 'refused', ackMs, status };
      const ack = readAck(response.headers.get('content-type') ?? '', text);
      return { kind: 'acked', ackMs, status, ack };
    } catch {
      return { kind: timeout.aborted ? 'timeout' : 'unreachable' };
    }
  }

  // Nobody tells Slack that a server is back: it tries again by its own schedule.
  return { via: 'http', carry, reachable: () => new Promise(() => {}) };
}
