/** Where an incident stands once a run has begun. */
import type { Approval, Incident, Operation } from './incident.ts';
import { isOver, latestResult } from './incident.ts';
import type { ApprovalRole } from './names.ts';
import { sayVersion } from './names.ts';
import { rowOf } from './dirty.ts';
import { STEPS_SAID } from './phrases.ts';
import type { RunPhase, RunStep, RunView } from './run.ts';
import { RUN_STEPS } from './run.ts';
import { approvalMoves, awaitedAs, move, plain, planned } from './standing-before.ts';
import type { Move, StageStanding } from './standing.ts';
import type { Target } from './target.ts';
import { asIs, listed } from './text.ts';
import { workOf } from './work.ts';

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
      return rolledBack(running);
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
    headline:
      current?.state === 'lost'
        ? `A worker died while ${STEPS_SAID[step]}. What happened is being looked up.`
        : `${isAborting ? 'Stopping: ' : ''}${capital(STEPS_SAID[step])} (step ${RUN_STEPS.indexOf(step) + 1} of ${RUN_STEPS.length}).`,
    more: [...databaseSaid(running), ...servicesSaid(running)],
    next: isAborting
      ? 'How it ended is looked up; then the services come back in the version that fits.'
      : after(step),
    awaited: [],
    abortCost: abortCost(running, step),
    moves: canAbort
      ? [move(incident, 'abort', 'Abort', 'danger')]
      : [plain(incident, 'page', 'Call somebody')],
  };
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
    more: [...whyItStopped(view), ...databaseSaid(running)],
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
    headline: `${workOf({ step: phase.step }).title}: it did not work. ${asIs(phase.why)}`,
    more: [...databaseSaid(running), ...servicesSaid(running), ...repair],
    next: isDatabaseMatter
      ? 'Nothing further happens by itself. A DBA looks at the database first; `/rollback resume` brings the services back in the version that fits.'
      : 'Nothing further happens by itself. Put it right, then press the button: it goes on from there.',
    awaited: [
      { role: isDatabaseMatter ? 'dba' : 'on_call', people, what: 'a look and a decision' },
    ],
    abortCost: null,
    moves: [resume(running), plain(incident, 'page', 'Call somebody')],
  };
}

/** Where it is not known what fits, a person says so in the form. */
function resume({ incident, view }: Running): Move {
  const fits = { 'rolled-back': 'previous', unchanged: 'same', unknown: null } as const;
  const version = fits[view.database];
  const base = move(incident, 'resume', 'Bring the services back', 'primary');
  return version === null ? base : { ...base, input: { ...base.input, version } };
}

function putBack(running: Running, phase: Phase<'put-back'>): StageStanding {
  const { incident, target, view, missing, given } = running;
  const row = rowOf(incident);
  if (row?.state === 'dirty') return putBackDirty(running, { why: phase.why, ...row });
  const base = {
    stage: 'put-back',
    headline: 'The rollback did not happen, and everything is as it was before.',
    more: [asIs(phase.why), ...putBackServices(view)],
    abortCost: null,
  } as const;
  if (missing.length > 0) {
    return {
      ...base,
      next: 'To try again, two different people approve again. Or `/rollback close`.',
      awaited: missing.map((role) => awaitedAs(role, target, given)),
      moves: approvalMoves(incident),
    };
  }
  return {
    ...base,
    next: 'Both approvals still hold: *Run* tries again. Or `/rollback close`.',
    awaited: [],
    moves: [planned(incident, 'run', 'Run again', 'primary'), plain(incident, 'close', 'Close')],
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
    more: [asIs(row.why), ...putBackServices(view), asIs(row.says)],
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

function putBackServices(view: RunView): readonly string[] {
  return view.services === 'untouched'
    ? ['The services were never stopped.']
    : ['The services are back in the version they had.'];
}

function rolledBack(running: Running): StageStanding {
  const { incident, view } = running;
  return {
    stage: 'rolled-back',
    headline:
      view.database === 'rolled-back'
        ? `Done: the database is rolled back${reached(incident, view)} and the services are back.`
        : 'The services are back. The database was not rolled back.',
    more: [],
    next: 'Watch the error logs (9.4), answer section 12, then close.',
    awaited: [],
    abortCost: null,
    moves: [move(incident, 'close', 'Close', 'primary')],
  };
}

function reached(incident: Incident, view: RunView): string {
  const plan = incident.plans.find((one) => one.hash === view.run.hash)?.plan;
  return plan === undefined ? '' : ` to ${sayVersion(plan.to)}`;
}

function databaseSaid({ incident, view }: Running): readonly string[] {
  const down = operationOf(view, 'run-down');
  if (down === undefined || down.state === 'queued') return ['The database is unchanged.'];
  if (!isOver(down)) return ['The database is being changed; how far is not known yet.'];
  switch (view.database) {
    case 'unchanged':
      return ['The database is unchanged.'];
    case 'rolled-back':
      return [`The database is rolled back${reached(incident, view)}.`];
    case 'unknown':
      return [`What the database is now is unknown. ${asIs(rowOf(incident)?.says ?? '')}`.trim()];
  }
}

function servicesSaid({ target: { services }, view }: Running): readonly string[] {
  const names = listed(services.map((one) => one.name));
  if (services.length === 0) return [];
  switch (view.services) {
    case 'untouched':
      return [];
    case 'stopped':
      return [`Stopped by us: ${names}.`];
    case 'partly-back':
      return [`*Not every service is back*: ${notBack(view) || names}.`];
    case 'back-same':
      return [`Back in the version they had: ${names}.`];
    case 'back-previous':
      return [`Back in the previous version: ${names}.`];
  }
}

function notBack(view: RunView): string {
  const result = view.operations.findLast((one) => one.step === 'resume-services')?.result;
  if (result?.job !== 'resume-services') return '';
  return listed(result.services.filter((one) => !one.ok).map((one) => one.service));
}

function operationOf(view: RunView, step: RunStep): Operation | undefined {
  return view.operations.findLast((one) => one.step === step);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
