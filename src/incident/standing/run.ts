/** Where an incident stands once a run has begun. */
import type { Approval, Incident, Operation } from '../incident.ts';
import { latestResult } from '../incident.ts';
import type { ApprovalRole } from '../names.ts';
import { rowOf } from '../reports/dirty.ts';
import { STEPS_SAID } from '../phrases.ts';
import type { RunPhase, RunStep, RunView } from '../flow/run.ts';
import { isLastCheck, RUN_STEPS } from '../flow/run.ts';
import { approvalMoves, awaitedAs, move, plain, runMove } from './before.ts';
import { doneStanding } from './done.ts';
import {
  databaseSaid,
  maintenanceSaid,
  operationOf,
  putBackServices,
  servicesSaid,
  toolSaid,
} from './said.ts';
import type { Move, StageStanding } from './standing.ts';
import type { Target } from '../target.ts';
import { asIs } from '../text.ts';
import { workOf } from '../flow/work.ts';

interface Running {
  readonly incident: Incident;
  readonly target: Target;
  readonly view: RunView;
  readonly missing: readonly ApprovalRole[];
  readonly given: readonly Approval[];
}

type Phase<Name extends RunPhase['phase']> = Extract<RunPhase, { phase: Name }>;

export function runStanding(running: Running): StageStanding {
  const { phase } = running.view;
  switch (phase.phase) {
    case 'under-way':
      return underWay(running, phase);
    case 'restoring':
      return restoring(running, phase);
    case 'needs-a-person':
      return needsAPerson(running, phase);
    case 'put-back':
      return putBack(running, phase);
    case 'done':
      return doneStanding(running);
  }
}

function underWay(running: Running, phase: Phase<'under-way'>): StageStanding {
  const { incident, view } = running;
  const { step } = phase.wanted;
  const current = operationOf(view, step);
  const isAborting = view.run.abort !== undefined;
  const canAbort = !isAborting && isUpToDown(step);
  return {
    stage: 'running',
    headline: headlineOf(step, current?.state, isAborting),
    more: [...databaseSaid(running), ...servicesSaid(running)],
    next: isAborting
      ? 'How it ended is looked up; then the services come back in the version that fits.'
      : after(step),
    awaited: [],
    abortCost: abortCost(running, step),
    moves: canAbort
      ? [{ ...move(incident, 'abort', 'Abort', 'danger'), confirm: abortCost(running, step) }]
      : [plain(incident, 'page', 'Call somebody')],
  };
}

/** What is only queued is not being done yet. */
function headlineOf(
  step: RunStep,
  state: Operation['state'] | undefined,
  isAborting: boolean,
): string {
  const place = `(step ${RUN_STEPS.indexOf(step) + 1} of ${RUN_STEPS.length})`;
  if (state === 'lost') {
    return `A worker died while ${STEPS_SAID[step]}. What happened is being looked up.`;
  }
  if (isAborting) return `Stopping: ${STEPS_SAID[step]} ${place}.`;
  return state === 'running'
    ? `${capital(STEPS_SAID[step])} ${place}.`
    : `A worker is awaited for: ${workOf({ step }).title} ${place}.`;
}

function after(step: RunStep): string {
  const following = RUN_STEPS.slice(RUN_STEPS.indexOf(step) + 1).at(0);
  return following === undefined
    ? 'Then it is done.'
    : `By itself: ${workOf({ step: following }).title.toLowerCase()}.`;
}

function isUpToDown(step: RunStep): boolean {
  return RUN_STEPS.indexOf(step) <= RUN_STEPS.indexOf('run-down');
}

function abortCost({ incident, view }: Running, step: RunStep): string {
  if (!isUpToDown(step)) {
    return 'It is too late to abort: the database is rolled back, and aborting would undo nothing.';
  }
  const down = operationOf(view, 'run-down');
  if (down?.state !== 'running' && down?.state !== 'lost') {
    return 'Aborting now brings the services back as they were. The database has not been touched.';
  }
  const isWhole = undoneFiles(incident).every((one) => one.down?.transactional ?? true);
  return isWhole
    ? 'Aborting now asks PostgreSQL to cancel. A file that is cut short leaves nothing behind, files that were done stay done; how it ended is looked up.'
    : 'Aborting now may leave the database half-way: a down file commits by itself. How it ended is looked up.';
}

function undoneFiles(incident: Incident) {
  const files = incident.plan?.plan.files.map((one) => one.version) ?? [];
  const folder = latestResult(incident, 'assess')?.facts.folder.migrations ?? [];
  return folder.filter((one) => files.includes(one.version));
}

function restoring(running: Running, phase: Phase<'restoring'>): StageStanding {
  const { incident, view } = running;
  const { step } = phase.wanted;
  const isLost = operationOf(view, step)?.state === 'lost';
  return {
    stage: 'restoring',
    headline: isLost
      ? `A worker died while ${STEPS_SAID[step]}. What happened is being looked up.`
      : `Putting back what was stopped: ${STEPS_SAID[step]}.`,
    more: [...whyItStopped(view), ...toolSaid(view), ...databaseSaid(running)],
    next:
      view.database === 'rolled-back'
        ? 'The services come back in the version that fits the database, and are checked.'
        : 'The services come back as they were.',
    awaited: [],
    abortCost: null,
    moves: [plain(incident, 'page', 'Call somebody')],
  };
}

