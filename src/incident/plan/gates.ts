/** What must be true before somebody's word counts. Each gate gives the refusal, or null when it is open. */
import { approvalRolesOf } from './approvals.ts';
import type { Incident } from '../incident.ts';
import type { PersonId } from '../names.ts';
import { APPROVAL_ROLES, ROLE_TITLES } from '../names.ts';
import { peopleIn, rolesSaid, STEPS_SAID, teamOf, whoOf } from '../phrases.ts';
import type { Plan } from './plan.ts';
import { hashPlan, shortHash } from './plan.ts';
import { prospectOf } from './prospect.ts';
import type { Refusal } from '../refusal.ts';
import { refuse } from '../refusal.ts';
import { viewRun } from '../flow/run.ts';
import type { Target } from '../target.ts';
import { listed } from '../text.ts';

/** What an account is in the workspace. */
export type Standing = 'member' | 'guest' | 'bot' | 'deactivated' | 'foreign' | 'unknown';

/**
 * Who may say a verb. `anyone` reads; `member` is a full member of the workspace; `team` has a role on the target or
 * opened the incident; `approver` holds one of the two keys.
 */
export type Who = 'anyone' | 'member' | 'team' | 'approver';

interface Speaker {
  readonly person: { readonly id: PersonId; readonly standing: Standing };
  readonly incident: Incident | null;
  readonly target: Target | null;
}

export function mayDecide(who: Who, speaker: Speaker): Refusal | null {
  if (who === 'anyone') return null;
  const stranger = memberGate(speaker);
  if (stranger !== null || who === 'member') return stranger;
  return who === 'team' ? teamGate(speaker) : approverGate(speaker);
}

const STANDINGS: Readonly<Record<Exclude<Standing, 'member'>, string>> = {
  guest: 'you are a guest',
  bot: 'you are an app',
  deactivated: 'your account is deactivated',
  foreign: 'you belong to another workspace',
  unknown: 'I could not find out whether you are one',
};

function memberGate({ person, target }: Speaker): Refusal | null {
  if (person.standing === 'member') return null;
  const people = target === null ? 'a member' : whoOf(teamOf(target));
  return refuse('not-a-member', { standing: STANDINGS[person.standing], people });
}

function teamGate({ person, incident, target }: Speaker): Refusal | null {
  if (incident === null || target === null) return refuse('no-incident');
  const team = teamOf(target);
  if (incident.openedBy === person.id || team.includes(person.id)) return null;
  return refuse('not-allowed', { target: target.name, people: whoOf(team) });
}

/** Both keys must have somebody to turn them: a key that nobody holds is never passed over. */
function approverGate({ person, target }: Speaker): Refusal | null {
  if (target === null) return refuse('no-incident');
  const unheld = APPROVAL_ROLES.find((role) => (target.roles[role]?.people.length ?? 0) === 0);
  if (unheld !== undefined) {
    return refuse('nobody-in-role', { role: ROLE_TITLES[unheld], target: target.name });
  }
  if (approvalRolesOf(target, person.id).length > 0) return null;
  return refuse('not-in-role', {
    role: rolesSaid(APPROVAL_ROLES, 'or'),
    target: target.name,
    people: listed(
      APPROVAL_ROLES.map((role) => peopleIn(target, role)),
      'or',
    ),
  });
}

/** Open unless steps of a run are being done, forwards or back. */
export function notRunning(incident: Incident, target: Target): Refusal | null {
  const phase = viewRun(incident, target)?.phase;
  if (phase?.phase === 'restoring') return refuse('resume-under-way');
  if (phase?.phase !== 'under-way') return null;
  return refuse('running', { step: STEPS_SAID[phase.wanted.step] });
}

/** Open unless a run is under way, is done, or stopped where a person has to say how it goes on. */
export function mayBegin(incident: Incident, target: Target): Refusal | null {
  const phase = viewRun(incident, target)?.phase;
  if (phase?.phase === 'done') return refuse('already-done');
  if (phase?.phase === 'needs-a-person') return refuse('needs-a-person', { why: phase.why });
  return notRunning(incident, target);
}

/**
 * Open unless another incident has begun to change the same database: this one would stop its services, and then only
 * wait. The store keeps the changes themselves apart, whatever is answered here.
 */
export function notBusyElsewhere(given: {
  readonly incident: Incident;
  readonly target: Target;
  readonly plan: Plan;
  readonly open: readonly Incident[];
  readonly targets: readonly Target[];
}): Refusal | null {
  const { incident, target, plan, open, targets } = given;
  const isBusy = (other: Incident): boolean => {
    const configured = targets.find((one) => one.name === other.target);
    const view = configured === undefined ? null : viewRun(other, configured);
    const { plan: others } = other.plans.find((one) => one.hash === view?.run.hash) ?? {};
    const isSame =
      others?.systemIdentifier === plan.systemIdentifier && others.database === plan.database;
    return isSame && ['under-way', 'restoring'].includes(view?.phase.phase ?? 'none');
  };
  const busy = open.find((one) => one.id !== incident.id && isBusy(one));
  if (busy === undefined) return null;
  return refuse('database-busy', { incident: busy.id, target: busy.target, own: target.name });
}

export type PlanAtHand =
  | {
      readonly kind: 'plan';
      readonly plan: Plan;
      readonly hash: NonNullable<Incident['plan']>['hash'];
    }
  | Refusal;

/** The plan as it is now, if it is the one that the person saw; `seen` may be a short hash. */
export function planAtHand(incident: Incident, target: Target, seen?: string): PlanAtHand {
  const prospect = prospectOf(incident, target);
  if (prospect.state === 'waiting') {
    return refuse('no-plan', { why: `${listed(prospect.for)} must end first.` });
  }
  if (prospect.state === 'blocked') {
    const why = prospect.blocks[0]?.say ?? 'the assessment found nothing.';
    return refuse('no-plan', { why });
  }
  const { plan } = incident;
  if (plan === undefined || plan.hash !== hashPlan(prospect.plan)) {
    return refuse('no-plan', { why: 'it is being made at this moment.' });
  }
  if (seen !== undefined && !isHashOf(plan.hash, seen)) {
    return refuse('plan-changed', { was: shortSeen(seen), now: shortHash(plan.hash) });
  }
  return { kind: 'plan', plan: plan.plan, hash: plan.hash };
}

function isHashOf(hash: string, seen: string): boolean {
  return hash.startsWith(seen) || hash.startsWith(`sha256:${seen}`);
}

function shortSeen(seen: string): string {
  return seen.replace('sha256:', '').slice(0, 8);
}
