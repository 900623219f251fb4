/** Coordination of work: who does what under which fence, until when, and how far it is. */
import { z } from 'zod';
import type { Report } from '../define-job.ts';
import type { Progress } from '../doors.ts';
import { event } from '../incident/events.ts';
import type { Incident } from '../incident/incident.ts';
import { IncidentId, OperationId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import { appendToIncident, CHANGED, lockIncident } from './append.ts';
import type { Db, StoreConnection } from './connect.ts';
import { violatedConstraint } from './connect.ts';

/** A worker that says nothing for this long is taken to be gone. */
export const LEASE_SECONDS = 15;

export const OperationRow = z.object({
  id: OperationId,
  incident: IncidentId,
  job: z.string(),
  step: z.string(),
  input: z.unknown(),
  mutates: z.boolean(),
  fence: z.number().int(),
  tries: z.number().int(),
  recorded: z.unknown(),
  cancel_asked: z.boolean(),
});

/** An operation in somebody's hands. Whatever is written under an older fence is refused. */
export interface Claim {
  readonly id: OperationId;
  readonly incident: IncidentId;
  readonly job: string;
  readonly step: string;
  readonly input: unknown;
  readonly fence: number;
  readonly tries: number;
  readonly recorded: unknown;
  /** Somebody aborted it before it was taken. */
  readonly cancelAsked: boolean;
  readonly leaseSeconds: number;
}

export const OPERATION_COLUMNS =
  'id, incident, job, step, input, mutates, fence, tries, recorded, cancel_asked';

export type TargetOf = (name: string) => Target;

/** Who takes which operation, and for how long without a word. */
export interface Taking {
  readonly id: OperationId;
  readonly worker: string;
  readonly targetOf: TargetOf;
  readonly leaseSeconds?: number | undefined;
}

/** Takes a queued operation; null when somebody else has it, it is over, or its database is busy. */
export async function claimOperation(
  store: StoreConnection,
  given: Taking,
): Promise<{ readonly claim: Claim; readonly incident: Incident } | null> {
  const owner = IncidentId.parse(given.id.split('/')[0]);
  const { leaseSeconds = LEASE_SECONDS } = given;
  try {
    return await store.transaction(async (tx) => {
      const { incident, events } = await lockIncident(tx, owner);
      if (incident === null) return null;
      const rows = await tx.rows(
        OperationRow,
        `update backout.operations
        set state = 'running', fence = fence + 1, tries = tries + 1, worker = $2,
          lease_until = clock_timestamp() + make_interval(secs => $3)
        where id = $1 and state = 'queued'
        returning ${OPERATION_COLUMNS}`,
        [given.id, given.worker, leaseSeconds],
      );
      const row = rows[0];
      if (row === undefined) return null;
      const after = await appendToIncident(tx, {
        id: owner,
        before: events,
        events: [
          event('operation-started', { operation: row.id, worker: given.worker, try: row.tries }),
        ],
        target: given.targetOf(incident.target),
        by: { kind: 'system', part: 'worker' },
      });
      return { claim: claimOf(row, leaseSeconds), incident: after.incident };
    });
  } catch (error) {
    // Another operation is changing this database: this one stays queued for the next sweep.
    if (violatedConstraint(error) === 'one_change_per_database') return null;
    throw error;
  }
}

export function claimOf(row: z.infer<typeof OperationRow>, leaseSeconds: number): Claim {
  const { id, incident, job, step, input, fence, tries, recorded, cancel_asked } = row;
  const asked = { id, incident, job, step, input, fence, tries, recorded };
  return { ...asked, cancelAsked: cancel_asked, leaseSeconds };
}

export type Heard = 'go-on' | 'cancel' | 'not-mine';

/** Says that the worker lives, how far it is and what the tool last said; hears whether to stop. */
export async function beat(
  db: Db,
  claim: Claim,
  told: {
    readonly progress: (Progress & { readonly secondsLeft: number | null }) | null;
    readonly tail: string;
  },
): Promise<Heard> {
  const rows = await db.rows(
    z.object({ cancel_asked: z.boolean() }),
    `update backout.operations
    set lease_until = clock_timestamp() + make_interval(secs => $3), progress = $4, tail = $5
    where id = $1 and fence = $2 and state in ('running', 'lost')
    returning cancel_asked`,
    [
      claim.id,
      claim.fence,
      claim.leaseSeconds,
      told.progress === null ? null : JSON.stringify(told.progress),
      told.tail,
    ],
  );
  const row = rows[0];
  if (row === undefined) return 'not-mine';
  return row.cancel_asked ? 'cancel' : 'go-on';
}

/** Keeps what must be known even if the worker dies now; throws when the operation is no longer ours. */
export async function recordFact(db: Db, claim: Claim, fact: unknown): Promise<void> {
  const changed = await db.run(
    `update backout.operations set recorded = $3
    where id = $1 and fence = $2 and state in ('running', 'lost')`,
    [claim.id, claim.fence, JSON.stringify(fact)],
  );
  if (changed === 0) throw new Error(`${claim.id} is no longer in this worker's hands`);
}

/** The result and the event, together; false when somebody else has settled it meanwhile. */
export async function endOperation(
  store: StoreConnection,
  claim: Claim,
  given: { readonly report: Report; readonly foundOut: boolean; readonly targetOf: TargetOf },
): Promise<boolean> {
  return store.transaction(async (tx) => {
    const { incident, events } = await lockIncident(tx, claim.incident);
    if (incident === null || !(await isStillOurs(tx, claim))) return false;
    const { outcome, says, result, evidence, tail } = given.report;
    await appendToIncident(tx, {
      id: claim.incident,
      before: events,
      events: [
        event('operation-ended', {
          operation: claim.id,
          outcome,
          says,
          foundOut: given.foundOut,
          result,
          evidence: [...evidence],
          tail,
        }),
      ],
      target: given.targetOf(incident.target),
      by: { kind: 'job', operation: claim.id },
    });
    return true;
  });
}

/** False once another worker has taken it. */
export async function isStillOurs(db: Db, claim: Claim): Promise<boolean> {
  const rows = await db.rows(
    z.object({ id: z.string() }),
    `select id from backout.operations
    where id = $1 and fence = $2 and state in ('running', 'lost')`,
    [claim.id, claim.fence],
  );
  return rows.length > 0;
}

/** Gives an operation back, so that any worker can begin it again; what it recorded stays. A try that was only broken off by a leaving worker does not count. */
export async function handOver(db: Db, claim: Claim, why: 'leaving' | 'died'): Promise<boolean> {
  const changed = await db.run(
    `update backout.operations
    set state = 'queued', lease_until = null, worker = null, offered_at = null, tries = tries - $3
    where id = $1 and fence = $2 and state in ('running', 'lost')`,
    [claim.id, claim.fence, why === 'leaving' ? 1 : 0],
  );
  if (changed > 0) await db.run(`select pg_notify('${CHANGED}', $1)`, [claim.incident]);
  return changed > 0;
}

/** Queued operations that have not been offered to the queue lately. */
export async function toOffer(
  db: Db,
  again: { readonly afterSeconds: number },
): Promise<readonly { readonly id: OperationId; readonly tries: number }[]> {
  return db.rows(
    z.object({ id: OperationId, tries: z.number().int() }),
    `update backout.operations
    set offered_at = clock_timestamp()
    where state = 'queued'
      and (offered_at is null or offered_at < clock_timestamp() - make_interval(secs => $1))
    returning id, tries`,
    [again.afterSeconds],
  );
}

const ProgressRow = z.object({
  id: OperationId,
  progress: z
    .object({
      done: z.number(),
      total: z.number().nullable(),
      unit: z.enum(['bytes', 'rows', 'steps', 'files']),
      what: z.string(),
      secondsLeft: z.number().nullable(),
    })
    .nullable(),
  tail: z.string().nullable(),
});
export type OperationProgress = z.infer<typeof ProgressRow>;

/** How far the running operations of an incident are; progress is no event. */
export async function progressOf(
  db: Db,
  incident: IncidentId,
): Promise<readonly OperationProgress[]> {
  return db.rows(
    ProgressRow,
    `select id, progress, tail from backout.operations
    where incident = $1 and state in ('running', 'lost')`,
    [incident],
  );
}
