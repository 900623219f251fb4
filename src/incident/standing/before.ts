/** Where an incident stands before its rollback: being prepared, blocked, or waiting for two people. */
import { rowOf } from '../reports/dirty.ts';
import { sayNotExported } from '../reports/backup-report.ts';
import { bothKeys, missingRoles, standingApprovals } from '../plan/approvals.ts';
import { openForPeople } from '../checklist/checklist.ts';
import type { Approval, Incident } from '../incident.ts';
import { latest, latestResult } from '../incident.ts';
import type { ApprovalRole } from '../names.ts';
import { ROLE_TITLES, sayVersion } from '../names.ts';
import { mayStart } from '../flow/starting.ts';
import type { Block } from '../plan/blocks.ts';
import { prospectOf } from '../plan/prospect.ts';
import type { RunView } from '../flow/run.ts';
import type { Awaited, Move, StageStanding } from './standing.ts';
import type { Target } from '../target.ts';
import { asIs, listed, listedUpTo, mention, moment } from '../text.ts';

const SERVICES_MAX = 4;

interface Before {
  readonly incident: Incident;
  readonly target: Target;
  readonly now: Date;
  /** What is true of earlier attempts. */
  readonly earlier: readonly string[];
}

const NOTHING_CHANGED = 'Nothing has been changed.';

/** An attempt that was put back may have left the version row dirty: then that is not nothing. */
export function changedSaid(incident: Incident): string {
  const isDirty = incident.runs.length > 0 && rowOf(incident)?.state === 'dirty';
  return isDirty ? 'The schema is as it was; the version row was left dirty.' : NOTHING_CHANGED;
}

function abortCost({ incident }: Before): string {
  const said = changedSaid(incident);
  return said === NOTHING_CHANGED
    ? 'Nothing has been changed, so aborting costs nothing.'
    : `${said} Aborting leaves that so.`;
}

/** After an attempt was put back, a new plan or a new approval begins anew. */
export function isBeforeRun(incident: Incident, view: RunView): boolean {
  if (view.phase.phase !== 'put-back') return false;
  const isOtherPlan = incident.plan !== undefined && incident.plan.hash !== view.run.hash;
  const isApprovedAgain = incident.approvals.some(
    (one) => one.at > view.run.startedAt && one.state === 'given',
  );
  const isAskedAgain = incident.operations.some(
    (one) => (one.step === 'assess' || one.step === 'back-up') && one.queuedAt > view.run.startedAt,
  );
  return isOtherPlan || isApprovedAgain || isAskedAgain;
}

export function preparationStanding(before: Before): StageStanding {
  const { incident, target } = before;
  const prospect = prospectOf(incident, target);
  if (prospect.state === 'waiting') return preparing(before, prospect.for);
  if (prospect.state === 'blocked') return blocked(before, prospect.blocks);
  if (incident.declined !== undefined) return declined(before);
  if (!mayStart(incident, target)) return preparing(before, ['the new plan']);
  return approving(before);
}

function preparing(before: Before, waiting: readonly string[]): StageStanding {
  const { incident, earlier } = before;
  return {
    stage: 'preparing',
    headline: `Waiting for ${listed(waiting)}. ${changedSaid(incident)}`,
    more: [...lost(before), ...earlier],
    next: 'The plan follows by itself. Meanwhile, answer what is open in sections 1 to 3.',
    awaited: [],
    abortCost: abortCost(before),
    moves: [plain(incident, 'plan', 'How far is it?'), plain(incident, 'page', 'Call somebody')],
  };
}

function blocked(before: Before, blocks: readonly Block[]): StageStanding {
  const { incident, earlier } = before;
  const [first, ...others] = blocks;
  const retry: Move =
    first?.code === 'back-up-failed' || first?.code.endsWith('backup') === true
      ? move(incident, 'back-up', 'Back up again', 'primary')
      : { ...move(incident, 'plan', 'Look again', 'primary'), input: again(incident) };
  return {
    stage: 'blocked',
    headline: `There is no plan: ${asIs(first?.say ?? 'nothing is known yet.')}`,
    more: [...others.map((one) => asIs(`${one.say} ${one.next}`)), ...earlier],
    next: asIs(first?.next ?? '`/rollback plan` tells more.'),
    awaited: [],
    abortCost: abortCost(before),
    moves: [retry, plain(incident, 'page', 'Call somebody')],
  };
}

function again(incident: Incident): Move['input'] {
  return { incident: incident.id, again: true };
}

function declined(before: Before): StageStanding {
  const { incident, earlier } = before;
  const { declined: no } = incident;
  const who = no?.by.kind === 'person' ? mention(no.by.person) : 'Somebody';
  return {
    stage: 'blocked',
    headline: `${who} declined the plan: ${asIs(no?.why ?? 'no reason given')}`,
    more: [changedSaid(incident), ...earlier],
    next: `Talk about it. ${who} can approve it after all, \`/rollback plan\` changes it, \`/rollback close\` ends the incident.`,
    awaited: [],
    abortCost: abortCost(before),
    moves: [plain(incident, 'plan', 'Show the plan'), plain(incident, 'close', 'Close')],
  };
}

