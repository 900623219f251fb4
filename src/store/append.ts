/**
 * The one way in which an incident changes. In one transaction: the new events, what follows from them,
 * the operations and timers that the incident now wants, and the rows by which they are found.
 */
import { z } from 'zod';
import type { Event, NewEvent } from '../incident/events.ts';
import { fold } from '../incident/fold.ts';
import type { Incident } from '../incident/incident.ts';
import type { IncidentId } from '../incident/names.ts';
import { next } from '../incident/flow/next.ts';
import type { Target } from '../incident/target.ts';
import type { Db } from './connect.ts';
import type { Authorship } from './events.ts';
import { lockStream, readStream, writeEvents } from './events.ts';
import { keepRows } from './rows.ts';
import { keepTimers, queueOperations } from './wanted.ts';

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
  const row = rows[0];
  if (row === undefined) throw new Error('The store did not say what time it is.');
  return row.now;
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
