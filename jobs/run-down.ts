/**
 * The rollback itself. Under our lock the plan is made again from the world and compared with what was approved;
 * then the tool runs; then the database is looked at. What the tool says of itself decides nothing.
 */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { Found, JobContext, Report } from '../src/define-job.ts';
import type { Doors, DownResult, TargetLock } from '../src/doors.ts';
import { Fault } from '../src/doors.ts';
import { Sha256 } from '../src/incident/names.ts';
import type { Plan } from '../src/incident/plan/plan.ts';
import { latestResult } from '../src/incident/incident.ts';
import { driftFrom } from '../src/incident/plan/drift.ts';
import { fileSight, reportDown, reportUndone } from '../src/incident/reports/down-report.ts';
import type { Sight } from '../src/incident/reports/down-verdict.ts';

/** How long the server may take to end what its client was cut off from. */
const SERVER_ENDS_MS = 60_000;

type Hands = Pick<Doors, 'target' | 'migrations' | 'backups'>;
const Input = z.object({ planHash: Sha256 });

/** Written before the tool is started: with it, anybody can tell later what the tool did. */
const Recorded = z.object({ before: Sha256, startedAt: z.iso.datetime() });
type Recorded = z.infer<typeof Recorded>;

export const runDown = defineJob({
  name: 'run-down',
  again: 'looks-first',
  timeoutMs: 6 * 60 * 60_000,
  input: Input,
  doors: ['target', 'migrations', 'backups'],

  async run({ planHash }, doors, context) {
    const plan = approvedPlan(context, planHash);
    try {
      return await locked(doors, context, (lock) =>
        underLock({ plan, planHash, doors, context, lock }),
      );
    } catch (error) {
      // Without a record the tool was not started: whatever the world refused, it is as it was.
      if (!(error instanceof Fault) || Recorded.safeParse(context.recorded).success) throw error;
      return nothingDone(context, { says: error.say, why: error.why });
    }
  },

  async look({ planHash }, doors, context): Promise<Found> {
    const { target } = doors;
    if (await isAtWork(doors, context)) return STILL_AT_WORK;
    // Only who holds the lock may say what is: a worker that was frozen, and not dead, could still begin.
    const lock = await target.lock(context.applicationName);
    if ('heldBy' in lock) {
      if (lock.heldBy === context.applicationName) await target.breakLock(context.applicationName);
      return { state: 'going-on', what: `${lock.heldBy} holds the lock on this database` };
    }
    try {
      // Again, now that nobody can begin: its tool may just have been connecting.
      if (await isAtWork(doors, context)) return STILL_AT_WORK;
      const recorded = Recorded.safeParse(context.recorded);
      // Nothing is recorded: the tool was never started.
      if (!recorded.success) return { state: 'not-begun' };
      const plan = approvedPlan(context, planHash);
      const seen = { plan, doors, context, recorded: recorded.data, tool: null };
      return { state: 'ended', report: await lookAndSay(seen) };
    } finally {
      await lock.release();
    }
  },
});

const STILL_AT_WORK: Found = {
  state: 'going-on',
  what: 'a session of the tool is still on the server',
};

/** Not the operation's own name: the lock is held under that, on some servers in this very database. */
function toolsName({ applicationName }: JobContext): string {
  return `${applicationName}/down`;
}

/** Whether the tool still had a session on the server; it is told to end. */
async function isAtWork({ target }: Hands, context: JobContext): Promise<boolean> {
  const name = toolsName(context);
  const alive = await target.sessionsNamed(name);
  if (alive.length > 0) await target.endSessionsNamed(name);
  return alive.length > 0;
}

/**
 * A tool that is gone says nothing about its session: the server may commit what it is at afterwards. Throws when it
 * does not end, or when somebody else may have the lock by now: then nothing is judged here, and `look` does it later.
 */
async function untilServerIsDone(
  doors: Hands,
  context: JobContext,
  lock: TargetLock,
): Promise<void> {
  const until = context.now().getTime() + SERVER_ENDS_MS;
  while (await isAtWork(doors, context)) {
    if (context.now().getTime() < until) continue;
    throw new Fault('unreachable', 'The server is still at work for the tool, and does not end.');
  }
  if (lock.lost.aborted) throw new Fault('unreachable', 'The lock on the database was lost.');
}

async function locked(
  doors: Hands,
  context: JobContext,
  work: (lock: TargetLock) => Promise<Report>,
): Promise<Report> {
  const lock = await doors.target.lock(context.applicationName);
  if ('heldBy' in lock) {
    const says = `Somebody else holds the lock on this database: ${lock.heldBy}.`;
    return nothingDone(context, { says });
  }
  try {
    return await work(lock);
  } finally {
    await lock.release();
  }
}

