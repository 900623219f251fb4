/**
 * What an incident now wants, by itself: the only place where step follows step.
 * Pure, and run inside every append; wanting twice makes one, because of the natural key.
 */
import { bothKeys, missingRoles, standingApprovals } from './approvals.ts';
import type { NewEvent } from './events.ts';
import { event } from './events.ts';
import type { Incident, Operation } from './incident.ts';
import { isOpen, isResultOf, latest } from './incident.ts';
import type { ApprovalRole } from './names.ts';
import { hashPlan, planDifferences } from './plan.ts';
import { prospectOf } from './prospect.ts';
import type { JobName } from './results.ts';
import type { RunStep, StepWanted } from './run.ts';
import { isRunStep, viewRun } from './run.ts';
import type { Target } from './target.ts';

/** One operation that has to exist. `key` is natural: incident, step, plan hash, round and attempt. */
export interface WantedOperation {
  readonly key: string;
  readonly job: JobName;
  readonly step: string;
  readonly round: number;
  readonly attempt: number;
  readonly input: unknown;
  /** Changes the target: refers to both approvals, and is alone on its database. */
  readonly mutates: boolean;
}

/** Becomes its event when it is due, unless the incident no longer wants it by then. */
export interface WantedTimer {
  readonly key: string;
  readonly dueAt: string;
  readonly event: NewEvent;
}

export interface Wanted {
  /** What follows from what happened. They are appended at once, and `next` is asked again. */
  readonly events: readonly NewEvent[];
  readonly operations: readonly WantedOperation[];
  readonly timers: readonly WantedTimer[];
}

const NOTHING: Wanted = { events: [], operations: [], timers: [] };

export function next(incident: Incident, target: Target, now: Date): Wanted {
  if (!isOpen(incident)) return { ...NOTHING, timers: archiveTimer(incident) };
  return {
    events: consequences(incident, target, now),
    operations: [...preparation(incident), ...pages(incident), ...runStep(incident, target)],
    timers: [...expiryTimers(incident, target), ...lateTimers(incident, target, now)],
  };
}

function preparation(incident: Incident): readonly WantedOperation[] {
  const { assess, backUp } = incident.rounds;
  return [
    wanted(incident, { job: 'assess', step: 'assess', round: assess, input: {} }),
    wanted(incident, {
      job: 'back-up',
      step: 'back-up',
      round: backUp,
      input: { exports: incident.exports },
    }),
  ];
}

function wanted(
  incident: Incident,
  given: {
    readonly job: JobName;
    readonly step: string;
    readonly round: number;
    readonly attempt?: number;
    readonly input: unknown;
    readonly hash?: string;
    readonly mutates?: boolean;
  },
): WantedOperation {
  const { job, step, round, attempt = 1, input, hash = 'no-plan', mutates = false } = given;
  return {
    key: [incident.id, step, hash, round, attempt].join('/'),
    job,
    step,
    round,
    attempt,
    input,
    mutates,
  };
}

function pages(incident: Incident): readonly WantedOperation[] {
  return incident.pages.map((one) =>
    wanted(incident, {
      job: 'page',
      step: `page-${one.page}`,
      round: one.page,
      input: { role: one.role, level: one.level, reason: one.reason, dedupKey: one.dedupKey },
    }),
  );
}

const JOB_OF_STEP: Readonly<Record<RunStep, JobName>> = {
  'maintenance-on': 'set-maintenance',
  'pause-writers': 'pause-writers',
  'run-down': 'run-down',
  verify: 'verify',
  'resume-services': 'resume-services',
  'check-services': 'check-services',
  'check-performance': 'check-performance',
  'maintenance-off': 'set-maintenance',
};

function runStep(incident: Incident, target: Target): readonly WantedOperation[] {
  const view = viewRun(incident, target);
  if (view === null || (view.phase.phase !== 'under-way' && view.phase.phase !== 'restoring'))
    return [];
  const { wanted: step } = view.phase;
  return [
    wanted(incident, {
      job: JOB_OF_STEP[step.step],
      step: step.step,
      round: view.run.round,
      attempt: step.attempt,
      hash: view.run.hash,
      input: inputOf(step, view.run.hash),
      mutates: step.step === 'run-down',
    }),
  ];
}

