import { expect, test } from 'vitest';
import { z } from 'zod';
import { event } from '../../src/incident/events.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { IncidentId } from '../../src/incident/names.ts';
import { appendToIncident, lockIncident } from '../../src/store/append.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { newIncident, readIncident } from '../../src/store/incidents.ts';
import { freshStore } from '../support/store.ts';
import { aTarget } from '../support/targets.ts';

const target = aTarget();

async function opened(store: StoreConnection): Promise<IncidentId> {
  return store.transaction(async (tx) => {
    const id = await newIncident(tx, target.name);
    await appendToIncident(tx, {
      id,
      before: [],
      events: [
        event('incident-opened', { incident: id, target: target.name, sentence: 'x', details: {} }),
      ],
      target,
      by: { kind: 'person', person: 'anna' },
    });
    return id;
  });
}

async function happens(store: StoreConnection, id: IncidentId, text: string): Promise<Incident> {
  return store.transaction(async (tx) => {
    const { events } = await lockIncident(tx, id);
    const after = await appendToIncident(tx, {
      id,
      before: events,
      events: [event('note-added', { text })],
      target,
      by: { kind: 'person', person: 'anna' },
    });
    return after.incident;
  });
}

test('opening an incident queues assessment and backup in the same transaction', async () => {
  await using fresh = await freshStore();
  const id = await opened(fresh.store);
  const read = await readIncident(fresh.store, id);
  expect(read?.incident.operations.map((one) => [one.step, one.state])).toEqual([
    ['assess', 'queued'],
    ['back-up', 'queued'],
  ]);
  const rows = await fresh.store.rows(
    z.object({ step: z.string() }),
    'select step from backout.operations order by id',
  );
  expect(rows.map((row) => row.step)).toEqual(['assess', 'back-up']);
});

test('what is wanted twice is made once', async () => {
  await using fresh = await freshStore();
  const id = await opened(fresh.store);
  await Promise.all(['a', 'b', 'c', 'd'].map((text) => happens(fresh.store, id, text)));
  const read = await readIncident(fresh.store, id);
  expect(read?.incident.operations).toHaveLength(2);
  expect(read?.incident.notes).toHaveLength(4);
  expect(read?.events.map((one) => one.seq)).toEqual(read?.events.map((_, index) => index + 1));
});

test('one target has one open incident', async () => {
  await using fresh = await freshStore();
  await opened(fresh.store);
  await expect(opened(fresh.store)).rejects.toThrow(/one_open_incident_per_target/);
});

test('the database refuses a change of the target without both approvals', async () => {
  await using fresh = await freshStore();
  const id = await opened(fresh.store);
  const insert = `insert into backout.operations
    (id, incident, key, job, step, round, attempt, input, mutates, database_key, plan_hash, on_call_approval, dba_approval)
    values ($1, $2, $1, 'run-down', 'run-down', 1, 1, '{}', true, 'x/y', 'sha256:a', $3, $4)`;
  await expect(fresh.store.run(insert, ['op', id, null, null])).rejects.toThrow(/both_keys/);

  const approve = `insert into backout.approvals (incident, hash, role, person, given_at, expires_at)
    values ($1, $2, $3, $4, now(), now()) returning id`;
  const Id = z.object({ id: z.string() });
  const [onCall] = await fresh.store.rows(Id, approve, [id, 'sha256:a', 'on_call', 'anna']);
  await expect(fresh.store.rows(Id, approve, [id, 'sha256:a', 'dba', 'anna'])).rejects.toThrow(
    /one_approval_per_person/,
  );
  await expect(fresh.store.rows(Id, approve, [id, 'sha256:a', 'on_call', 'ben'])).rejects.toThrow(
    /one_approval_per_role/,
  );
  // One approval cannot stand for both roles, and one for another plan counts for nothing here.
  await expect(fresh.store.run(insert, ['op', id, onCall?.id, onCall?.id])).rejects.toThrow(
    /foreign key/,
  );
  const [other] = await fresh.store.rows(Id, approve, [id, 'sha256:b', 'dba', 'dora']);
  await expect(fresh.store.run(insert, ['op', id, onCall?.id, other?.id])).rejects.toThrow(
    /foreign key/,
  );
  const [dba] = await fresh.store.rows(Id, approve, [id, 'sha256:a', 'dba', 'dora']);
  expect(await fresh.store.run(insert, ['op', id, onCall?.id, dba?.id])).toBe(1);
});
