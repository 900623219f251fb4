import type { NewEvent } from '../events.ts';
import type { JobName } from '../facts/results.ts';

/** One operation that has to exist. `key` is natural: incident, step, plan hash, round and attempt. */
export interface WantedOperation {
  readonly key: string;
  readonly job: JobName;
  readonly step: string;
  readonly round: number;
  readonly attempt: number;
  readonly input: unknown;
  /** Changes the target: refers to both approvals, and is alone on its database. */
  readonly mutates: boolean;
}

/** Becomes its event when it is due, unless the incident no longer wants it by then. */
export interface WantedTimer {
  readonly key: string;
  readonly dueAt: string;
  readonly event: NewEvent;
}

export interface Wanted {
  /** What follows from what happened. They are appended at once, and `next` is asked again. */
  readonly events: readonly NewEvent[];
  readonly operations: readonly WantedOperation[];
  readonly timers: readonly WantedTimer[];
}
