/** What jobs and the world have found for each item of the checklist, as far as it still holds. */
import { endedCalls } from './contacts.ts';
import type { Evidence } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Incident, Operation } from '../incident.ts';
import type { OperationId } from '../names.ts';
import { ROLE_TITLES } from '../names.ts';
import { sayInvited } from '../phrases.ts';
import { isRunStep, viewRun } from '../flow/run.ts';
import type { Target } from '../target.ts';
import { asIs, listed, moment } from '../text.ts';

export interface DatedEvidence extends Evidence {
  readonly at: string;
  readonly operation?: OperationId;
  /** Of an attempt that is over: a fact, and no proof any more. */
  readonly isPast?: true;
}

/** What is judged over several operations together, and not by the newest one alone. */
const JUDGED_TOGETHER: readonly string[] = [ITEMS.maintenance, ITEMS.contacts];

/** A look at what nobody puts back: it holds until somebody looks again. */
const READINGS: readonly string[] = [ITEMS.dirtyState];

/** The newest of each item. What an earlier attempt proved, or what has been put back since, is a fact and no proof. */
export function newestEvidence(
  incident: Incident,
  target: Target,
): ReadonlyMap<string, DatedEvidence> {
  const all = [
    ...incident.operations
      .flatMap(evidenceOf)
      .filter(({ evidence }) => !JUDGED_TOGETHER.includes(evidence.item)),
    ...maintenance(incident),
  ].map((one) => asItStands(one, incident, target));
  return new Map(
    [...all, ...announcement(incident), ...contacts(incident)]
      .toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at))
      .map((one) => [one.item, one]),
  );
}

interface OfOperation {
  readonly by: Operation;
  readonly evidence: DatedEvidence;
}

function evidenceOf(operation: Operation): readonly OfOperation[] {
  const { id, endedAt } = operation;
  if (endedAt === undefined) return [];
  return operation.evidence.map((one) => ({
    by: operation,
    evidence: { ...one, says: asIs(one.says), at: endedAt, operation: id },
  }));
}

function asItStands(
  { by: { step, round }, evidence }: OfOperation,
  incident: Incident,
  target: Target,
): DatedEvidence {
  const run = viewRun(incident, target);
  const isPast =
    run !== null &&
    isRunStep(step) &&
    !READINGS.includes(evidence.item) &&
    (round < run.run.round || run.phase.phase === 'put-back');
  if (!isPast) return evidence;
  const says = `In attempt ${round}: ${evidence.says}`;
  return { ...evidence, verdict: 'found', says, isPast };
}

/** On and off are one matter: that it is off again does not prove that it was on. */
function maintenance({ operations }: Incident): readonly OfOperation[] {
  const round = operations.findLast((one) => one.job === 'set-maintenance')?.round;
  const [on, off] = (['maintenance-on', 'maintenance-off'] as const).map((step) =>
    operations
      .filter((one) => one.step === step && one.round === round)
      .flatMap(evidenceOf)
      .findLast((one) => one.evidence.item === ITEMS.maintenance),
  );
  if (off?.evidence.verdict === 'refuted') return [off];
  if (on === undefined) return [];
  if (on.evidence.verdict !== 'proven' || off === undefined) return [on];
  const { at } = off.evidence;
  const says = `It was on from ${moment(on.evidence.at)} to ${moment(at)}, and is off again.`;
  return [{ ...on, evidence: { ...on.evidence, says, at } }];
}

/** The team is told once its people are in the incident's channel. */
function announcement({ channel }: Incident): readonly DatedEvidence[] {
  if (channel.state !== 'open' && channel.state !== 'archived') return [];
  const { name, invited, at } = channel;
  const item = ITEMS.notify;
  if (invited === undefined || invited.missing >= invited.count) {
    return [{ item, verdict: 'found', says: `#${name} is open; nobody is known to be in it.`, at }];
  }
  const says = `Into #${name} were invited: ${sayInvited(invited.count, invited.missing)}.`;
  return [{ item, verdict: 'proven', says, at: invited.at }];
}

/**
 * Role by role: that one was called proves nothing about another. The database administrator is needed in every
 * rollback. A call that was refused is made good by a person's word that was given afterwards.
 */
function contacts(incident: Incident): readonly DatedEvidence[] {
  const item = ITEMS.contacts;
  const calls = endedCalls(incident);
  const refused = calls.filter(({ operation }) => operation.state !== 'succeeded');
  const judged = refused.length > 0 ? refused : calls;
  const newest = judged
    .toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at))
    .at(-1);
  if (newest === undefined) return [];
  const { at, operation } = newest;
  const digest = operation.evidence.find((one) => one.item === item)?.digest;
  const titles = listed(judged.map(({ role }) => `the ${ROLE_TITLES[role]}`));
  const base = { item, at, operation: operation.id, ...(digest === undefined ? {} : { digest }) };
  if (refused.length > 0) {
    const answer = incident.answers[item];
    if (answer !== undefined && Date.parse(answer.at) >= Date.parse(at)) return [];
    const says = `The call to ${titles} did NOT go out: call them yourself.`;
    return [{ ...base, verdict: 'refuted', says }];
  }
  if (!calls.some(({ role }) => role === 'dba')) return [];
  return [{ ...base, verdict: 'proven', says: `The pager took the call to ${titles}.` }];
}
