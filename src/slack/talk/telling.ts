/** Tells one person something that nobody else sees: by the first way that works, and again for a minute while none does. */
import { setTimeout as pause } from 'node:timers/promises';
import { callOnce } from '../../http.ts';
import type { Log } from '../../log.ts';
import { describeError } from '../../log.ts';
import type { Shown } from '../views/parts.ts';
import type { Web } from '../web.ts';
import { call, Nothing } from '../web.ts';
import type { Place } from './payloads.ts';

const ANSWER_TIMEOUT_MS = 2_000;
const ANSWER_BYTES_MAX = 1_000;
const AGAIN_MIN_MS = 1_000;
const AGAIN_MAX_MS = 15_000;
const PATIENCE_MS = 65_000;

/** Returns after the first try; what did not work is tried again meanwhile. */
export type Tell = (user: string, place: Place, shown: Shown) => Promise<void>;

export interface Telling {
  readonly tell: Tell;
  readonly stop: () => void;
}

interface Told {
  readonly user: string;
  readonly place: Place;
  readonly shown: Shown;
}

/** `later`: it may work after this time. `never`: Slack will not take it. */
type Reached =
  | { readonly state: 'told' }
  | { readonly state: 'later'; readonly waitMs: number }
  | { readonly state: 'never' };

export function openTelling({ web, log }: { readonly web: Web; readonly log: Log }): Telling {
  const stopped = new AbortController();

  const once = async ({ user, place, shown }: Told): Promise<Reached> => {
    const thread = place.thread === undefined ? {} : { thread_ts: place.thread };
    const { answerTo, channel } = place;
    const message = { ...shown, ...thread };
    const responded =
      answerTo === undefined ? NEVER : await respond(answerTo, { message, signal: stopped.signal });
    if (responded.state === 'told' || channel === undefined) return responded;
    const args = { channel, user, ...message };
    const shownThere = reachedBy(await call(web, 'chat.postEphemeral', { args, shape: Nothing }));
    return shownThere.state === 'told' ? shownThere : longer(responded, shownThere);
  };

  const insist = async (told: Told, first: Reached): Promise<Reached> => {
    const until = performance.now() + PATIENCE_MS;
    let reached = first;
    for (let ownMs = AGAIN_MIN_MS; reached.state === 'later'; ownMs = doubled(ownMs)) {
      const waitMs = Math.max(ownMs, reached.waitMs);
      if (performance.now() + waitMs > until) return reached;
      await pause(waitMs, null, { ref: false, signal: stopped.signal });
      reached = await once(told);
    }
    return reached;
  };

  const giveUp = (user: string, why: unknown): void =>
    log.warn({ user, why }, 'a private answer did not reach its person');

  return {
    tell: async (user, place, shown) => {
      const told = { user, place, shown };
      const first = await once(told);
      if (first.state === 'never') giveUp(user, 'Slack does not take it');
      if (first.state !== 'later') return;
      insist(told, first).then(
        ({ state }) =>
          state === 'told' ? undefined : giveUp(user, 'Slack did not take it in time'),
        (error: unknown) => giveUp(user, describeError(error)),
      );
    },
    stop: () => stopped.abort(),
  };
}

const NEVER = { state: 'never' } as const;

function doubled(waitMs: number): number {
  return Math.min(AGAIN_MAX_MS, waitMs * 2);
}

/** Both ways failed: neither is tried again before it may be. */
function longer(one: Reached, other: Reached): Reached {
  const waits = [one, other].flatMap((each) => (each.state === 'later' ? [each.waitMs] : []));
  return waits.length === 0 ? NEVER : { state: 'later', waitMs: Math.max(...waits) };
}

function reachedBy(answered: Awaited<ReturnType<typeof call>>): Reached {
  switch (answered.state) {
    case 'done':
      return { state: 'told' };
    case 'refused':
      return NEVER;
    case 'limited':
      return { state: 'later', waitMs: answered.waitMs };
    case 'unknown':
      return { state: 'later', waitMs: 0 };
  }
}

async function respond(
  url: string,
  given: { readonly message: Readonly<Record<string, unknown>>; readonly signal: AbortSignal },
): Promise<Reached> {
  const answer = await callOnce({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ ...given.message, response_type: 'ephemeral', replace_original: false }),
    timeoutMs: ANSWER_TIMEOUT_MS,
    bodyBytesMax: ANSWER_BYTES_MAX,
    signal: given.signal,
  });
  if (answer.state === 'unusable') return NEVER;
  if (answer.state === 'silent') return { state: 'later', waitMs: 0 };
  if (answer.status < 300) return { state: 'told' };
  const seconds = Number(answer.headers.get('retry-after') ?? 0);
  if (answer.status !== 429 && answer.status < 500) return NEVER;
  return { state: 'later', waitMs: Number.isFinite(seconds) ? seconds * 1_000 : 0 };
}
