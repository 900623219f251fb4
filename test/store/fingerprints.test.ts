import { expect, test } from 'vitest';
import { event } from '../../src/incident/events.ts';
import type { Facts, MigrationFile } from '../../src/incident/facts/facts.ts';
import { OperationId } from '../../src/incident/names.ts';
import type { IncidentId, Sha256 } from '../../src/incident/names.ts';
import { sha256 } from '../../src/incident/plan/plan.ts';
import { appendToIncident, lockIncident } from '../../src/store/append.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { fingerprintsSeen, newIncident } from '../../src/store/incidents.ts';
import { freshStore } from '../support/store.ts';
import { aTarget, someFacts } from '../support/targets.ts';

const target = aTarget();
const BY = { kind: 'person', person: 'anna' } as const;

async function opened(store: StoreConnection): Promise<IncidentId> {
  return store.transaction(async (tx) => {
    const incident = await newIncident(tx, target.name);
    const about = { incident, target: target.name, sentence: 'x', details: {} };
    await appendToIncident(tx, {
      id: incident,
      before: [],
      events: [event('incident-opened', about)],
      target,
      by: BY,
    });
    return incident;
  });
}

/** The newest assessment ends, and this is what it saw. */
async function assessed(
  store: StoreConnection,
  id: IncidentId,
  seen: { readonly version: string; readonly hash: Sha256; readonly changesSchema: boolean },
): Promise<void> {
  const { version, hash, changesSchema } = seen;
  const { folder } = someFacts();
  const migrations = folder.migrations.map((one): MigrationFile =>
    one.down === undefined ? one : { ...one, down: { ...one.down, changesSchema } },
  );
  const facts: Facts = someFacts({
    version: { state: 'at', version, dirty: false },
    folder: { ...folder, migrations },
    fingerprint: { hash, objects: 1 },
  });
  await store.transaction(async (tx) => {
    const { events } = await lockIncident(tx, id);
    const operation = OperationId.parse(`${id}/op-1`);
    await appendToIncident(tx, {
      id,
      before: events,
      events: [
        event('operation-ended', {
          operation,
          outcome: 'succeeded',
          says: 'seen',
          foundOut: false,
          evidence: [],
          result: { job: 'assess', facts },
        }),
      ],
      target,
      by: BY,
    });
  });
}

const hash = sha256('schema of 8');

test('the schema of another version is not remembered for a version whose row alone was moved', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const id = await opened(store);
  await assessed(store, id, { version: '8', hash, changesSchema: true });
  await assessed(store, id, { version: '7', hash, changesSchema: true });

  expect(await fingerprintsSeen(store, target.name, '8')).toEqual([hash]);
  expect(await fingerprintsSeen(store, target.name, '7')).toEqual([]);
});

test('two versions that differ in their data have the same schema', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const id = await opened(store);
  await assessed(store, id, { version: '8', hash, changesSchema: false });
  await assessed(store, id, { version: '7', hash, changesSchema: false });

  expect(await fingerprintsSeen(store, target.name, '7')).toEqual([hash]);
});
