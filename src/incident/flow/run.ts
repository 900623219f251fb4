/** One attempt to roll back: which step is next, what the database is, what the services are. */
import type { Incident, Operation, Run } from '../incident.ts';
import { isOver, isResultOf } from '../incident.ts';
import type { ResultOf, SchemaState } from '../facts/results.ts';
import type { Target } from '../target.ts';

/** The steps, in order. Up to and with `run-down` a failure changes nothing that is not put back. */
export const RUN_STEPS = [
  'maintenance-on',
  'pause-writers',
  'run-down',
  'verify',
  'resume-services',
  'check-services',
  'check-performance',
  'maintenance-off',
] as const;
export type RunStep = (typeof RUN_STEPS)[number];

/** What has to happen, whatever happened before, so that the services are back. */
const WAY_BACK = ['resume-services', 'maintenance-off'] as const satisfies readonly RunStep[];
const TAIL = RUN_STEPS.slice(RUN_STEPS.indexOf('resume-services'));

/** The run's own check and one that a person asked for: who asks again has seen both. */
const CHECKS_UNTIL_PASSED = 2;

export interface StepWanted {
  readonly step: RunStep;
  readonly attempt: number;
  /** For `resume-services`: the version that fits the schema. */
  readonly version: 'previous' | 'same';
}

export type RunPhase =
  | { readonly phase: 'under-way'; readonly wanted: StepWanted }
  /** Putting back what was stopped, after a failure or an abort. */
  | { readonly phase: 'restoring'; readonly wanted: StepWanted }
  | { readonly phase: 'done' }
  /** Over, everything is as it was before. */
  | { readonly phase: 'put-back'; readonly why: string }
  /** Nothing further happens by itself. */
  | { readonly phase: 'needs-a-person'; readonly why: string; readonly step: RunStep };

export interface RunView {
  readonly run: Run;
  readonly phase: RunPhase;
  readonly database: SchemaState;
  readonly services: 'untouched' | 'stopped' | 'back-same' | 'back-previous' | 'partly-back';
  readonly maintenance: 'untouched' | 'on' | 'off' | 'unknown';
  readonly operations: readonly Operation[];
}

function operationsOf(incident: Incident, run: Run): readonly Operation[] {
  return incident.operations.filter((one) => one.round === run.round && isRunStep(one.step));
}

export function isRunStep(step: string): step is RunStep {
  return RUN_STEPS.some((one) => one === step);
}

/** The newest run as it is now; null before the first. */
export function viewRun(incident: Incident, target: Target): RunView | null {
  const run = incident.runs.at(-1);
  if (run === undefined) return null;
  const operations = operationsOf(incident, run);
  const database = schemaAfter(operations);
  return {
    run,
    operations,
    database,
    services: servicesAfter(operations),
    maintenance: maintenanceAfter(operations),
    phase: phaseOf({ run, operations, database, target }),
  };
}

/** By what was found in the database, never by what a tool said. */
function schemaAfter(operations: readonly Operation[]): SchemaState {
  const down = newest(operations, 'run-down');
  if (down === undefined || down.startedAt === undefined) return 'unchanged';
  if (!isOver(down)) return 'unknown';
  return isResultOf('run-down', down.result) ? down.result.schema : 'unknown';
}

function servicesAfter(operations: readonly Operation[]): RunView['services'] {
  if (!wasPaused(operations)) return 'untouched';
  const resumed = resumedBy(operations);
  if (resumed === null) return 'stopped';
  if (!resumed.isWhole) return 'partly-back';
  return resumed.result.services.some((one) => one.switched) ? 'back-previous' : 'back-same';
}

/** How services were last brought back; null when nobody has, or nobody knows how it went. */
export function resumedBy(
  operations: readonly Operation[],
): { readonly isWhole: boolean; readonly result: ResultOf<'resume-services'> } | null {
  const ended = operations.findLast((one) => one.step === 'resume-services' && isOver(one));
  if (ended === undefined || !isResultOf('resume-services', ended.result)) return null;
  return { isWhole: ended.state === 'succeeded', result: ended.result };
}

/** False also where stopping ended before the first service: it remembers none then. */
function wasPaused(operations: readonly Operation[]): boolean {
  const pause = newest(operations, 'pause-writers');
  if (pause?.startedAt === undefined) return false;
  return !isResultOf('pause-writers', pause.result) || pause.result.services.length > 0;
}

