/** The fold: what an incident is now, from everything that happened to it. */
import type { Event, EventData } from './events.ts';
import { approvalChange, operationChange, pageChange, runChange } from './fold-parts.ts';
import type { Changes } from './fold-parts.ts';
import type { Channel, Incident } from './incident.ts';
import { claimOf } from './incident.ts';

/** Null before the first event. */
export function fold(events: readonly Event[]): Incident | null {
  return events.reduce<Incident | null>(evolve, null);
}

/** One event further. An event that does not concern an incident changes nothing but its seq. */
function evolve(incident: Incident | null, happened: Event): Incident | null {
  if (happened.type === 'incident-opened') return opened(happened.data, happened);
  if (incident === null) return null;
  return { ...incident, ...change(incident, happened), seq: happened.seq };
}

function opened(data: EventData<'incident-opened'>, happened: Event): Incident {
  return {
    id: data.incident,
    target: data.target,
    seq: happened.seq,
    openedAt: happened.at,
    openedBy: happened.by.kind === 'person' ? happened.by.person : 'backout',
    saidIn: data.saidIn,
    sentence: data.sentence,
    details: data.details,
    said: sayings({ ...data.details, sentence: data.sentence }, happened),
    channel: { state: 'none' },
    operations: [],
    answers: {},
    rounds: { assess: 1, backUp: 1 },
    exports: [],
    course: { nothingToUndo: [] },
    plans: [],
    setbacks: [],
    approvals: [],
    runs: [],
    pages: [],
    notes: [],
    archiveDue: false,
  };
}

function sayings(
  words: EventData<'details-edited'>,
  { by, at }: Pick<Event, 'by' | 'at'>,
): Incident['said'] {
  const saying = { by: by.kind === 'person' ? by.person : 'backout', at };
  return {
    ...(words.sentence === undefined ? {} : { sentence: saying }),
    ...(words.impact === undefined ? {} : { impact: saying }),
    ...(words.suspectedVersion === undefined ? {} : { suspectedVersion: saying }),
    ...(words.whyNotFixForward === undefined ? {} : { whyNotFixForward: saying }),
  };
}

function edited(
  incident: Incident,
  { sentence, cleared = [], ...details }: EventData<'details-edited'>,
  happened: Pick<Event, 'by' | 'at'>,
): Changes {
  const said = sayings({ ...details, sentence }, happened);
  return {
    sentence: sentence ?? incident.sentence,
    details: without({ ...incident.details, ...details }, cleared),
    said: without({ ...incident.said, ...said }, cleared),
  };
}

function without<Kept extends object>(given: Kept, names: readonly (keyof Kept)[]): Kept {
  const kept = { ...given };
  for (const name of names) delete kept[name];
  return kept;
}

function change(incident: Incident, happened: Event): Changes {
  switch (happened.type) {
    case 'incident-opened':
    case 'fingerprint-seen':
    case 'versions-seen':
      return {};
    case 'details-edited':
      return edited(incident, happened.data, happened);
    case 'channel-claimed':
      return { channel: { state: 'claimed', ...happened.data, at: happened.at } };
    case 'channel-opened': {
      const { channel: id, name } = happened.data;
      return { channel: { state: 'open', id, name, at: happened.at } };
    }
    case 'channel-failed':
      return { channel: failed(incident.channel, happened.data) };
    case 'people-invited':
      return invited(incident.channel, happened.data, happened.at);
    case 'channel-archived':
      return incident.channel.state === 'open'
        ? { channel: { ...incident.channel, state: 'archived' } }
        : {};
    case 'assessment-asked':
      return { rounds: { ...incident.rounds, assess: happened.data.round } };
    case 'back-up-asked':
      return {
        rounds: { ...incident.rounds, backUp: happened.data.round },
        exports: happened.data.exports,
      };
    case 'course-chosen':
      return { course: { ...incident.course, ...definedOnly(happened.data) } };
    case 'plan-made': {
      const plan = { ...happened.data, at: happened.at };
      return { plan, plans: [...incident.plans, plan], declined: undefined };
    }
    case 'approval-given':
    case 'approval-expired':
    case 'approval-returned':
    case 'approvals-voided':
    case 'plan-declined':
      return approvalChange(incident, happened);
    case 'item-answered':
      return { answers: answered(incident, happened.data, happened) };
    case 'note-added':
      return {
        notes: [...incident.notes, { text: happened.data.text, by: happened.by, at: happened.at }],
      };
    case 'run-started':
    case 'abort-asked':
    case 'resume-asked':
      return runChange(incident, happened);
    case 'page-asked':
    case 'page-answered':
      return pageChange(incident, happened);
    case 'operation-queued':
    case 'operation-started':
    case 'operation-lost':
    case 'operation-ended':
      return { operations: operationChange(incident.operations, happened) };
    case 'incident-closed':
      return { closed: { ...happened.data, by: happened.by, at: happened.at } };
    case 'archive-due':
      return { archiveDue: true };
  }
}

function invited(
  channel: Channel,
  { channel: id, count, missing }: EventData<'people-invited'>,
  at: string,
): Changes {
  if (channel.state !== 'open' || channel.id !== id) return {};
  return { channel: { ...channel, invited: { count, missing: missing.length, at } } };
}

function failed(channel: Channel, { why, again }: EventData<'channel-failed'>): Channel {
  if (again !== true) return { state: 'failed', why };
  const trying = claimOf(channel);
  return { state: 'failed', why, ...(trying === undefined ? {} : { trying }) };
}

function definedOnly(data: EventData<'course-chosen'>): Partial<Incident['course']> {
  return {
    ...(data.to === undefined ? {} : { to: data.to }),
    ...(data.nothingToUndo === undefined ? {} : { nothingToUndo: data.nothingToUndo }),
  };
}

function answered(
  incident: Incident,
  data: EventData<'item-answered'>,
  happened: Event,
): Incident['answers'] {
  const { [data.item]: _before, ...others } = incident.answers;
  if (data.answer === 'open') return others;
  return {
    ...others,
    [data.item]: {
      answer: data.answer,
      by: happened.by.kind === 'person' ? happened.by.person : 'backout',
      at: happened.at,
      note: data.note,
    },
  };
}
