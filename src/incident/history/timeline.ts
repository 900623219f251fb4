/** What happened, a sentence for each event, as it is read afterwards. */
import type { Actor, Event, EventData } from '../events.ts';
import type { ItemId } from '../facts/evidence.ts';
import { fold } from '../fold.ts';
import type { Incident } from '../incident.ts';
import { ROLE_TITLES, sayVersion } from '../names.ts';
import type { OperationId } from '../names.ts';
import { sayInvited } from '../phrases.ts';
import { shortHash } from '../plan/plan.ts';
import { listed, asIs, mention } from '../text.ts';
import { workOf } from '../flow/work.ts';

export interface TimelineEntry {
  readonly at: string;
  /** A mention, or Backout itself. */
  readonly who: string;
  /** Begins with a capital letter, and may hold `{person:…}` and `{time:…}`. */
  readonly what: string;
}

/** Oldest first, without what only the machinery cares about. */
export function timelineOf(events: readonly Event[]): readonly TimelineEntry[] {
  const incident = fold(events);
  if (incident === null) return [];
  return events
    .filter((one) => !MACHINERY.includes(one.type))
    .reduce<readonly Said[]>(together, [])
    .map(({ happened, items }) => ({
      at: happened.at,
      who: sayActor(happened.by),
      what:
        happened.type === 'item-answered'
          ? sayAnswer({ ...happened.data, items })
          : sayEvent(happened, incident),
    }));
}

interface Said {
  readonly happened: Event;
  readonly items: readonly ItemId[];
}

/** Items that were answered in one breath are one line. */
function together(lines: readonly Said[], happened: Event): readonly Said[] {
  const last = lines.at(-1);
  const items = happened.type === 'item-answered' ? [happened.data.item] : [];
  if (last === undefined || !isSameBreath(last.happened, happened)) {
    return [...lines, { happened, items }];
  }
  return [...lines.slice(0, -1), { ...last, items: [...last.items, ...items] }];
}

function isSameBreath(before: Event, after: Event): boolean {
  return (
    before.type === 'item-answered' &&
    after.type === 'item-answered' &&
    before.at === after.at &&
    before.data.answer === after.data.answer &&
    before.data.note === after.data.note &&
    sayActor(before.by) === sayActor(after.by)
  );
}

function sayAnswer(given: {
  readonly items: readonly ItemId[];
  readonly answer: EventData<'item-answered'>['answer'];
  readonly note?: string | undefined;
}): string {
  const { items, answer, note } = given;
  const noted = note === undefined ? '' : ` ${asIs(note)}`;
  return `${listed(items)}: ${answer.replaceAll('-', ' ')}.${noted}`;
}

const MACHINERY: readonly Event['type'][] = [
  'channel-claimed',
  'people-invited',
  'operation-queued',
  'operation-started',
  'archive-due',
  'fingerprint-seen',
  'versions-seen',
];

function sayActor(by: Actor): string {
  switch (by.kind) {
    case 'person':
      return mention(by.person);
    case 'job':
    case 'system':
      return 'Backout';
  }
}

function sayEvent(happened: Event, incident: Incident): string {
  switch (happened.type) {
    case 'incident-opened':
      return `Opened for ${happened.data.target}: ${asIs(happened.data.sentence)}`;
    case 'details-edited':
      return sayEdited(happened.data);
    case 'channel-claimed':
    case 'channel-opened':
    case 'channel-failed':
    case 'channel-archived':
    case 'people-invited':
      return sayChannel(happened);
    case 'assessment-asked':
      return 'Asked for the database to be read again.';
    case 'back-up-asked':
      return 'Asked for a new backup.';
    case 'course-chosen':
    case 'plan-made':
    case 'approval-given':
    case 'approval-expired':
    case 'approval-returned':
    case 'approvals-voided':
    case 'plan-declined':
      return sayPlanning(happened);
    case 'item-answered':
      return sayAnswer({ ...happened.data, items: [happened.data.item] });
    case 'note-added':
      return `Note: ${asIs(happened.data.text)}`;
    case 'run-started':
    case 'abort-asked':
    case 'resume-asked':
      return sayRun(happened);
    case 'page-asked':
    case 'page-answered':
      return sayPage(happened);
    case 'operation-queued':
    case 'operation-started':
    case 'operation-lost':
    case 'operation-ended':
      return sayOperation(happened, incident);
    case 'incident-closed':
    case 'archive-due':
      return sayEnd(happened);
    case 'fingerprint-seen':
      return `The schema of version ${sayVersion(happened.data.version)} was seen.`;
    case 'versions-seen':
      return `Version ${sayVersion(happened.data.applied[0]?.version ?? null)} was seen.`;
  }
}

function sayEdited({ cleared = [], ...changed }: EventData<'details-edited'>): string {
  const named = (fields: readonly string[]): string =>
    listed(fields.map((field) => FIELDS.get(field) ?? field));
  const changes = Object.keys(changed);
  return [
    ...(changes.length === 0 ? [] : [`Edited: ${named(changes)}.`]),
    ...(cleared.length === 0 ? [] : [`Took back: ${named(cleared)}.`]),
  ].join(' ');
}

