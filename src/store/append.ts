/**
 * The one way in which an incident changes. In one transaction: the new events, what follows from them,
 * the operations and timers that the incident now wants, and the rows by which they are found.
 */
import { z } from 'zod';
import type { Event, NewEvent } from '../incident/events.ts';
import { event, streamOfTarget } from '../incident/events.ts';
import type { Incident } from '../incident/incident.ts';
import { fold } from '../incident/fold.ts';
import type { Facts } from '../incident/facts.ts';
import type { IncidentId, Version } from '../incident/names.ts';
import { compareVersions, OperationId } from '../incident/names.ts';
import type { WantedOperation, WantedTimer } from '../incident/wanted.ts';
import { next } from '../incident/next.ts';
import type { Target } from '../incident/target.ts';
import type { Db } from './connect.ts';
import type { Authorship } from './events.ts';
import { lockStream, readStream, writeEvents } from './events.ts';

/** NOTIFY channel: the payload is the incident that changed. */
export const CHANGED = 'backout_changed';

/** Consequences of consequences end long before this; more means that two rules chase each other. */
const ROUNDS_MAX = 25;

export interface Opened {
  readonly incident: Incident | null;
  readonly events: readonly Event[];
}

/** Locks the incident until the transaction ends, and reads it. */
export async function lockIncident(tx: Db, id: IncidentId): Promise<Opened> {
  await lockStream(tx, id);
  const events = await readStream(tx, id);
  return { incident: fold(events), events };
}

export async function storeClock(db: Db): Promise<Date> {
  const rows = await db.rows(z.object({ now: z.date() }), 'select clock_timestamp() as now');
  return rows[0]?.now ?? new Date();
}

/** The incident must be locked by this transaction. Gives what it is afterwards. */
export async function appendToIncident(
  tx: Db,
  given: {
    readonly id: IncidentId;
    readonly before: readonly Event[];
    readonly events: readonly NewEvent[];
    readonly target: Target;
  } & Authorship,
): Promise<{ readonly incident: Incident; readonly events: readonly Event[] }> {
  const at = await storeClock(tx);
  let events = [...given.before];
  let pending: { readonly events: readonly NewEvent[] } & Authorship = given;
  for (let round = 0; ; round += 1) {
    if (round > ROUNDS_MAX) throw new Error(`${given.id}: what follows never ends`);
    const written = await writeEvents(tx, {
      stream: given.id,
      lastSeq: events.length,
      events: pending.events,
      at,
      by: pending.by,
      request: pending.request,
      cause: pending.cause,
    });
    events = [...events, ...written];
    for (const one of written) await keepRows(tx, given.id, one);

    const incident = fold(events);
    if (incident === null) throw new Error(`${given.id} does not begin with incident-opened`);
    const wanted = next(incident, given.target, at);
    const queued = await queueOperations(tx, incident, wanted.operations);
    const following = [...wanted.events, ...queued];
    if (following.length === 0) {
      await keepTimers(tx, given.id, wanted.timers);
      await tx.run('update backout.incidents set seq = $2 where id = $1', [given.id, incident.seq]);
      await tx.run(`select pg_notify('${CHANGED}', $1)`, [given.id]);
      return { incident, events };
    }
    pending = { events: following, by: { kind: 'system', part: 'next' }, cause: causeOf(events) };
  }
}

function causeOf(events: readonly Event[]): string | undefined {
  const last = events.at(-1);
  return last === undefined ? undefined : `${last.stream}#${last.seq}`;
}

