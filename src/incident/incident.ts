/** The fold: what an incident is now, from everything that happened to it. */
import type { Export } from './backup.ts';
import type { Evidence, ItemId } from './evidence.ts';
import type { Actor, CLOSE_OUTCOMES, Details, Event, EventData } from './events.ts';
import type {
  ApprovalRole,
  IncidentId,
  OperationId,
  PersonId,
  PlanHash,
  RoleName,
  Version,
} from './names.ts';
import type { Plan } from './plan.ts';
import type { JobName, Result, ResultOf } from './results.ts';

export type Channel =
  | { readonly state: 'none' }
  | {
      readonly state: 'claimed';
      readonly name: string;
      readonly isPrivate: boolean;
      readonly at: string;
    }
  | {
      readonly state: 'open';
      readonly id: string;
      readonly name: string;
      readonly at: string;
    }
  | { readonly state: 'failed'; readonly why: string }
  | {
      readonly state: 'archived';
      readonly id: string;
      readonly name: string;
      readonly at: string;
    };

export type OperationState = 'queued' | 'running' | 'lost' | 'succeeded' | 'failed' | 'stopped';

export interface Operation {
  readonly id: OperationId;
  readonly key: string;
  readonly job: string;
  readonly step: string;
  readonly round: number;
  readonly attempt: number;
  readonly state: OperationState;
  readonly queuedAt: string;
  readonly startedAt?: string;
  readonly endedAt?: string;
  readonly says?: string;
  readonly foundOut?: boolean;
  readonly result?: Result | undefined;
  readonly evidence: readonly Evidence[];
  readonly tail?: string | undefined;
}

export interface Approval {
  readonly role: ApprovalRole;
  readonly by: PersonId;
  readonly at: string;
  readonly hash: PlanHash;
  readonly expiresAt: string;
  readonly state: 'given' | 'expired' | 'voided';
}

export interface Answer {
  readonly answer: 'done' | 'not-applicable';
  readonly by: PersonId;
  readonly at: string;
  readonly note?: string | undefined;
}

export interface Saying {
  readonly by: PersonId;
  readonly at: string;
}

export interface Run {
  readonly round: number;
  readonly hash: PlanHash;
  readonly approvers: readonly PersonId[];
  readonly startedAt: string;
  readonly abort?: { readonly by: Actor; readonly at: string; readonly why?: string | undefined };
  /** Each time that somebody asked to bring the services back. */
  readonly resumes: readonly {
    readonly attempt: number;
    readonly version: 'previous' | 'same';
    readonly by: Actor;
  }[];
}

export interface Page {
  readonly page: number;
  readonly role: RoleName;
  readonly level: number;
  readonly reason: string;
  readonly by: Actor;
  readonly at: string;
  readonly dedupKey: string;
  readonly answers: readonly {
    readonly what: string;
    readonly by?: string | undefined;
    readonly at: string;
  }[];
}

/** Something that people were told when it was so; it is redrawn when it no longer holds. */
export type Setback =
  | {
      readonly kind: 'declined';
      readonly hash: PlanHash;
      readonly why: string;
      readonly by: Actor;
      readonly at: string;
    }
  | {
      readonly kind: 'voided';
      readonly hash: PlanHash;
      readonly fields: readonly string[];
      readonly at: string;
    };

