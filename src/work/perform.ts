/** A worker's hands: takes one operation, runs its job, and says what became of it. */
import type { Found, Job, JobContext, Report } from '../define-job.ts';
import { Fault } from '../doors.ts';
import type { OperationId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import { settle } from '../store/lost-operations.ts';
import type { Claim } from '../store/operations.ts';
import { claimOperation, endOperation, handOver } from '../store/operations.ts';
import { fenced } from './fence.ts';
import type { Held } from './held.ts';
import { contextOf, hold, StoreTrouble } from './held.ts';
import type { Workshop } from './workshop.ts';
import { jobOf, withDoors } from './workshop.ts';

interface Work {
  readonly claim: Claim;
  readonly target: Target;
  readonly held: Held;
  readonly job: Job;
  readonly context: JobContext;
  readonly log: Log;
}

/** Never throws: what could not be settled is lost, and is looked at when its lease has run out. */
export async function performOperation(shop: Workshop, id: OperationId): Promise<void> {
  const log = shop.log.child({ operation: id });
  let held: Held | null = null;
  try {
    if (shop.leaving.aborted) return;
    const { store, worker, targetOf, leaseSeconds } = shop;
    const taken = await claimOperation(store, { id, worker, targetOf, leaseSeconds });
    if (taken === null) return;
    const { claim, incident } = taken;
    const job = jobOf(shop, claim.job);
    const target = targetOf(incident.target);
    held = hold(shop, claim, {
      timeoutMs: job.timeoutMs,
      brokenOffBy: job.again === 'safe' ? shop.leaving : null,
    });
    const context = contextOf(shop, { claim, incident, target, held });
    await perform(shop, { claim, target, held, job, context, log: log.child({ job: job.name }) });
  } catch (error) {
    log.warn({ error: describeError(error) }, 'could not be settled; it will be looked at');
  } finally {
    held?.release();
  }
}

async function perform(shop: Workshop, work: Work): Promise<void> {
  const { claim, log, held, job } = work;
  const { store, targetOf } = shop;
  if (claim.cancelAsked) {
    const found = unlessAborted(await look(shop, work), true);
    await settle(store, claim, { found, targetOf });
    log.info({ found: found.state }, 'it was aborted before it was taken');
    return;
  }
  log.info({ try: claim.tries }, 'begins');
  const ended = await inTheWorld(shop, work);
  if (ended.state !== 'reported') {
    await settle(store, claim, { found: unlessAborted(ended, held.isCancelled()), targetOf });
    log.info({ found: ended.state }, 'it broke off, and was looked at');
    return;
  }
  const { report } = ended;
  const isOurs = !held.isCancelled() && report.outcome !== 'succeeded';
  if (shop.leaving.aborted && isOurs && job.again === 'safe') {
    await handOver(store, claim, 'leaving');
    log.info({}, 'handed over: this worker is leaving');
    return;
  }
  held.release();
  const isSettled = await endOperation(store, claim, { report, foundOut: false, targetOf });
  log.info({ outcome: report.outcome, isSettled }, 'ended');
}

async function look(shop: Workshop, { claim, target, job, context }: Work): Promise<Found> {
  return withDoors(shop, target, (doors) => job.look(claim.input, doors, context));
}

/** What has not begun and was aborted meanwhile does not begin. */
export function unlessAborted(found: Found, isCancelled: boolean): Found {
  if (found.state !== 'not-begun' || !isCancelled) return found;
  return {
    state: 'ended',
    report: {
      outcome: 'stopped',
      says: 'It was aborted; looking showed that nothing of it was done.',
      evidence: [],
    },
  };
}

type Ended = { readonly state: 'reported'; readonly report: Report } | Found;

/**
 * A fault is a result: the world did not cooperate. Anything else is our own mistake, and says so.
 * But once a job has recorded that it is about to act, how far it came is not guessed: it is looked at.
 */
async function inTheWorld(shop: Workshop, work: Work): Promise<Ended> {
  const { claim, target, job, context, held, log } = work;
  try {
    const report = await withDoors(shop, target, (doors) =>
      job.run(claim.input, fenced(doors, shop.store, claim), context),
    );
    return { state: 'reported', report };
  } catch (error) {
    if (error instanceof StoreTrouble) throw error;
    const report = reportOf(error, held, log);
    const mayHaveActed = job.again !== 'safe' && context.recorded !== null;
    return mayHaveActed ? look(shop, work) : { state: 'reported', report };
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
