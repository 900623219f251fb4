/** An operation in our hands: its lease is kept alive, its progress told, and an abort heard. */
import type { JobContext } from '../define-job.ts';
import type { Progress } from '../doors.ts';
import { Fault } from '../doors.ts';
import type { Incident } from '../incident/incident.ts';
import type { Target } from '../incident/target.ts';
import { describeError } from '../log.ts';
import { fingerprintsSeen, keepFingerprint, recallFingerprint } from '../store/incidents.ts';
import type { Claim } from '../store/operations.ts';
import { beat, recordFact } from '../store/operations.ts';
import { estimate } from './estimate.ts';
import type { Workshop } from './workshop.ts';

const BEAT_MS = 1_000;
const TAIL_CHARACTERS_MAX = 4_096;

export interface Held {
  readonly signal: AbortSignal;
  readonly isCancelled: () => boolean;
  readonly progress: (progress: Progress) => void;
  readonly say: (line: string) => void;
  readonly tail: () => string;
  release(): void;
}

export interface Holding {
  readonly timeoutMs: number;
  /** Breaks off what may begin again elsewhere; anything else is finished before this process leaves. */
  readonly brokenOffBy: AbortSignal | null;
}

/** Until it is released. */
export function hold(shop: Workshop, claim: Claim, holding: Holding): Held {
  const { timeoutMs, brokenOffBy } = holding;
  const ending = new AbortController();
  let cancelled = claim.cancelAsked;
  let progress: (Progress & { readonly secondsLeft: number | null }) | null = null;
  let tail = '';
  const startedAt = Date.now();

  const timeout = setTimeout(() => ending.abort(tooLong(timeoutMs)), timeoutMs);
  const onLeaving = (): void => ending.abort(new Fault('stopped', 'The worker is being stopped.'));
  brokenOffBy?.addEventListener('abort', onLeaving);
  if (brokenOffBy?.aborted === true) onLeaving();

  const pulse = setInterval(() => {
    beat(shop.store, claim, { progress, tail }).then(
      (heard) => {
        if (heard === 'go-on') return;
        cancelled = heard === 'cancel';
        const say = cancelled ? 'It was aborted.' : 'Another worker has taken this over.';
        ending.abort(new Fault('stopped', say));
      },
      (error: unknown) =>
        shop.log.warn({ error: describeError(error) }, 'could not say that I live'),
    );
  }, BEAT_MS);

  return {
    signal: ending.signal,
    isCancelled: () => cancelled,
    progress: (told) => {
      progress = { ...told, secondsLeft: estimate(told, Date.now() - startedAt) };
    },
    say: (line) => {
      tail = `${tail}${line}\n`.slice(-TAIL_CHARACTERS_MAX);
    },
    tail: () => tail,
    release: () => {
      clearTimeout(timeout);
      clearInterval(pulse);
      brokenOffBy?.removeEventListener('abort', onLeaving);
    },
  };
}

function tooLong(timeoutMs: number): Fault {
  const minutes = Math.round(timeoutMs / 60_000);
  return new Fault('timed-out', `This took longer than ${minutes} minutes and was stopped.`);
}

/** Our own store did not answer a job: what the job did then is not a result, it has to be looked at. */
export class StoreTrouble extends Error {
  constructor(cause: unknown) {
    super('the store did not answer a job', { cause });
    this.name = 'StoreTrouble';
  }
}

export function contextOf(
  shop: Workshop,
  given: {
    readonly claim: Claim;
    readonly incident: Incident;
    readonly target: Target;
    readonly held: Held;
  },
): JobContext {
  const { claim, incident, target, held } = given;
  const { store } = shop;
  let { recorded } = claim;
  return {
    incident,
    target,
    operation: claim.id,
    applicationName: `backout/${claim.id}`,
    signal: held.signal,
    now: () => new Date(),
    progress: held.progress,
    say: held.say,
    record: async (fact) => {
      await fromStore(recordFact(store, claim, fact));
      recorded = fact;
    },
    get recorded() {
      return recorded;
    },
    fingerprints: {
      keep: (fingerprint) => fromStore(keepFingerprint(store, fingerprint)),
      recall: (hash) => fromStore(recallFingerprint(store, hash)),
      seenFor: (version) => fromStore(fingerprintsSeen(store, target.name, version)),
    },
  };
}

async function fromStore<Result>(asked: Promise<Result>): Promise<Result> {
  try {
    return await asked;
  } catch (error) {
    throw new StoreTrouble(error);
  }
}