export interface Incident {
  readonly id: IncidentId;
  readonly target: string;
  readonly seq: number;
  readonly openedAt: string;
  readonly openedBy: PersonId;
  readonly saidIn?: string | undefined;
  readonly sentence: string;
  readonly details: Details;
  /** Whose words these are, and since when. */
  readonly said: Readonly<Partial<Record<keyof Details | 'sentence', Saying>>>;
  readonly channel: Channel;
  readonly operations: readonly Operation[];
  readonly answers: Readonly<Record<ItemId, Answer>>;
  readonly rounds: { readonly assess: number; readonly backUp: number };
  readonly exports: readonly Export[];
  readonly course: {
    readonly to?: Version | null | undefined;
    readonly nothingToUndo: readonly Version[];
  };
  readonly plan?: { readonly plan: Plan; readonly hash: PlanHash; readonly at: string };
  /** Every plan that there was, oldest first. */
  readonly plans: readonly { readonly plan: Plan; readonly hash: PlanHash; readonly at: string }[];
  /** Every time that a plan was declined or approvals were lost, oldest first. */
  readonly setbacks: readonly Setback[];
  readonly approvals: readonly Approval[];
  readonly declined?:
    | { readonly by: Actor; readonly hash: PlanHash; readonly why: string; readonly at: string }
    | undefined;
  /** Why approvals were lost the last time, until there are new ones. */
  readonly voided?: { readonly fields: readonly string[]; readonly at: string } | undefined;
  readonly runs: readonly Run[];
  readonly abortedAt?: string;
  readonly pages: readonly Page[];
  readonly notes: readonly { readonly text: string; readonly by: Actor; readonly at: string }[];
  readonly closed?: {
    readonly outcome: (typeof CLOSE_OUTCOMES)[number];
    readonly reason?: string | undefined;
    readonly by: Actor;
    readonly at: string;
    readonly archiveAt: string;
  };
  readonly archiveDue: boolean;
}

/** Null before the first event. */
export function fold(events: readonly Event[]): Incident | null {
  return events.reduce<Incident | null>(evolve, null);
}

