import { z } from 'zod';
import { IncidentId } from '../incident/names.ts';
import { next } from '../incident/flow/next.ts';
import { appendToIncident, lockIncident } from './append.ts';
import type { StoreConnection } from './connect.ts';
import type { TargetOf } from './operations.ts';

/** Turns due timers into their events, if the incident still wants them; gives how many fell due. */
export async function fireTimers(store: StoreConnection, targetOf: TargetOf): Promise<number> {
  const due = await store.rows(
    z.object({ incident: IncidentId, key: z.string() }),
    'select incident, key from backout.timers where due_at <= clock_timestamp() order by due_at limit 50',
  );
  const broken: unknown[] = [];
  for (const timer of due) {
    // One that breaks must not hold up the others.
    await fire(store, timer, targetOf).catch((error: unknown) => broken.push(error));
  }
  if (broken.length > 0) throw broken[0];
  return due.length;
}

async function fire(
  store: StoreConnection,
  timer: { readonly incident: IncidentId; readonly key: string },
  targetOf: TargetOf,
): Promise<void> {
  await store.transaction(async (tx) => {
    const { incident, events } = await lockIncident(tx, timer.incident);
    const rows = await tx.rows(
      z.object({ now: z.date() }),
      `delete from backout.timers
      where incident = $1 and key = $2 and due_at <= clock_timestamp()
      returning clock_timestamp() as now`,
      [timer.incident, timer.key],
    );
    const fired = rows[0];
    if (incident === null || fired === undefined) return;
    const target = targetOf(incident.target);
    // What the timer was set for may have passed: only what is wanted now happens.
    const wanted = next(incident, target, fired.now).timers.find((one) => one.key === timer.key);
    if (wanted === undefined) return;
    await appendToIncident(tx, {
      id: timer.incident,
      before: events,
      events: [wanted.event],
      target,
      by: { kind: 'system', part: 'timer' },
    });
  });
}