function approving(before: Before): StageStanding {
  const { incident, target, now, earlier } = before;
  const missing = missingRoles(incident, now);
  const given = standingApprovals(incident, now);
  const { plan } = incident;
  const way = plan === undefined ? '' : ` from ${plan.plan.from} to ${sayVersion(plan.plan.to)}`;
  const more = [...notTaken(before), ...given.map(saidYes), ...lost(before), ...earlier];
  const isReady = plan !== undefined && bothKeys(incident, plan.hash, now) !== null;
  if (isReady) {
    return {
      stage: 'approved',
      headline: `Approved: the rollback${way}. Nothing has been changed yet.`,
      more,
      next: 'Somebody presses *Run*.',
      awaited: [],
      abortCost: abortCost(before),
      moves: [
        runMove(incident, 'Run'),
        { ...plain(incident, 'abort', 'Abort'), confirm: ABORTED_BEFORE },
      ],
    };
  }
  return {
    stage: 'awaiting-approval',
    headline: `The plan is ready: roll back${way}. ${changedSaid(incident)}`,
    more,
    next:
      target.policy.start === 'on_approval'
        ? 'Two different people approve it. The second approval starts the run.'
        : 'Two different people approve it. Then somebody presses *Run*.',
    awaited: missing.map((role) => awaitedAs(role, target, given)),
    abortCost: abortCost(before),
    moves: approvalMoves(incident, target, missing),
  };
}

const ABORTED_BEFORE = 'Nothing has been changed. Approvals given so far no longer count.';

/** Where the next yes starts the run, and no form stands before it, the button asks first. */
export function approvalMoves(
  incident: Incident,
  target: Target,
  missing: readonly ApprovalRole[],
): readonly Move[] {
  const approve = planned(incident, 'approve', 'Approve', 'primary');
  const isLast = missing.length === 1 && target.policy.start === 'on_approval';
  const startsAtOnce = isLast && openForPeople(incident, target, 'approve').length === 0;
  return [
    startsAtOnce ? { ...approve, confirm: startsNow(incident) } : approve,
    planned(incident, 'decline', 'Decline', 'plain'),
  ];
}

export function runMove(incident: Incident, label: string): Move {
  return { ...planned(incident, 'run', label, 'primary'), confirm: startsNow(incident) };
}

function startsNow({ target, plan }: Incident): string {
  if (plan === undefined) return 'Starts now.';
  const { from, to, services } = plan.plan;
  const stopped = services.length === 0 ? 'no service' : listedUpTo(services, SERVICES_MAX);
  return `Starts now: ${target} ${from} → ${sayVersion(to)}. Stops ${stopped}.`;
}

/** Whoever holds the other key already cannot turn this one too. */
export function awaitedAs(role: ApprovalRole, target: Target, given: readonly Approval[]): Awaited {
  const taken = given.map((one) => one.by);
  const people = (target.roles[role]?.people ?? []).filter((one) => !taken.includes(one));
  return { role, people, what: `approval as ${ROLE_TITLES[role]}` };
}

export function saidYes(approval: Approval): string {
  const { role, by, at, expiresAt } = approval;
  return `${mention(by)} approved as ${ROLE_TITLES[role]} ${moment(at)}; it holds until ${moment(expiresAt)}.`;
}

/** The plan stands on the backup before, or on one without what was named: neither may go unnoticed. */
function notTaken({ incident }: Before): readonly string[] {
  const newest = latest(incident, 'back-up');
  if (newest?.state !== 'failed') {
    const backup = latestResult(incident, 'back-up')?.backup;
    const missing = backup === undefined ? '' : sayNotExported(backup);
    return missing === '' ? [] : [asIs(missing)];
  }
  return [`${asIs(newest.says ?? 'The newest backup failed.')} The plan stands on the one before.`];
}

/** Why approvals that were there are gone. */
function lost({ incident }: Before): readonly string[] {
  const voided =
    incident.voided === undefined
      ? []
      : [`Approvals were lost, because this changed: ${asIs(listed(incident.voided.fields))}.`];
  const expired =
    incident.plan !== undefined &&
    incident.approvals.some((one) => one.state === 'expired' && one.hash === incident.plan?.hash) &&
    !incident.approvals.some((one) => one.state === 'given')
      ? ['An approval has expired.']
      : [];
  const aborted =
    incident.abortedAt !== undefined && incident.runs.length === 0
      ? [`It was aborted ${moment(incident.abortedAt)}, before anything was changed.`]
      : [];
  return [...voided, ...expired, ...aborted];
}

export function move(incident: Incident, verb: string, label: string, style: Move['style']): Move {
  return { verb, label, style, input: { incident: incident.id } };
}

export function plain(incident: Incident, verb: string, label: string): Move {
  return move(incident, verb, label, 'plain');
}

/** The button carries the plan that stands beside it. */
function planned(incident: Incident, verb: string, label: string, style: Move['style']): Move {
  const hash = incident.plan?.hash;
  return {
    verb,
    label,
    style,
    input: { incident: incident.id, ...(hash === undefined ? {} : { hash }) },
  };
}