function approvedPlan(context: JobContext, hash: string): Plan {
  const found = context.incident.plans.find((one) => one.hash === hash);
  if (found === undefined)
    throw new Fault('refused', 'The plan that was approved is not in this incident.');
  return found.plan;
}

interface Work {
  readonly plan: Plan;
  readonly planHash: string;
  readonly doors: Hands;
  readonly context: JobContext;
  readonly lock: TargetLock;
}

async function underLock(work: Work): Promise<Report> {
  const { plan, doors, context, lock } = work;
  const backup = await backupNow(doors, context);
  const drift = await driftOf(work, backup);
  if (drift.length > 0) {
    const more = backup.says === null ? '' : ` ${backup.says}`;
    const says = `It is not what was approved any more: ${drift.join(', ')} changed.${more} Nothing was run.`;
    return nothingDone(context, { says, drift });
  }
  const before = await doors.target.fingerprint();
  await context.fingerprints.keep(before);
  const recorded: Recorded = { before: before.hash, startedAt: context.now().toISOString() };
  await context.record(recorded);
  const tool = await start({ plan, doors, context, lock });
  await untilServerIsDone(doors, context, lock);
  return lookAndSay({ plan, doors, context, recorded, tool });
}

/** What the world says at this moment of what was approved. */
async function driftOf(
  { plan, planHash, doors, context }: Work,
  backup: BackupNow,
): Promise<readonly string[]> {
  const [identity, version, folder] = await Promise.all([
    doors.target.identity(),
    doors.target.version(),
    doors.migrations.readFolder(),
  ]);
  const { manifest } = backup;
  const { target } = context;
  return driftFrom({ plan, planHash }, { identity, version, folder, manifest, target });
}

/**
 * The backup must still be there, whole. Every file was read when it was taken: here, while the services stand still,
 * only what was written since is read again.
 */
async function backupNow(doors: Hands, context: JobContext): Promise<BackupNow> {
  const backup = latestResult(context.incident, 'back-up')?.backup;
  if (backup === undefined) return { manifest: null, says: null };
  const found = await doors.backups.check(backup.folder, 'quick');
  switch (found.state) {
    case 'intact':
      return { manifest: found.backup.manifestSha256, says: null };
    case 'broken':
      return { manifest: null, says: found.say };
    case 'absent':
      return { manifest: null, says: `The backup ${backup.folder} is gone.` };
  }
}

interface BackupNow {
  readonly manifest: Plan['backupManifest'];
  /** What is wrong with it. */
  readonly says: string | null;
}

async function start(given: Omit<Work, 'planHash'>): Promise<DownResult> {
  const { plan, doors, context, lock } = given;
  const { policy } = plan;
  const files = Object.fromEntries(
    plan.files.flatMap((one) => (one.sha256 === null ? [] : [[one.version, one.sha256]])),
  );
  try {
    return await doors.migrations.down({
      from: plan.from,
      to: plan.to,
      nothingToUndo: plan.nothingToUndo,
      files,
      lockTimeoutMs: policy.lockTimeoutMs,
      statementTimeoutMs: policy.statementTimeoutMs,
      applicationName: toolsName(context),
      onOutput: context.say,
      signal: AbortSignal.any([context.signal, lock.lost]),
    });
  } catch (error) {
    // Whatever the tool met, only the database knows what it did: so it is looked at all the same.
    const tail = error instanceof Fault ? error.say : 'the tool could not be run';
    if (!(error instanceof Fault)) throw error;
    return { state: 'ended', exitCode: -1, tail };
  }
}

async function lookAndSay(given: {
  readonly plan: Plan;
  readonly doors: Hands;
  readonly context: JobContext;
  readonly recorded: Recorded;
  /** Null when its worker died: nobody heard what the tool said. */
  readonly tool: DownResult | null;
}): Promise<Report> {
  const { plan, doors, context, recorded, tool } = given;
  const [version, fingerprint, folder] = await Promise.all([
    doors.target.version(),
    doors.target.fingerprint(),
    doors.migrations.readFolder(),
  ]);
  await context.fingerprints.keep(fingerprint);
  const known = await context.fingerprints.seenFor(plan.to);
  const sight: Sight = {
    plan,
    version,
    before: recorded.before,
    after: fingerprint.hash,
    files: plan.files.map((one) => fileSight(folder, one.version)),
    isKnown: known.includes(fingerprint.hash),
  };
  const tookMs = context.now().getTime() - Date.parse(recorded.startedAt);
  return reportDown(sight, { tool, tookMs });
}

function nothingDone(
  { incident }: JobContext,
  found: { readonly says: string; readonly drift?: readonly string[]; readonly why?: Fault['why'] },
): Report {
  const { says, drift = [], why } = found;
  const facts = latestResult(incident, 'assess')?.facts;
  if (facts === undefined) throw new Fault('refused', says);
  return reportUndone(facts, { says, drift, isStopped: why === 'stopped' });
}
