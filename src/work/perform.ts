/** A worker's hands: takes one operation, runs its job, and says what became of it. */
import type { Job, JobContext, Report } from '../define.ts';
import type { Doors, Progress } from '../doors.ts';
import { Fault } from '../doors.ts';
import type { Incident } from '../incident/incident.ts';
import type { OperationId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';
import { fingerprintsSeen, keepFingerprint, recallFingerprint } from '../store/incidents.ts';
import type { Claim } from '../store/operations.ts';
import { beat, claimOperation, endOperation, handOver, recordFact } from '../store/operations.ts';
import { estimate } from './estimate.ts';

const BEAT_MS = 1_000;
const TAIL_CHARACTERS_MAX = 4_096;

export interface Workshop {
  readonly store: StoreConnection;
  readonly jobs: readonly Job[];
  readonly targetOf: (name: string) => Target;
  /** Opens what a job may touch, for one operation; `close` lets go of it. */
  readonly openDoors: (
    target: Target,
  ) => Promise<{ readonly doors: Doors; close(): Promise<void> }>;
  readonly worker: string;
  readonly log: Log;
  /** Aborts when this process has to end: what may be begun again is handed over. */
  readonly leaving: AbortSignal;
}

export async function performOperation(shop: Workshop, id: OperationId): Promise<void> {
  const { store, worker, targetOf } = shop;
  if (shop.leaving.aborted) return;
  const taken = await claimOperation(store, { id, worker, targetOf });
  if (taken === null) return;
  const { claim, incident } = taken;
  const job = jobOf(shop, claim.job);
  const log = shop.log.child({ operation: id, job: job.name });
  log.info({ try: claim.tries }, 'begins');
  const held = hold(shop, claim, job.timeoutMs);
  try {
    const report = await inTheWorld(shop, { claim, incident, held, job, log, act: job.run });
    held.release();
    if (shop.leaving.aborted && report.outcome !== 'succeeded' && job.again === 'safe') {
      await handOver(store, claim);
      log.info({}, 'handed over: this worker is leaving');
      return;
    }
    const isSettled = await endOperation(store, claim, { report, foundOut: false, targetOf });
    log.info({ outcome: report.outcome, isSettled }, 'ended');
  } finally {
    held.release();
  }
}

export function jobOf(shop: Workshop, name: string): Job {
  const job = shop.jobs.find((one) => one.name === name);
  if (job === undefined) throw new Error(`no job is called ${name}`);
  return job;
}

/** A fault is a result: the world did not cooperate. Anything else is our own mistake, and says so. */
async function inTheWorld(
  shop: Workshop,
  given: {
    readonly claim: Claim;
    readonly incident: Incident;
    readonly held: Held;
    readonly job: Job;
    readonly log: Log;
    readonly act: Job['run'];
  },
): Promise<Report> {
  const { claim, incident, held, log } = given;
  const target = shop.targetOf(incident.target);
  try {
    const { doors, close } = await shop.openDoors(target);
    try {
      return await given.act(
        claim.input,
        doors,
        contextOf(shop, { claim, incident, target, held }),
      );
    } finally {
      await opened.close();
    }
  } catch (error) {
    return reportOf(error, held, log);
  }
}

function reportOf(error: unknown, held: Held, log: Log): Report {
  const tail = held.tail();
  const rest = { evidence: [], ...(tail === '' ? {} : { tail }) };
  if (error instanceof Fault) {
    log.warn({ why: error.why, error: describeError(error) }, 'the world did not cooperate');
    const outcome = error.why === 'stopped' && held.isCancelled() ? 'stopped' : 'failed';
    return { outcome, says: error.say, ...rest };
  }
  if (held.isCancelled()) return { outcome: 'stopped', says: 'It was aborted.', ...rest };
  log.error({ error: describeError(error) }, 'a job broke');
  return {
    outcome: 'failed',
    says: 'Something in Backout itself went wrong while doing this. The worker’s log has the details.',
    ...rest,
  };
}

export interface Held {
  readonly signal: AbortSignal;
  readonly isCancelled: () => boolean;
  readonly progress: (progress: Progress) => void;
  readonly say: (line: string) => void;
  readonly tail: () => string;
  release(): void;
}

/** Keeps the lease alive, carries progress and output to the store, and hears an abort. */
export function hold(shop: Workshop, claim: Claim, timeoutMs: number): Held {
  const ending = new AbortController();
  let cancelled = false;
  let progress: (Progress & { readonly secondsLeft: number | null }) | null = null;
  let tail = '';
  const startedAt = Date.now();

  const timeout = setTimeout(
    () =>
      ending.abort(
        new Fault(
          'timed-out',
          `This took longer than ${Math.round(timeoutMs / 60_000)} minutes and was stopped.`,
        ),
      ),
    timeoutMs,
  );
  const onLeaving = (): void => ending.abort(new Fault('stopped', 'The worker is being stopped.'));
  shop.leaving.addEventListener('abort', onLeaving);

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
      shop.leaving.removeEventListener('abort', onLeaving);
    },
  };
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
  return {
    incident,
    target,
    operation: claim.id,
    applicationName: `backout/${claim.id}`,
    signal: held.signal,
    now: () => new Date(),
    progress: held.progress,
    say: held.say,
    record: (fact) => recordFact(store, claim, fact),
    recorded: claim.recorded,
    fingerprints: {
      keep: (fingerprint) => keepFingerprint(store, fingerprint),
      recall: (hash) => recallFingerprint(store, hash),
      seenFor: (version) => fingerprintsSeen(store, target.name, version),
    },
  };
}
