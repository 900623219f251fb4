/** What an incident is now, and how to ask it. `fold.ts` makes it from everything that happened. */
import type { Export } from './facts/backup.ts';
import type { Evidence, ItemId } from './facts/evidence.ts';
import type { Actor, CLOSE_OUTCOMES, Details } from './events.ts';
import type {
  ApprovalRole,
  IncidentId,
  OperationId,
  PersonId,
  PlanHash,
  RoleName,
  Version,
} from './names.ts';
import type { Plan } from './plan/plan.ts';
import type { JobName, Result, ResultOf } from './facts/results.ts';

export interface ChannelClaim {
  readonly name: string;
  readonly isPrivate: boolean;
  readonly at: string;
}

interface ChannelMade {
  readonly id: string;
  readonly name: string;
  readonly at: string;
  /** How many were asked in, and how many of them could not be. */
  readonly invited?: { readonly count: number; readonly missing: number; readonly at: string };
}

export type Channel =
  | { readonly state: 'none' }
  | ({ readonly state: 'claimed' } & ChannelClaim)
  | ({ readonly state: 'open' } & ChannelMade)
  | {
      readonly state: 'failed';
      readonly why: string;
      /** What goes on being tried; undefined when trying would not help. */
      readonly trying?: ChannelClaim;
    }
  | ({ readonly state: 'archived' } & ChannelMade);

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

/** The channel that is to be made, while it is not there. */
export function claimOf(channel: Channel): ChannelClaim | undefined {
  if (channel.state === 'failed') return channel.trying;
  if (channel.state !== 'claimed') return undefined;
  const { name, isPrivate, at } = channel;
  return { name, isPrivate, at };
}

export function isOver(operation: Operation): boolean {
  return ['succeeded', 'failed', 'stopped'].includes(operation.state);
}

export function isOpen(incident: Incident): boolean {
  return incident.closed === undefined;
}
