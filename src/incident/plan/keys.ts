/** Which of the two keys somebody turns, and why one cannot be turned: one person, one key; one key, one turn. */
import { approvalRolesOf, standingApprovals } from './approvals.ts';
import type { Approval, Incident } from '../incident.ts';
import type { ApprovalRole, PersonId } from '../names.ts';
import { APPROVAL_ROLES, ROLE_TITLES } from '../names.ts';
import { awaitedFor, peopleIn } from '../phrases.ts';
import type { Refusal } from '../refusal.ts';
import { refuse } from '../refusal.ts';
import type { Target } from '../target.ts';
import { mention } from '../text.ts';

export interface Turning {
  readonly incident: Incident;
  readonly target: Target;
  readonly person: PersonId;
  readonly now: Date;
  /** The role that was asked for, if one was. */
  readonly wanted?: ApprovalRole | undefined;
}

export type Key =
  | {
      readonly kind: 'key';
      readonly role: ApprovalRole;
      /** The key that this person held before, and gives back for it. */
      readonly instead?: Approval;
    }
  | Refusal;

export function keyFor(turning: Turning): Key {
  const { incident, target, person, now, wanted } = turning;
  const own = approvalRolesOf(target, person);
  const standing = standingApprovals(incident, now);
  const isMissing = (role: ApprovalRole): boolean => standing.every((one) => one.role !== role);
  const role = wanted ?? roleFor(turning) ?? own.find(isMissing) ?? own[0];
  if (role === undefined || !own.includes(role)) {
    const missing = role ?? 'on_call';
    return refuse('not-in-role', {
      role: ROLE_TITLES[missing],
      target: target.name,
      people: peopleIn(target, missing),
    });
  }
  const mine = standing.find((one) => one.by === person);
  const taken = standing.find((one) => one.role === role);
  if (mine === undefined) {
    return taken === undefined ? { kind: 'key', role } : heldByAnother(turning, taken);
  }
  if (taken !== undefined) {
    const waitsFor = awaitedFor(incident, target, now);
    return refuse('already-approved', { role: ROLE_TITLES[mine.role], waitsFor });
  }
  if (wanted !== undefined) return { kind: 'key', role, instead: mine };
  const people = peopleIn(target, role, [person]);
  return refuse('second-key', { people, mine: ROLE_TITLES[mine.role], role });
}

/** The keys that are still free for this person; more than one, and they may choose. */
export function freeRoles({ incident, target, person, now }: Turning): readonly ApprovalRole[] {
  const given = standingApprovals(incident, now);
  if (given.some((one) => one.by === person)) return [];
  return approvalRolesOf(target, person).filter((role) => given.every((one) => one.role !== role));
}

/** A key that leaves the other one to somebody else, where there is a choice. */
export function roleFor(turning: Turning): ApprovalRole | undefined {
  const free = freeRoles(turning);
  return free.find((role) => mayTurn(turning.target, other(role), turning.person)) ?? free[0];
}

function mayTurn({ roles }: Target, role: ApprovalRole, without: PersonId): boolean {
  return roles[role]?.people.some((one) => one !== without) ?? false;
}

function other(role: ApprovalRole): ApprovalRole {
  return APPROVAL_ROLES.find((one) => one !== role) ?? role;
}

function heldByAnother({ incident, target, now }: Turning, taken: Approval): Refusal {
  const said = {
    who: mention(taken.by),
    role: ROLE_TITLES[taken.role],
    waitsFor: awaitedFor(incident, target, now),
  };
  const free = other(taken.role);
  const isFree = standingApprovals(incident, now).every((one) => one.role !== free);
  const isMovable = isFree && approvalRolesOf(target, taken.by).includes(free);
  return isMovable ? refuse('key-taken-or-move', { ...said, free }) : refuse('key-taken', said);
}
