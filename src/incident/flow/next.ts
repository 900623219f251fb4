/**
 * What an incident now wants, by itself: the only place where step follows step.
 * Pure, and run inside every append; wanting twice makes one, because of the natural key.
 */
import type { NewEvent } from '../events.ts';
import { event } from '../events.ts';
import type { Incident, Operation } from '../incident.ts';
import { isOpen, isResultOf, latest } from '../incident.ts';
import { hashPlan, planDifferences, THE_BACKUP } from '../plan/plan.ts';
import { prospectOf } from '../plan/prospect.ts';
import type { JobName } from '../facts/results.ts';
import type { RunStep, StepWanted } from './run.ts';
import { isRunStep, viewRun } from './run.ts';
import { isRunning, startOfRun } from './starting.ts';
import type { Target } from '../target.ts';
import { archiveTimer, expiryTimers, lateTimers } from './timers.ts';
import type { Wanted, WantedOperation } from './wanted.ts';

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
    // Nothing can start from a dirty row; once it is set right, the same plan is still approved.
    if (prospect.blocks.every((one) => one.code === 'dirty')) return [];
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
  return [
    ...voided,
    ...(isStale(incident, { than: down, step: 'assess', round: incident.rounds.assess })
      ? [event('assessment-asked', { round: incident.rounds.assess + 1 })]
      : []),
    // Looking again does not bring a backup back.
    ...(drift.includes(THE_BACKUP) &&
    isStale(incident, { than: down, step: 'back-up', round: incident.rounds.backUp })
      ? [
          event('back-up-asked', {
            round: incident.rounds.backUp + 1,
            exports: [...incident.exports],
          }),
        ]
      : []),
  ];
}

/** The newest of a step is older than this operation, and no other one is asked for. */
function isStale(
  incident: Incident,
  given: { readonly than: Operation; readonly step: string; readonly round: number },
): boolean {
  const { operations } = incident;
  const newest = latest(incident, given.step);
  // By their order and not by the clock: what follows in the same transaction has the same time.
  return (
    newest !== undefined &&
    operations.indexOf(newest) < operations.indexOf(given.than) &&
    given.round <= newest.round
  );
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
