/** What happens by the passing of time alone: approvals lapse, lateness is paged, channels are archived. */
import { missingRoles, standingApprovals } from '../plan/approvals.ts';
import { event } from '../events.ts';
import type { Incident } from '../incident.ts';
import type { ApprovalRole, PlanHash } from '../names.ts';
import { ROLE_TITLES } from '../names.ts';
import { shortHash } from '../plan/plan.ts';
import { viewRun } from './run.ts';
import { isRunning, mayStart } from './starting.ts';
import type { Target } from '../target.ts';
import type { WantedTimer } from './wanted.ts';

export function archiveTimer(incident: Incident): readonly WantedTimer[] {
  if (incident.closed === undefined || incident.archiveDue) return [];
  return [{ key: 'archive', dueAt: incident.closed.archiveAt, event: event('archive-due', {}) }];
}

/** Approvals lapse by themselves, also while nobody looks; during a run they have done their work. */
export function expiryTimers(incident: Incident, target: Target): readonly WantedTimer[] {
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
export function lateTimers(incident: Incident, target: Target, now: Date): readonly WantedTimer[] {
  const { plan } = incident;
  if (plan === undefined || incident.declined !== undefined || !mayStart(incident, target))
    return [];
  if (incident.runs.length > 0 || incident.abortedAt !== undefined) return [];
  const since = standingApprovals(incident, now).map((one) => one.at);
  const from = Date.parse([plan.at, ...since].toSorted().at(-1) ?? plan.at);
  const dueAt = new Date(from + target.policy.approvalPageMinutes * 60_000).toISOString();
  return missingRoles(incident, now)
    .filter((role) => target.roles[role]?.page !== undefined)
    .flatMap((role, index) => latePage({ incident, hash: plan.hash, role, dueAt, index }));
}

/** Each role is paged for lateness once a plan. */
function latePage(given: {
  readonly incident: Incident;
  readonly hash: PlanHash;
  readonly role: ApprovalRole;
  readonly dueAt: string;
  readonly index: number;
}): readonly WantedTimer[] {
  const { incident, hash, role, dueAt, index } = given;
  const reason = `The plan ${shortHash(hash)} waits for an approval by the ${ROLE_TITLES[role]}.`;
  if (incident.pages.some((one) => one.role === role && one.reason === reason)) return [];
  const page = incident.pages.length + 1 + index;
  const level = levelOf(incident, role);
  return [
    {
      key: `late/${hash}/${role}`,
      dueAt,
      event: event('page-asked', { page, role, level, reason }),
    },
  ];
}

/** The next level of a role: an acknowledged key never rings again, so each call has its own. */
export function levelOf(incident: Incident, role: string): number {
  return incident.pages.filter((one) => one.role === role).length + 1;
}
