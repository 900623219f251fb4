/** Who may read about an incident of a private target, and what everybody else is told of it. */
import type { Incident } from './incident.ts';
import { isOpen } from './incident.ts';
import type { PersonId } from './names.ts';
import { teamOf } from './phrases.ts';
import type { Target } from './target.ts';
import { asIs, mention } from './text.ts';

/** The people of the target, whoever opened it, and whoever was let into its channel and asks there. */
export function mayRead(given: {
  readonly incident: Incident;
  readonly target: Target;
  readonly person: PersonId;
  readonly saidIn?: string | undefined;
}): boolean {
  const { incident, target, person, saidIn } = given;
  if (!target.privateChannel || incident.openedBy === person) return true;
  const { channel } = incident;
  const isInside = channel.state === 'open' && channel.id === saidIn;
  return isInside || teamOf(target).includes(person);
}

/** That it is there, and whom to ask. */
export function sayPrivate(incident: Incident): string {
  const { id, target, openedBy } = incident;
  const state = isOpen(incident) ? 'open' : 'closed';
  return `${id} is ${state} for ${asIs(target)}, and private: ask ${mention(openedBy)}.`;
}