function inputOf(step: StepWanted, planHash: string): unknown {
  switch (step.step) {
    case 'maintenance-on':
      return { wanted: 'on' };
    case 'maintenance-off':
      return { wanted: 'off' };
    case 'run-down':
      return { planHash };
    case 'resume-services':
      return { version: step.version };
    case 'pause-writers':
    case 'verify':
    case 'check-services':
    case 'check-performance':
      return {};
  }
}

/** What follows from the state without anybody's word. */
function consequences(incident: Incident, target: Target, now: Date): readonly NewEvent[] {
  return [
    ...drifted(incident),
    ...planChange(incident, target),
    ...startOfRun(incident, target, now),
    ...cancelled(incident),
  ];
}

/** A plan is made as soon as it can be; while a run is under way it stands still. */
function planChange(incident: Incident, target: Target): readonly NewEvent[] {
  if (isRunning(incident, target)) return [];
  const prospect = prospectOf(incident, target);
  const standing = incident.approvals.some(
    (one) => one.state === 'given' && one.hash === incident.plan?.hash,
  );
  if (prospect.state !== 'ready') {
    if (prospect.state === 'waiting' || !standing || incident.plan === undefined) return [];
    const fields = prospect.blocks.map((one) => one.say);
    return [event('approvals-voided', { hash: incident.plan.hash, fields })];
  }
  const hash = hashPlan(prospect.plan);
  if (hash === incident.plan?.hash) return [];
  const made = event('plan-made', { plan: prospect.plan, hash });
  if (incident.plan === undefined || !standing) return [made];
  const fields = [...planDifferences(incident.plan.plan, prospect.plan)];
  return [event('approvals-voided', { hash: incident.plan.hash, fields }), made];
}

function isRunning(incident: Incident, target: Target): boolean {
  const phase = viewRun(incident, target)?.phase.phase;
  return phase === 'under-way' || phase === 'restoring';
}

/** The second approval starts the run, once for each pair of approvals. */
function startOfRun(incident: Incident, target: Target, now: Date): readonly NewEvent[] {
  const { plan } = incident;
  if (plan === undefined || target.policy.start !== 'on_approval' || !mayStart(incident, target))
    return [];
  const keys = bothKeys(incident, plan.hash, now);
  if (keys === null || wasUsed(incident, keys)) return [];
  return [runStarted(incident, keys)];
}

type Keys = NonNullable<ReturnType<typeof bothKeys>>;

/** Both keys were there already when the last run began: a person says `run` to use them again. */
function wasUsed(incident: Incident, keys: Keys): boolean {
  const last = incident.runs.at(-1);
  return last !== undefined && keys.every((one) => one.at <= last.startedAt);
}

export function runStarted(incident: Incident, keys: Keys): NewEvent {
  const [onCall, dba] = keys;
  return event('run-started', {
    round: incident.runs.length + 1,
    hash: onCall.hash,
    approvers: [onCall.by, dba.by],
  });
}

/** A run may begin when none is under way, none needs a person, and the plan is today's. */
export function mayStart(incident: Incident, target: Target): boolean {
  const phase = viewRun(incident, target)?.phase.phase;
  const isFree = phase === undefined || phase === 'put-back';
  const prospect = prospectOf(incident, target);
  return isFree && prospect.state === 'ready' && hashPlan(prospect.plan) === incident.plan?.hash;
}