type OfType<Type extends Event['type']> = Extract<Event, { type: Type }>;

const FIELDS: ReadonlyMap<string, string> = new Map([
  ['sentence', 'what is wrong'],
  ['impact', 'who notices'],
  ['suspectedVersion', 'the suspected migration'],
  ['whyNotFixForward', 'why not fix forward'],
]);

function sayChannel(
  happened: OfType<
    'channel-claimed' | 'channel-opened' | 'channel-failed' | 'channel-archived' | 'people-invited'
  >,
): string {
  switch (happened.type) {
    case 'channel-claimed':
      return `The channel #${happened.data.name} is being made.`;
    case 'channel-opened':
      return `The channel #${happened.data.name} is open.`;
    case 'channel-failed':
      return `The channel could not be made: ${asIs(happened.data.why)}`;
    case 'channel-archived':
      return 'The channel was archived.';
    case 'people-invited':
      return `Invited its people: ${sayInvited(happened.data.count, happened.data.missing.length)}.`;
  }
}

function sayPlanning(
  happened: OfType<
    | 'course-chosen'
    | 'plan-made'
    | 'approval-given'
    | 'approval-expired'
    | 'approval-returned'
    | 'approvals-voided'
    | 'plan-declined'
  >,
): string {
  switch (happened.type) {
    case 'course-chosen': {
      const { to, nothingToUndo } = happened.data;
      const goal = to === undefined ? [] : [`to go to ${sayVersion(to)}`];
      const nothing =
        nothingToUndo === undefined
          ? []
          : [`to undo nothing for ${listed(nothingToUndo) || 'no version'}`];
      return `Chose ${listed([...goal, ...nothing])}.`;
    }
    case 'plan-made': {
      const { plan, hash } = happened.data;
      return `The plan \`${shortHash(hash)}\` was made: ${plan.from} to ${sayVersion(plan.to)}.`;
    }
    case 'approval-given':
      return `Approved the plan \`${shortHash(happened.data.hash)}\` as ${ROLE_TITLES[happened.data.role]}.`;
    case 'approval-expired':
      return `The approval as ${ROLE_TITLES[happened.data.role]} expired.`;
    case 'approval-returned':
      return `Took back the approval as ${ROLE_TITLES[happened.data.role]}.`;
    case 'approvals-voided':
      return `Approvals of \`${shortHash(happened.data.hash)}\` no longer count: ${asIs(listed(happened.data.fields))} changed.`;
    case 'plan-declined':
      return `Declined the plan \`${shortHash(happened.data.hash)}\`: ${asIs(happened.data.why)}`;
  }
}

function sayRun(happened: OfType<'run-started' | 'abort-asked' | 'resume-asked'>): string {
  switch (happened.type) {
    case 'run-started': {
      const { round, approvers } = happened.data;
      return `Attempt ${round} began, approved by ${listed(approvers.map(mention))}.`;
    }
    case 'abort-asked':
      return `Asked to abort${happened.data.why === undefined ? '.' : `: ${asIs(happened.data.why)}`}`;
    case 'resume-asked':
      return happened.data.version === 'previous'
        ? 'Asked for the services in the version before.'
        : 'Asked for the services in the version they had.';
  }
}

function sayPage(happened: OfType<'page-asked' | 'page-answered'>): string {
  if (happened.type === 'page-asked') {
    const { role, level, reason } = happened.data;
    return `Called the ${ROLE_TITLES[role]} (call ${level}): ${asIs(reason)}`;
  }
  const { what, by } = happened.data;
  return `The pager says: ${what}${by === undefined ? '' : ` by ${asIs(by)}`}.`;
}

function sayOperation(
  happened: OfType<'operation-queued' | 'operation-started' | 'operation-lost' | 'operation-ended'>,
  incident: Incident,
): string {
  const title = titleOf(happened.data.operation, incident);
  switch (happened.type) {
    case 'operation-queued':
      return `${title}: queued.`;
    case 'operation-started':
      return `${title}: begun.`;
    case 'operation-lost':
      return `${title}: lost. ${asIs(happened.data.why)}`;
    case 'operation-ended': {
      const { outcome, says, foundOut } = happened.data;
      return `${title}: ${outcome}${foundOut ? ', found out by looking' : ''}. ${asIs(says)}`;
    }
  }
}

function titleOf(id: OperationId, { operations }: Incident): string {
  const operation = operations.find((one) => one.id === id);
  return operation === undefined ? id : workOf(operation).title;
}

function sayEnd(happened: OfType<'incident-closed' | 'archive-due'>): string {
  if (happened.type === 'archive-due') return 'The channel is due to be archived.';
  const { outcome, reason } = happened.data;
  const why = reason === undefined ? '' : ` ${asIs(reason)}`;
  return `Closed: ${outcome.replaceAll('-', ' ')}.${why}`;
}