function maintenanceAfter(operations: readonly Operation[]): RunView['maintenance'] {
  const on = newest(operations, 'maintenance-on');
  const off = newest(operations, 'maintenance-off');
  // Aborted before it began, or nothing to switch.
  if (on === undefined || (isOver(on) && on.startedAt === undefined)) return 'untouched';
  if (isResultOf('set-maintenance', on.result) && !on.result.configured) return 'untouched';
  if (off?.state === 'succeeded') return 'off';
  return on.state === 'succeeded' ? 'on' : 'unknown';
}

function newest(operations: readonly Operation[], step: RunStep): Operation | undefined {
  return operations.findLast((one) => one.step === step);
}

interface Position {
  readonly run: Run;
  readonly operations: readonly Operation[];
  readonly database: SchemaState;
  readonly target: Target;
}

function phaseOf(at: Position): RunPhase {
  const asked = at.run.resumes.at(-1);
  if (asked !== undefined) {
    const steps = at.database === 'rolled-back' ? TAIL : WAY_BACK;
    return walk(at, { steps, attempt: asked.attempt, version: asked.version, phase: 'restoring' });
  }
  const stopped = whyStopped(at);
  if (stopped === null) {
    return walk(at, { steps: RUN_STEPS, attempt: 1, version: 'previous', phase: 'under-way' });
  }
  if (at.database !== 'unchanged') {
    return { phase: 'needs-a-person', why: stopped.why, step: stopped.step };
  }
  const touched = at.operations.some(
    (one) => one.step === 'maintenance-on' || one.step === 'pause-writers',
  );
  if (!touched) return { phase: 'put-back', why: stopped.why };
  const back = walk(at, { steps: WAY_BACK, attempt: 1, version: 'same', phase: 'restoring' });
  return back.phase === 'done' ? { phase: 'put-back', why: stopped.why } : back;
}

/** A step up to `run-down` that failed, or an abort before the schema changed; anything later stops in `walk`. */
function whyStopped(at: Position): { readonly why: string; readonly step: RunStep } | null {
  const upToDown = at.operations.filter((one) => isBeforeVerify(one.step));
  const ended = upToDown.find((one) => one.state === 'failed' || one.state === 'stopped');
  if (ended !== undefined && isRunStep(ended.step)) {
    return { why: ended.says ?? `${ended.step} did not succeed`, step: ended.step };
  }
  const underWay = upToDown.some((one) => !isOver(one));
  if (at.run.abort === undefined || underWay || at.database === 'rolled-back') return null;
  return { why: 'It was aborted.', step: 'run-down' };
}

function isBeforeVerify(step: string): boolean {
  return step === 'maintenance-on' || step === 'pause-writers' || step === 'run-down';
}

interface Walk {
  readonly steps: readonly RunStep[];
  readonly attempt: number;
  readonly version: 'previous' | 'same';
  readonly phase: 'under-way' | 'restoring';
}

/** The first step that has not succeeded is the one that is wanted; one that failed stops the walk. */
function walk(at: Position, way: Walk): RunPhase {
  for (const step of way.steps) {
    const done = at.operations.findLast((one) => one.step === step && one.attempt === way.attempt);
    if (done === undefined || !isOver(done)) {
      return { phase: way.phase, wanted: { step, attempt: way.attempt, version: way.version } };
    }
    if (done.state !== 'succeeded' && !mayPass(at, done)) {
      return { phase: 'needs-a-person', why: done.says ?? `${step} did not succeed`, step };
    }
  }
  return { phase: 'done' };
}

/** What a check found is no reason to stop for ever: slow queries never, ill services until somebody insists. */
function mayPass({ operations }: Position, { step, attempt }: Operation): boolean {
  if (step === 'check-performance') return true;
  return step === 'check-services' && failedChecks(operations, attempt) >= CHECKS_UNTIL_PASSED;
}

/** How often the services were found ill before this attempt. */
function failedChecks(operations: readonly Operation[], attempt: number): number {
  return operations.filter(
    (one) =>
      one.step === 'check-services' &&
      one.attempt < attempt &&
      isOver(one) &&
      one.state !== 'succeeded',
  ).length;
}

/** The next `resume` finishes, whatever the checks say. */
export function isLastCheck({ operations }: RunView): boolean {
  return failedChecks(operations, Number.POSITIVE_INFINITY) >= CHECKS_UNTIL_PASSED;
}

/** The newest check found services ill. */
export function areServicesIll({ operations }: Pick<RunView, 'operations'>): boolean {
  const checked = operations.findLast((one) => one.step === 'check-services' && isOver(one));
  return checked !== undefined && checked.state !== 'succeeded';
}
