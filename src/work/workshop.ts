/** What a worker works with: the jobs, the way to the targets, and the store behind it all. */
import type { Job } from '../define-job.ts';
import type { Doors } from '../doors.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';

export interface Workshop {
  readonly store: StoreConnection;
  readonly jobs: readonly Job[];
  readonly targetOf: (name: string) => Target;
  /** Opens what a job may touch, for one operation; `close` lets go of it. */
  readonly openDoors: (
    target: Target,
  ) => Promise<{ readonly doors: Doors; close(): Promise<void> }>;
  readonly worker: string;
  readonly log: Log;
  /** Aborts when this process has to end: what may be begun again is handed over. */
  readonly leaving: AbortSignal;
  /** How long this worker may be silent before it is taken to be gone. */
  readonly leaseSeconds?: number | undefined;
}

export function jobOf(shop: Workshop, name: string): Job {
  const job = shop.jobs.find((one) => one.name === name);
  if (job === undefined) throw new Error(`no job is called ${name}`);
  return job;
}

export async function withDoors<Result>(
  shop: Workshop,
  target: Target,
  work: (doors: Doors) => Promise<Result>,
): Promise<Result> {
  const opened = await shop.openDoors(target);
  try {
    return await work(opened.doors);
  } finally {
    await opened.close();
  }
}
