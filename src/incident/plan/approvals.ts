/** The two keys: who has turned which, for what, and how long that holds. */
import type { Approval, Incident } from '../incident.ts';
import type { ApprovalRole, PersonId, PlanHash } from '../names.ts';
import { APPROVAL_ROLES } from '../names.ts';
import type { Target } from '../target.ts';

/** The approvals that count now: for exactly this plan, given, not yet expired. */
export function standingApprovals(incident: Incident, now: Date): readonly Approval[] {
  const { plan } = incident;
  if (plan === undefined) return [];
  return incident.approvals.filter(
    (one) =>
      one.hash === plan.hash && one.state === 'given' && Date.parse(one.expiresAt) > now.getTime(),
  );
}

export function missingRoles(incident: Incident, now: Date): readonly ApprovalRole[] {
  const given = standingApprovals(incident, now).map((one) => one.role);
  return APPROVAL_ROLES.filter((role) => !given.includes(role));
}

/** Both keys, by two different people, for this hash: otherwise null. */
export function bothKeys(
  incident: Incident,
  hash: PlanHash,
  now: Date,
): readonly [Approval, Approval] | null {
  const standing = standingApprovals(incident, now).filter((one) => one.hash === hash);
  const onCall = standing.find((one) => one.role === 'on_call');
  const dba = standing.find((one) => one.role === 'dba');
  if (onCall === undefined || dba === undefined || onCall.by === dba.by) return null;
  return [onCall, dba];
}

/** The approving roles that this person holds; an empty list of people lets nobody in. */
export function approvalRolesOf(target: Target, person: PersonId): readonly ApprovalRole[] {
  return APPROVAL_ROLES.filter((role) => target.roles[role]?.people.includes(person) ?? false);
}
