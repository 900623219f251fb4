/** Who and what, said the same way in every answer. */
import { missingRoles, standingApprovals } from './plan/approvals.ts';
import type { Incident } from './incident.ts';
import type { PersonId, RoleName } from './names.ts';
import { ROLE_TITLES } from './names.ts';
import type { RunStep } from './flow/run.ts';
import type { Target } from './target.ts';
import { asIs, counted, listed, mention } from './text.ts';

/** Everybody with a role on the target. */
export function teamOf(target: Target): readonly PersonId[] {
  return [...new Set(Object.values(target.roles).flatMap((role) => role?.people ?? []))];
}

/** People as mentions, or what to do when there are none. */
export function whoOf(people: readonly PersonId[]): string {
  if (people.length === 0) return 'somebody else, who first has to be listed in backout.yaml';
  return listed(people.map(mention), 'or');
}

/** Whom to ask: the people of a role, without those who cannot help. */
export function peopleIn(
  target: Target,
  role: RoleName,
  without: readonly PersonId[] = [],
): string {
  return whoOf(target.roles[role]?.people.filter((one) => !without.includes(one)) ?? []);
}

export function rolesSaid(roles: readonly RoleName[], word: 'and' | 'or' = 'and'): string {
  return listed(
    roles.map((role) => ROLE_TITLES[role]),
    word,
  );
}

/** What a step of a run is doing, as part of a sentence. */
export const STEPS_SAID: Readonly<Record<RunStep, string>> = {
  'maintenance-on': 'maintenance mode is being switched on',
  'pause-writers': 'the services are being stopped',
  'run-down': 'the database is being changed',
  verify: 'the database is being verified',
  'resume-services': 'the services are being started',
  'check-services': 'the services are being checked',
  'check-performance': 'the performance is being checked',
  'maintenance-off': 'maintenance mode is being switched off',
};

export function sayInvited(count: number, missing: number): string {
  const all = counted(count, 'account');
  return missing === 0 ? all : `${count - missing} of ${all}; the others could not be`;
}

/** Empty unless there is none and none is to be expected soon. */
export function sayNoChannel({ channel }: Pick<Incident, 'channel'>): string {
  if (channel.state !== 'failed') return '';
  const goesOn = channel.trying === undefined ? '' : ' It goes on being tried.';
  return `There is no channel for it. ${asIs(channel.why)}${goesOn}`;
}

/** Who has to do what so that an approved plan begins, as the end of "It now waits for …". */
export function awaitedFor(incident: Incident, target: Target, now: Date): string {
  const missing = missingRoles(incident, now);
  if (missing.length === 0) return 'somebody to say `/rollback run`';
  const held = standingApprovals(incident, now).map((one) => one.by);
  return listed(
    missing.map((role) => `the ${ROLE_TITLES[role]} (${peopleIn(target, role, held)})`),
  );
}