function whyItStopped(view: RunView): readonly string[] {
  const failed = view.operations.findLast(
    (one) => one.state === 'failed' || one.state === 'stopped',
  );
  if (failed?.says !== undefined) return [`It stopped at: ${asIs(failed.says)}`];
  return view.run.abort === undefined ? [] : ['It was aborted.'];
}

function needsAPerson(running: Running, phase: Phase<'needs-a-person'>): StageStanding {
  const { incident, target, view } = running;
  const row = rowOf(incident);
  const repair = row === null || row.next === '' ? [] : [asIs(row.next)];
  const isDatabaseMatter = view.database === 'unknown';
  const people = target.roles[isDatabaseMatter ? 'dba' : 'on_call']?.people ?? [];
  return {
    stage: 'needs-a-person',
    headline:
      phase.step === 'check-services'
        ? asIs(phase.why)
        : `${workOf({ step: phase.step }).title}: it did not work. ${asIs(phase.why)}`,
    more: [
      ...maintenanceSaid(view),
      ...toolSaid(view),
      ...databaseSaid(running),
      ...servicesSaid(running),
      ...repair,
    ],
    next: isDatabaseMatter
      ? 'Nothing further happens by itself. A DBA looks at the database first; `/rollback resume` brings the services back in the version that fits.'
      : `Nothing further happens by itself. ${wayOn(view, phase.step)}`,
    awaited: [
      { role: isDatabaseMatter ? 'dba' : 'on_call', people, what: 'a look and a decision' },
    ],
    abortCost: null,
    moves: [resume(running, phase.step), plain(incident, 'page', 'Call somebody')],
  };
}

function wayOn(view: RunView, step: RunStep): string {
  const isMaintenance = view.maintenance === 'on' || view.maintenance === 'unknown';
  switch (step) {
    case 'check-services': {
      const last = isMaintenance ? 'maintenance is switched off' : 'the run ends';
      return isLastCheck(view)
        ? `If you press the button once more, the services are checked again, and ${last} *whatever the checks say*.`
        : `Put it right, then press the button: the services are checked again. If they are still not well, pressing it once more ends the run all the same.`;
    }
    case 'maintenance-off':
      return 'Put the command right, then press the button: it is run again. Or switch maintenance off by hand.';
    default:
      return 'Put it right, then press the button: it goes on from there.';
  }
}

/** Where it is not known what fits, a person says so in the form. */
function resume({ incident, view }: Running, step: RunStep): Move {
  const fits = { 'rolled-back': 'previous', unchanged: 'same', unknown: null } as const;
  const version = fits[view.database];
  const base = move(incident, 'resume', resumeLabel(view, step), 'primary');
  return version === null ? base : { ...base, input: { ...base.input, version } };
}

function resumeLabel(view: RunView, step: RunStep): string {
  if (step === 'maintenance-off') return 'Switch maintenance off';
  if (step !== 'check-services') return 'Bring the services back';
  if (!isLastCheck(view)) return 'Check again';
  return view.maintenance === 'on' ? 'Maintenance off anyway' : 'Finish anyway';
}

function putBack(running: Running, phase: Phase<'put-back'>): StageStanding {
  const { incident, target, view, missing, given } = running;
  const row = rowOf(incident);
  if (row?.state === 'dirty') return putBackDirty(running, { why: phase.why, ...row });
  const base = {
    stage: 'put-back',
    headline: 'The rollback did not happen, and everything is as it was before.',
    more: [asIs(phase.why), ...toolSaid(view), ...putBackServices(view)],
    abortCost: null,
  } as const;
  if (missing.length > 0) {
    return {
      ...base,
      next: 'To try again, two different people approve again. Or `/rollback close`.',
      awaited: missing.map((role) => awaitedAs(role, target, given)),
      moves: approvalMoves(incident, target, missing),
    };
  }
  return {
    ...base,
    next: 'Both approvals still hold: *Run* tries again. Or `/rollback close`.',
    awaited: [],
    moves: [runMove(incident, 'Run again'), plain(incident, 'close', 'Close')],
  };
}

/** Everything is as it was but the row in which the tool notes what it does: it has to be set right first. */
function putBackDirty(
  { incident, target, view }: Running,
  row: { readonly why: string; readonly says: string; readonly next: string },
): StageStanding {
  const again = { incident: incident.id, again: true };
  return {
    stage: 'put-back',
    headline: 'The rollback did not happen. The version row is left dirty.',
    more: [asIs(row.why), ...toolSaid(view), ...putBackServices(view), asIs(row.says)],
    next: `${asIs(row.next)} Then press *Look again*.`,
    awaited: [
      { role: 'dba', people: target.roles.dba?.people ?? [], what: 'the version row set right' },
    ],
    abortCost: null,
    moves: [
      { ...move(incident, 'plan', 'Look again', 'primary'), input: again },
      plain(incident, 'page', 'Call somebody'),
    ],
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