/** One event further. An event that does not concern an incident changes nothing but its seq. */
export function evolve(incident: Incident | null, happened: Event): Incident | null {
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

type Changes = Partial<Incident>;

function change(incident: Incident, happened: Event): Changes {
  switch (happened.type) {
    case 'incident-opened':
    case 'fingerprint-seen':
      return {};
    case 'details-edited': {
      const { sentence, ...details } = happened.data;
      return {
        sentence: sentence ?? incident.sentence,
        details: { ...incident.details, ...details },
        said: { ...incident.said, ...sayings(happened.data, happened) },
      };
    }
    case 'channel-claimed':
      return { channel: { state: 'claimed', ...happened.data, at: happened.at } };
    case 'channel-opened': {
      const { channel: id, name } = happened.data;
      return { channel: { state: 'open', id, name, at: happened.at } };
    }
    case 'channel-failed':
      return { channel: { state: 'failed', why: happened.data.why } };
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

function definedOnly(data: EventData<'course-chosen'>): Partial<Incident['course']> {
  return {
    ...(data.to === undefined ? {} : { to: data.to }),
    ...(data.nothingToUndo === undefined ? {} : { nothingToUndo: data.nothingToUndo }),
  };
}

type OfType<Type extends Event['type']> = Extract<Event, { type: Type }>;

function approvalChange(
  incident: Incident,
  happened: OfType<'approval-given' | 'approval-expired' | 'approvals-voided' | 'plan-declined'>,
): Changes {
  switch (happened.type) {
    case 'approval-given':
      return {
        approvals: [
          ...incident.approvals,
          {
            ...happened.data,
            by: happened.by.kind === 'person' ? happened.by.person : 'nobody',
            at: happened.at,
            state: 'given',
          },
        ],
        declined: undefined,
        voided: undefined,
      };
    case 'approval-expired':
      return {
        approvals: incident.approvals.map((one) =>
          one.role === happened.data.role &&
          one.hash === happened.data.hash &&
          one.state === 'given'
            ? { ...one, state: 'expired' as const }
            : one,
        ),
      };
    case 'approvals-voided':
      return {
        approvals: withdrawn(incident, happened.data.hash),
        voided: { fields: happened.data.fields, at: happened.at },
        setbacks: [...incident.setbacks, { kind: 'voided', ...happened.data, at: happened.at }],
      };
    case 'plan-declined': {
      const { hash, why } = happened.data;
      const declined = { by: happened.by, hash, why, at: happened.at };
      return {
        approvals: withdrawn(incident, hash),
        declined,
        setbacks: [...incident.setbacks, { kind: 'declined', ...declined }],
      };
    }
  }
}

function withdrawn(incident: Incident, hash: PlanHash): readonly Approval[] {
  return incident.approvals.map((one) =>
    one.hash === hash && one.state === 'given' ? { ...one, state: 'voided' as const } : one,
  );
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

function runChange(
  incident: Incident,
  happened: OfType<'run-started' | 'abort-asked' | 'resume-asked'>,
): Changes {
  switch (happened.type) {
    case 'run-started':
      return {
        runs: [...incident.runs, { ...happened.data, startedAt: happened.at, resumes: [] }],
      };
    case 'abort-asked':
      return {
        abortedAt: happened.at,
        approvals: incident.approvals.map((one) =>
          one.state === 'given' ? { ...one, state: 'voided' as const } : one,
        ),
        runs: lastRun(incident, (run) => ({
          ...run,
          abort: { by: happened.by, at: happened.at, why: happened.data.why },
        })),
      };
    case 'resume-asked':
      return {
        runs: lastRun(incident, (run) => ({
          ...run,
          resumes: [
            ...run.resumes,
            { attempt: happened.data.attempt, version: happened.data.version, by: happened.by },
          ],
        })),
      };
  }
}

function lastRun(incident: Incident, changed: (run: Run) => Run): readonly Run[] {
  return incident.runs.map((run, at) => (at === incident.runs.length - 1 ? changed(run) : run));
}

function pageChange(incident: Incident, happened: OfType<'page-asked' | 'page-answered'>): Changes {
  if (happened.type === 'page-asked') {
    const { page, role, level, reason } = happened.data;
    const dedupKey = `backout/${incident.id}/${role}/${level}`;
    return {
      pages: [
        ...incident.pages,
        { page, role, level, reason, by: happened.by, at: happened.at, dedupKey, answers: [] },
      ],
    };
  }
  const { dedupKey, what, by } = happened.data;
  return {
    pages: incident.pages.map((one) =>
      one.dedupKey === dedupKey
        ? { ...one, answers: [...one.answers, { what, by, at: happened.at }] }
        : one,
    ),
  };
}

function operationChange(
  operations: readonly Operation[],
  happened: OfType<'operation-queued' | 'operation-started' | 'operation-lost' | 'operation-ended'>,
): readonly Operation[] {
  if (happened.type === 'operation-queued') {
    const { operation, ...rest } = happened.data;
    return [
      ...operations,
      { ...rest, id: operation, state: 'queued', queuedAt: happened.at, evidence: [] },
    ];
  }
  return operations.map((one) => {
    if (one.id !== happened.data.operation) return one;
    switch (happened.type) {
      case 'operation-started':
        return { ...one, state: 'running', startedAt: happened.at };
      case 'operation-lost':
        return { ...one, state: 'lost', says: happened.data.why };
      case 'operation-ended': {
        const { operation: _id, outcome, ...rest } = happened.data;
        return { ...one, ...rest, state: outcome, endedAt: happened.at };
      }
    }
  });
}

/** The newest operation of a step; runs of a step are told apart by round and attempt. */
export function latest(incident: Incident, step: string): Operation | undefined {
  return incident.operations.findLast((one) => one.step === step);
}

/** What the newest successful operation of this job found. */
export function latestResult<Name extends JobName>(
  incident: Incident,
  job: Name,
): ResultOf<Name> | undefined {
  const found = incident.operations.findLast(
    (one) => one.state === 'succeeded' && one.result?.job === job,
  )?.result;
  return isResultOf(job, found) ? found : undefined;
}

export function isResultOf<Name extends JobName>(
  job: Name,
  result: Result | undefined,
): result is ResultOf<Name> {
  return result?.job === job;
}

export function isOver(operation: Operation): boolean {
  return ['succeeded', 'failed', 'stopped'].includes(operation.state);
}

export function isOpen(incident: Incident): boolean {
  return incident.closed === undefined;
}