/** Rows that follow from an event, for finding and for holding unique. */
async function keepRows(tx: Db, id: IncidentId, happened: Event): Promise<void> {
  switch (happened.type) {
    case 'channel-opened':
      await tx.run('update backout.incidents set channel = $2 where id = $1', [
        id,
        happened.data.channel,
      ]);
      return;
    case 'incident-closed':
      await tx.run('update backout.incidents set is_open = false where id = $1', [id]);
      return;
    case 'approval-given': {
      const { hash, role, expiresAt } = happened.data;
      const person = happened.by.kind === 'person' ? happened.by.person : null;
      await tx.run(
        `insert into backout.approvals (incident, hash, role, person, given_at, expires_at)
        values ($1, $2, $3, $4, $5, $6)`,
        [id, hash, role, person, happened.at, expiresAt],
      );
      return;
    }
    case 'approval-expired':
      await endApprovals(tx, id, { state: 'expired', ...happened.data });
      return;
    case 'approvals-voided':
    case 'plan-declined':
      await endApprovals(tx, id, { state: 'voided', hash: happened.data.hash });
      return;
    case 'abort-asked':
      await endApprovals(tx, id, { state: 'voided' });
      await tx.run(
        `update backout.operations set cancel_asked = true
        where incident = $1 and state in ('queued', 'running', 'lost')
          and step in ('assess', 'back-up', 'maintenance-on', 'pause-writers', 'run-down')`,
        [id],
      );
      return;
    case 'operation-ended':
      await tx.run(`update backout.operations set state = $2, lease_until = null where id = $1`, [
        happened.data.operation,
        happened.data.outcome,
      ]);
      await rememberFingerprint(tx, id, happened);
      return;
    default:
  }
}

async function endApprovals(
  tx: Db,
  id: IncidentId,
  ended: { readonly state: 'expired' | 'voided'; readonly hash?: string; readonly role?: string },
): Promise<void> {
  await tx.run(
    `update backout.approvals set state = $2
    where incident = $1 and state = 'given'
      and ($3::text is null or hash = $3)
      and ($4::text is null or role = $4)`,
    [id, ended.state, ended.hash ?? null, ended.role ?? null],
  );
}

/** The schema of a version, once it has been seen clean: by an assessment, or by a verification that found nothing. */
async function rememberFingerprint(
  tx: Db,
  id: IncidentId,
  happened: Extract<Event, { type: 'operation-ended' }>,
): Promise<void> {
  const { result, outcome } = happened.data;
  if (outcome !== 'succeeded' || result === undefined) return;
  const seen =
    result.job === 'assess'
      ? { row: result.facts.version, hash: result.facts.fingerprint.hash }
      : result.job === 'verify'
        ? { row: result.version, hash: result.fingerprint }
        : null;
  if (seen === null || (seen.row.state === 'at' && seen.row.dirty)) return;
  const version = seen.row.state === 'at' ? seen.row.version : null;
  const target = await targetOf(tx, id);
  const stream = streamOfTarget(target);
  await lockStream(tx, stream);
  const before = await readStream(tx, stream);
  const newest = before.findLast(
    (one) => one.type === 'fingerprint-seen' && one.data.version === version,
  );
  if (newest?.type === 'fingerprint-seen' && newest.data.hash === seen.hash) return;
  if (result.job === 'assess' && isAnothers(result.facts, before)) return;
  await writeEvents(tx, {
    stream,
    lastSeq: before.length,
    events: [event('fingerprint-seen', { version, hash: seen.hash, incident: id })],
    at: new Date(happened.at),
    by: happened.by,
    cause: `${happened.stream}#${happened.seq}`,
  });
}

/**
 * The schema of another version, with files between the two that were made to change it: somebody moved the row
 * alone. It must not become what this version is compared with.
 */
function isAnothers({ version: row, fingerprint, folder }: Facts, seen: readonly Event[]): boolean {
  const version = row.state === 'at' ? row.version : null;
  const isAbove = (one: Version, other: Version | null): boolean =>
    other === null || compareVersions(one, other) > 0;
  const changing = folder.migrations.filter((one) => one.down?.changesSchema === true);
  return seen.some((one) => {
    if (one.type !== 'fingerprint-seen' || one.data.hash !== fingerprint.hash) return false;
    const other = one.data.version;
    return changing.some((file) => isAbove(file.version, version) !== isAbove(file.version, other));
  });
}

async function targetOf(tx: Db, id: IncidentId): Promise<string> {
  const rows = await tx.rows(
    z.object({ target: z.string() }),
    'select target from backout.incidents where id = $1',
    [id],
  );
  const row = rows[0];
  if (row === undefined) throw new Error(`${id} has no row`);
  return row.target;
}

/** Makes those that are not there yet; the key is unique, so wanting twice makes one. */
async function queueOperations(
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

async function keepTimers(tx: Db, id: IncidentId, timers: readonly WantedTimer[]): Promise<void> {
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