/** The world was not what was approved: look again, and let people approve what is there now. */
function drifted(incident: Incident): readonly NewEvent[] {
  const down = latest(incident, 'run-down');
  if (down === undefined || !isResultOf('run-down', down.result)) return [];
  const { drift } = down.result;
  const { endedAt } = down;
  if (drift.length === 0 || endedAt === undefined) return [];
  const standing = incident.approvals.find((one) => one.state === 'given' && one.at < endedAt);
  const voided =
    standing === undefined
      ? []
      : [event('approvals-voided', { hash: standing.hash, fields: drift })];
  const assessed = latest(incident, 'assess');
  const isOlder = assessed !== undefined && assessed.queuedAt <= endedAt;
  const isAsked = assessed !== undefined && incident.rounds.assess > assessed.round;
  if (!isOlder || isAsked) return voided;
  return [...voided, event('assessment-asked', { round: incident.rounds.assess + 1 })];
}

/** After an abort, what has not begun does not begin. */
function cancelled(incident: Incident): readonly NewEvent[] {
  const abort = incident.runs.at(-1)?.abort;
  if (abort === undefined) return [];
  return incident.operations
    .filter((one) => one.state === 'queued' && isForward(one, incident))
    .map((one) =>
      event('operation-ended', {
        operation: one.id,
        outcome: 'stopped',
        says: 'It was aborted before this began.',
        foundOut: false,
        evidence: [],
      }),
    );
}

function isForward(operation: Operation, incident: Incident): boolean {
  const steps: readonly RunStep[] = ['maintenance-on', 'pause-writers', 'run-down'];
  return (
    operation.round === incident.runs.length &&
    isRunStep(operation.step) &&
    steps.includes(operation.step)
  );
}

function archiveTimer(incident: Incident): readonly WantedTimer[] {
  if (incident.closed === undefined || incident.archiveDue) return [];
  return [{ key: 'archive', dueAt: incident.closed.archiveAt, event: event('archive-due', {}) }];
}

/** Approvals lapse by themselves, also while nobody looks; during a run they have done their work. */
function expiryTimers(incident: Incident, target: Target): readonly WantedTimer[] {
  if (isRunning(incident, target) || viewRun(incident, target)?.phase.phase === 'done') return [];
  return incident.approvals
    .filter((one) => one.state === 'given')
    .map(({ role, hash, expiresAt, at }) => ({
      key: `approval-expired/${hash}/${role}/${at}`,
      dueAt: expiresAt,
      event: event('approval-expired', { role, hash }),
    }));
}

/** An approval that nobody gives is treated like a page that nobody answers. */
function lateTimers(incident: Incident, target: Target, now: Date): readonly WantedTimer[] {
  const { plan } = incident;
  if (plan === undefined || incident.declined !== undefined || !mayStart(incident, target))
    return [];
  if (incident.runs.length > 0 || incident.abortedAt !== undefined) return [];
  const since = standingApprovals(incident, now).map((one) => one.at);
  const from = Date.parse([plan.at, ...since].toSorted().at(-1) ?? plan.at);
  const dueAt = new Date(from + target.policy.approvalPageMinutes * 60_000).toISOString();
  return missingRoles(incident, now)
    .filter((role) => target.roles[role]?.page !== undefined)
    .flatMap((role, index) => latePage({ incident, role, dueAt, index }));
}

/** Each role is paged for lateness once a plan. */
function latePage(given: {
  readonly incident: Incident;
  readonly role: ApprovalRole;
  readonly dueAt: string;
  readonly index: number;
}): readonly WantedTimer[] {
  const { incident, role, dueAt, index } = given;
  const reason = `An approval as ${role} has been awaited for the plan ${incident.plan?.hash.slice(7, 15)}.`;
  if (incident.pages.some((one) => one.role === role && one.reason === reason)) return [];
  const page = incident.pages.length + 1 + index;
  const level = levelOf(incident, role);
  return [
    {
      key: `late/${incident.plan?.hash}/${role}`,
      dueAt,
      event: event('page-asked', { page, role, level, reason }),
    },
  ];
}

/** The next level of a role: an acknowledged key never rings again, so each call has its own. */
export function levelOf(incident: Incident, role: string): number {
  return incident.pages.filter((one) => one.role === role).length + 1;
}
