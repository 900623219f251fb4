/** What an incident wants next, as rows: operations to be done and timers to come due. */
import type { NewEvent } from '../incident/events.ts';
import { event } from '../incident/events.ts';
import type { Incident } from '../incident/incident.ts';
import type { IncidentId } from '../incident/names.ts';
import { OperationId } from '../incident/names.ts';
import type { WantedOperation, WantedTimer } from '../incident/flow/wanted.ts';
import type { Db } from './connect.ts';

/** Makes those that are not there yet; the key is unique, so wanting twice makes one. */
export async function queueOperations(
  tx: Db,
  incident: Incident,
  wanted: readonly WantedOperation[],
): Promise<readonly NewEvent[]> {
  const missing = wanted.filter((one) => !incident.operations.some((op) => op.key === one.key));
  const queued: NewEvent[] = [];
  for (const [index, one] of missing.entries()) {
    const id = OperationId.parse(`${incident.id}/op-${incident.operations.length + index + 1}`);
    await insertOperation(tx, { id, incident, one });
    const { key, job, step, round, attempt } = one;
    queued.push(event('operation-queued', { operation: id, key, job, step, round, attempt }));
  }
  return queued;
}

/** A change of the target carries both approvals of its plan; without them the database refuses the row. */
async function insertOperation(
  tx: Db,
  given: { readonly id: OperationId; readonly incident: Incident; readonly one: WantedOperation },
): Promise<void> {
  const { id, incident, one } = given;
  const plan = one.mutates ? incident.plan : undefined;
  const databaseKey = plan && `${plan.plan.systemIdentifier}/${plan.plan.database}`;
  await tx.run(
    `insert into backout.operations
      (id, incident, key, job, step, round, attempt, input, mutates, database_key, plan_hash,
       on_call_approval, dba_approval)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
      (select id from backout.approvals where incident = $2 and hash = $11 and role = 'on_call' and state = 'given'),
      (select id from backout.approvals where incident = $2 and hash = $11 and role = 'dba' and state = 'given'))`,
    [
      id,
      incident.id,
      one.key,
      one.job,
      one.step,
      one.round,
      one.attempt,
      JSON.stringify(one.input),
      one.mutates,
      databaseKey ?? null,
      plan?.hash ?? null,
    ],
  );
}

export async function keepTimers(
  tx: Db,
  id: IncidentId,
  timers: readonly WantedTimer[],
): Promise<void> {
  await tx.run('delete from backout.timers where incident = $1 and not (key = any($2))', [
    id,
    timers.map((one) => one.key),
  ]);
  for (const one of timers) {
    await tx.run(
      `insert into backout.timers (incident, key, due_at) values ($1, $2, $3)
      on conflict (incident, key) do update set due_at = excluded.due_at`,
      [id, one.key, one.dueAt],
    );
  }
}
