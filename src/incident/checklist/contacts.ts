/** Who is called in an emergency, by which way, and what became of the newest call to each. */
import type { Incident, Operation, Page } from '../incident.ts';
import { isOver } from '../incident.ts';
import type { RoleName } from '../names.ts';
import { ROLE_TITLES } from '../names.ts';
import type { Target } from '../target.ts';
import { asIs, listed, mention, moment } from '../text.ts';

/** In the checklist's order. */
const CONTACTS: readonly RoleName[] = ['dba', 'platform_lead', 'on_call'];

/** A call that has ended: the provider took it, or it did not go out. */
interface EndedCall {
  readonly role: RoleName;
  readonly operation: Operation;
  readonly at: string;
}

/** The newest ended call to each role that was called. */
export function endedCalls(incident: Incident): readonly EndedCall[] {
  return CONTACTS.flatMap((role) => {
    const ended = incident.pages.flatMap((page) => {
      const operation = page.role === role ? operationOf(incident, page) : undefined;
      return operation?.endedAt === undefined ? [] : [{ role, operation, at: operation.endedAt }];
    });
    return ended.slice(-1);
  });
}

/** A call is still being made. */
export function isCalling(incident: Incident): boolean {
  return incident.pages.some((page) => {
    const operation = operationOf(incident, page);
    return operation === undefined || !isOver(operation);
  });
}

function operationOf({ operations }: Incident, { page }: Page): Operation | undefined {
  return operations.find((one) => one.step === `page-${page}`);
}

interface Contact {
  readonly title: string;
  /** Who it is and how they are called. */
  readonly who: string;
  /** When they were called and what is known of it; null when they were not. */
  readonly called: string | null;
}

export function contactOf(incident: Incident, target: Target, name: RoleName): Contact {
  const role = target.roles[name];
  const people = listed((role?.people ?? []).map(mention), 'or') || 'nobody is listed';
  const how =
    role?.page === undefined ? 'no page address: call them yourself' : `by ${role.page.kind}`;
  return {
    title: ROLE_TITLES[name],
    who: `${people} (${how})`,
    called: calledSaid(incident, name),
  };
}

function calledSaid(incident: Incident, name: RoleName): string | null {
  const page = incident.pages.findLast((one) => one.role === name);
  if (page === undefined) return null;
  const call = operationOf(incident, page);
  const answer = page.answers.at(-1);
  const said =
    answer === undefined
      ? (call?.says ?? 'no answer yet')
      : `${answer.what}${answer.by === undefined ? '' : ` by ${answer.by}`}`;
  return `called ${moment(page.at)}: ${asIs(said)}`;
}

/** The checklist's three names, a line each. */
export function contactsSaid(incident: Incident, target: Target): readonly string[] {
  return CONTACTS.map((name) => {
    const { title, who, called } = contactOf(incident, target, name);
    return `${title}: ${who}; ${called ?? 'not called by Backout'}`;
  });
}
