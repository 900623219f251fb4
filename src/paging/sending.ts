import { setTimeout as wait } from 'node:timers/promises';
import type { Patience } from '../doors.ts';
import { callOnce, type HttpAnswer, type HttpCall } from '../http.ts';

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 4 * 1_024;
/** PagerDuty suggests three more tries; half a minute is the longest that somebody waiting for a page should lose. */
export const RETRY_DELAYS_MS: readonly number[] = [1_000, 5_000, 30_000];
const RETRY_AFTER_MS_MAX = 30_000;

export interface Sending extends Patience {
  readonly url: string;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly retryDelaysMs: readonly number[];
}

/** `stopped`: the caller had no more patience; what was sent before may have arrived. */
export type Sent = HttpAnswer | { readonly state: 'stopped' };

/**
 * Posts JSON and returns the last answer. Silence, 429 and 5xx are tried again with the very same body: its
 * dedup key makes the repetition harmless where the first one had arrived after all.
 */
export async function send(sending: Sending): Promise<Sent> {
  const call: HttpCall = {
    method: 'POST',
    url: sending.url,
    headers: { ...sending.headers, 'content-type': 'application/json' },
    body: JSON.stringify(sending.body),
    timeoutMs: TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
    signal: sending.signal,
  };
  try {
    let answer = await callOnce(call);
    for (const delayMs of sending.retryDelaysMs) {
      if (!isWorthAnother(answer)) return answer;
      await wait(retryAfterMs(answer) ?? delayMs, undefined, { signal: sending.signal });
      answer = await callOnce(call);
    }
    return answer;
  } catch (problem) {
    if (sending.signal.aborted) return { state: 'stopped' };
    throw problem;
  }
}

function isWorthAnother(answer: HttpAnswer): boolean {
  if (answer.state !== 'answered') return answer.state === 'silent';
  return answer.status === 429 || answer.status >= 500;
}

function retryAfterMs(answer: HttpAnswer): number | undefined {
  if (answer.state !== 'answered') return undefined;
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0
    ? Math.min(seconds * 1_000, RETRY_AFTER_MS_MAX)
    : undefined;
}
