/** Everything that can happen to an incident or be learnt of a target. History is only ever added to. */
import { z } from 'zod';
import { Export } from './facts/backup.ts';
import { Evidence, ItemId } from './facts/evidence.ts';
import {
  ApprovalRole,
  IncidentId,
  OperationId,
  PersonId,
  RoleName,
  Sha256,
  Version,
} from './names.ts';
import { Plan } from './plan/plan.ts';
import { Result } from './facts/results.ts';

export const Details = z.object({
  impact: z.string().max(2000).optional(),
  suspectedVersion: Version.optional(),
  whyNotFixForward: z.string().max(2000).optional(),
});
export type Details = z.infer<typeof Details>;

/** What was said and can be taken back. */
export const Detail = Details.keyof();
export type Detail = z.infer<typeof Detail>;

export const CLOSE_OUTCOMES = ['rolled-back', 'fixed-another-way', 'abandoned'] as const;

const EVENTS = {
  'incident-opened': z.object({
    incident: IncidentId,
    target: z.string(),
    sentence: z.string(),
    details: Details,
    /** Where the person was when they said so; the home of the incident until it has a channel. */
    saidIn: z.string().optional(),
  }),
  'details-edited': Details.extend({
    sentence: z.string().optional(),
    /** What was taken back; left out when nothing was. */
    cleared: z.array(Detail).optional(),
  }),
  'channel-claimed': z.object({ name: z.string(), isPrivate: z.boolean() }),
  'channel-opened': z.object({ channel: z.string(), name: z.string() }),
  /** `again`: Slack did not refuse it, so it goes on being tried. */
  'channel-failed': z.object({ why: z.string(), again: z.literal(true).optional() }),
  /** Its people were asked in; `missing` are the accounts that could not be. */
  'people-invited': z.object({
    channel: z.string(),
    count: z.number().int(),
    missing: z.array(z.string()),
  }),
  'channel-archived': z.object({ channel: z.string() }),

  'assessment-asked': z.object({ round: z.number().int() }),
  'back-up-asked': z.object({ round: z.number().int(), exports: z.array(Export) }),
  /** What the plan is to be: how far down, and which versions need nothing. */
  'course-chosen': z.object({
    to: Version.nullable().optional(),
    nothingToUndo: z.array(Version).optional(),
  }),
  'plan-made': z.object({ plan: Plan, hash: Sha256 }),
  'approval-given': z.object({
    role: ApprovalRole,
    hash: Sha256,
    expiresAt: z.iso.datetime(),
  }),
  'approval-expired': z.object({ role: ApprovalRole, hash: Sha256 }),
  /** Its own person took it back, to hold the other key. */
  'approval-returned': z.object({ role: ApprovalRole, hash: Sha256 }),
  'approvals-voided': z.object({ hash: Sha256, fields: z.array(z.string()) }),
  'plan-declined': z.object({ role: ApprovalRole, hash: Sha256, why: z.string() }),

  'item-answered': z.object({
    item: ItemId,
    answer: z.enum(['done', 'not-applicable', 'open']),
    note: z.string().max(2000).optional(),
  }),
  'note-added': z.object({ text: z.string() }),

  'run-started': z.object({ round: z.number().int(), hash: Sha256, approvers: z.array(PersonId) }),
  'abort-asked': z.object({ why: z.string().optional() }),
  'resume-asked': z.object({
    round: z.number().int(),
    attempt: z.number().int(),
    version: z.enum(['previous', 'same']),
  }),

  'page-asked': z.object({
    page: z.number().int(),
    role: RoleName,
    level: z.number().int(),
    reason: z.string(),
  }),
  'page-answered': z.object({
    dedupKey: z.string(),
    what: z.enum(['acknowledged', 'unacknowledged', 'escalated', 'reassigned', 'resolved']),
    by: z.string().optional(),
  }),

  'operation-queued': z.object({
    operation: OperationId,
    key: z.string(),
    job: z.string(),
    step: z.string(),
    round: z.number().int(),
    attempt: z.number().int(),
  }),
  'operation-started': z.object({
    operation: OperationId,
    worker: z.string(),
    try: z.number().int(),
  }),
  /** Its worker is gone. Nobody knows yet what happened; the reconciler will look. */
  'operation-lost': z.object({ operation: OperationId, why: z.string() }),
  'operation-ended': z.object({
    operation: OperationId,
    outcome: z.enum(['succeeded', 'failed', 'stopped']),
    says: z.string(),
    /** True when a reconciler found it out by looking, because the worker died. */
    foundOut: z.boolean(),
    result: Result.optional(),
    evidence: z.array(Evidence),
    tail: z.string().optional(),
  }),

  'incident-closed': z.object({
    outcome: z.enum(CLOSE_OUTCOMES),
    reason: z.string().optional(),
    archiveAt: z.iso.datetime(),
  }),
  'archive-due': z.object({}),

  /** On a target's own stream: the last versions that were applied when it was read, newest first. */
  'versions-seen': z.object({
    applied: z.array(z.object({ version: Version, name: z.string() })),
  }),
  /** On a target's own stream: the schema that belongs to a version, as seen there. */
  'fingerprint-seen': z.object({
    version: Version.nullable(),
    hash: Sha256,
    incident: IncidentId,
  }),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventData<Type extends EventType> = z.infer<(typeof EVENTS)[Type]>;

export const Actor = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('person'), person: PersonId }),
  z.object({ kind: z.literal('job'), operation: OperationId }),
  z.object({ kind: z.literal('system'), part: z.string() }),
]);
export type Actor = z.infer<typeof Actor>;

/** Something that has been decided or found out and is not yet in the store. */
export type NewEvent = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: EventData<Type> };
}[EventType];

/** An event as the store holds it. `at` is the store's clock. */
export type Event = NewEvent & {
  readonly stream: string;
  readonly seq: number;
  readonly by: Actor;
  readonly at: string;
  readonly request?: string | undefined;
  readonly cause?: string | undefined;
};

/** Names an event; the types of `type` and `data` are held together. */
export function event<Type extends EventType>(type: Type, data: EventData<Type>): NewEvent {
  return EVENT.parse({ type, data });
}

/** The present version of every event's data. A change of shape adds a step to `UPCASTS`. */
export const EVENT_VERSION = 1;

type Upcast = (data: unknown) => unknown;
/** From version v to v + 1, by event type. */
const UPCASTS: Readonly<Partial<Record<EventType, Readonly<Record<number, Upcast>>>>> = {};

const EventTypeName = z.custom<EventType>((name) => typeof name === 'string' && name in EVENTS);

const Envelope = z.object({ type: EventTypeName, data: z.unknown() });
const EVENT = z.custom<NewEvent>((value) => {
  const envelope = Envelope.safeParse(value);
  return envelope.success && EVENTS[envelope.data.type].safeParse(envelope.data.data).success;
}, 'This is no event that this Backout knows.');

/** Reads a stored event of any earlier version; throws a plain sentence when it is from a newer Backout. */
export function readEvent(stored: {
  readonly type: string;
  readonly v: number;
  readonly data: unknown;
}): NewEvent {
  if (stored.v > EVENT_VERSION) {
    throw new Error(
      `Event ${stored.type} is of version ${stored.v}, and this Backout knows ${EVENT_VERSION}: start the newer Backout.`,
    );
  }
  const type = EventTypeName.parse(stored.type);
  let data = stored.data;
  for (let v = stored.v; v < EVENT_VERSION; v += 1) {
    data = UPCASTS[type]?.[v]?.(data) ?? data;
  }
  return EVENT.parse({ type, data });
}

export function streamOfTarget(target: string): string {
  return `target:${target}`;
}
