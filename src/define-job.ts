/** What a job is: the only thing that touches the world, through the doors that it names. */
import type { z } from 'zod';
import type { Doors, OnProgress, Patience } from './doors.ts';
import type { Export } from './incident/facts/backup.ts';
import type { Evidence } from './incident/facts/evidence.ts';
import type { Fingerprint } from './incident/facts/facts.ts';
import type { Incident } from './incident/incident.ts';
import type { OperationId, Sha256, Version } from './incident/names.ts';
import type { JobName, Result } from './incident/facts/results.ts';
import type { Target } from './incident/target.ts';

/** What the world was found to be, or what was done to it. */
export interface Report {
  readonly outcome: 'succeeded' | 'failed' | 'stopped';
  /** First what is true now, then what to do. */
  readonly says: string;
  readonly result?: Result;
  readonly evidence: readonly Evidence[];
  /** The last lines of the tool's output, masked, at most 4 KiB. */
  readonly tail?: string;
}

/** What a reconciler says after a worker died. */
export type Found =
  | { readonly state: 'ended'; readonly report: Report }
  /** It had not begun to act: it can begin again under the same operation. */
  | { readonly state: 'not-begun' }
  /** It is still going on somewhere: look again soon. */
  | { readonly state: 'going-on'; readonly what: string };

export interface JobContext extends Patience {
  readonly incident: Incident;
  readonly target: Target;
  readonly operation: OperationId;
  /** `backout/INC-42/op-7`: everything we start carries it. */
  readonly applicationName: string;
  readonly now: () => Date;
  readonly progress: OnProgress;
  /** A line of tool output, already masked; the last ones are kept. */
  readonly say: (line: string) => void;
  /** Kept in the store before anything is done, fenced: what must be known even if this worker dies. */
  readonly record: (fact: unknown) => Promise<void>;
  /** What was recorded by this operation before, by an earlier try or by the one that died. */
  readonly recorded: unknown;
  /** Keeps the lines behind a fingerprint; recalls those of a hash. */
  readonly fingerprints: {
    readonly keep: (fingerprint: Fingerprint) => Promise<void>;
    readonly recall: (hash: Sha256) => Promise<Fingerprint | null>;
    /** The hashes seen for a version of this target, newest first. */
    readonly seenFor: (version: Version | null) => Promise<readonly Sha256[]>;
  };
  readonly exports?: readonly Export[];
}

interface JobBase<Input extends z.ZodType, Names extends keyof Doors> {
  readonly name: JobName;
  /** What may be done when its worker died: begin again, look first, or only look. */
  readonly again: 'safe' | 'looks-first' | 'never';
  readonly timeoutMs: number;
  readonly input: Input;
  readonly doors: readonly Names[];
  readonly run: (
    input: z.infer<Input>,
    doors: Pick<Doors, Names>,
    context: JobContext,
  ) => Promise<Report>;
  /** Looks at the world and says what happened. Needed unless the job may simply begin again. */
  readonly look?: (
    input: z.infer<Input>,
    doors: Pick<Doors, Names>,
    context: JobContext,
  ) => Promise<Found>;
}

export interface Job {
  readonly name: JobName;
  readonly again: 'safe' | 'looks-first' | 'never';
  readonly timeoutMs: number;
  readonly doors: readonly (keyof Doors)[];
  readonly run: (input: unknown, doors: Doors, context: JobContext) => Promise<Report>;
  readonly look: (input: unknown, doors: Doors, context: JobContext) => Promise<Found>;
}

/** A job gets just the doors it names, whatever it is handed. */
export function defineJob<Input extends z.ZodType, Names extends keyof Doors>(
  job: JobBase<Input, Names>,
): Job {
  const { run, look, input, ...rest } = job;
  return {
    ...rest,
    run: (given, doors, context) => run(input.parse(given), doors, context),
    look: async (given, doors, context) =>
      look === undefined ? { state: 'not-begun' } : look(input.parse(given), doors, context),
  };
}
