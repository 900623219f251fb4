import { expect, test } from 'vitest';
import { event } from '../../src/incident/events.ts';
import type { OperationId } from '../../src/incident/names.ts';
import { appendToIncident } from '../../src/store/append.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { newIncident, readIncident } from '../../src/store/incidents.ts';
import { abandonedOperations, settle, takeLost } from '../../src/store/lost-operations.ts';
import {
  beat,
  claimOperation,
  endOperation,
  handOver,
  recordFact,
  toOffer,
} from '../../src/store/operations.ts';
import { freshStore } from '../support/store.ts';
import { aTarget } from '../support/targets.ts';

const target = aTarget();
const targetOf = (): typeof target => target;
const REPORT = { outcome: 'succeeded', says: 'done', evidence: [] } as const;
const QUIET = { progress: null, tail: '' } as const;

async function anAssessment(store: StoreConnection): Promise<OperationId> {
  return store.transaction(async (tx) => {
    const id = await newIncident(tx, target.name);
    const { incident } = await appendToIncident(tx, {
      id,
      before: [],
      events: [
        event('incident-opened', { incident: id, target: target.name, sentence: 'x', details: {} }),
      ],
      target,
      by: { kind: 'person', person: 'anna' },
    });
    const [first] = incident.operations;
    if (first === undefined) throw new Error('nothing was queued');
    return first.id;
  });
}

async function ranOut(store: StoreConnection, id: OperationId): Promise<void> {
  await store.run(
    `update backout.operations set lease_until = clock_timestamp() - interval '1 second' where id = $1`,
    [id],
  );
}

test('of many workers that are woken for one operation, one gets it', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  const claims = await Promise.all(
    ['a', 'b', 'c', 'd'].map((worker) => claimOperation(fresh.store, { id, worker, targetOf })),
  );
  expect(claims.filter((one) => one !== null)).toHaveLength(1);
});

test('a worker that was taken for dead can no longer write anything', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  const slow = await claimOperation(fresh.store, { id, worker: 'slow', targetOf });
  if (slow === null) throw new Error('not claimed');
  expect(await abandonedOperations(fresh.store)).toEqual([]);
  await ranOut(fresh.store, id);
  expect(await abandonedOperations(fresh.store)).toEqual([{ id, state: 'running' }]);
  const looking = await takeLost(fresh.store, { id, worker: 'reconciler', targetOf });
  if (looking === null) throw new Error('not taken');

  expect(await beat(fresh.store, slow.claim, QUIET)).toBe('not-mine');
  await expect(recordFact(fresh.store, slow.claim, { x: 1 })).rejects.toThrow(/no longer/);
  expect(
    await endOperation(fresh.store, slow.claim, { report: REPORT, foundOut: false, targetOf }),
  ).toBe(false);
  expect(await handOver(fresh.store, slow.claim, 'leaving')).toBe(false);
  const read = await readIncident(fresh.store, looking.claim.incident);
  expect(read?.incident.operations[0]?.state).toBe('lost');
});

test('an operation that had not begun to act is done again by another worker, with what was recorded', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  const first = await claimOperation(fresh.store, { id, worker: 'first', targetOf });
  if (first === null) throw new Error('not claimed');
  await recordFact(fresh.store, first.claim, { name: 'kept' });
  await ranOut(fresh.store, id);
  const looking = await takeLost(fresh.store, { id, worker: 'reconciler', targetOf });
  if (looking === null) throw new Error('not taken');
  await settle(fresh.store, looking.claim, { found: { state: 'not-begun' }, targetOf });
  expect(await toOffer(fresh.store, { afterSeconds: 5 })).toContainEqual({ id, tries: 1 });
  const second = await claimOperation(fresh.store, { id, worker: 'second', targetOf });
  expect(second?.claim).toMatchObject({ tries: 2, recorded: { name: 'kept' } });
});

test('a job whose workers keep dying is given up and says so', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  for (let round = 0; round < 4; round += 1) {
    expect(await claimOperation(fresh.store, { id, worker: `w${round}`, targetOf })).not.toBeNull();
    await ranOut(fresh.store, id);
    const looking = await takeLost(fresh.store, { id, worker: 'reconciler', targetOf });
    if (looking === null) throw new Error('not taken');
    await settle(fresh.store, looking.claim, { found: { state: 'not-begun' }, targetOf });
  }
  const read = await readIncident(fresh.store, 'INC-1');
  expect(read?.incident.operations[0]).toMatchObject({ state: 'failed', foundOut: true });
  expect(read?.incident.operations[0]?.says).toContain('died 4 times');
});

test('an operation is offered again only after a while, and never once it is taken', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  const first = await toOffer(fresh.store, { afterSeconds: 60 });
  expect(first.map((one) => one.id)).toContain(id);
  expect(await toOffer(fresh.store, { afterSeconds: 60 })).toEqual([]);
  await claimOperation(fresh.store, { id, worker: 'w', targetOf });
  const later = await toOffer(fresh.store, { afterSeconds: 0 });
  expect(later.map((one) => one.id)).not.toContain(id);
});

test('however often a worker leaves in the middle, that is no sign against the job', async () => {
  await using fresh = await freshStore();
  const id = await anAssessment(fresh.store);
  for (let round = 0; round < 6; round += 1) {
    const taken = await claimOperation(fresh.store, { id, worker: `w${round}`, targetOf });
    expect(taken?.claim.tries).toBe(1);
    if (taken !== null) await handOver(fresh.store, taken.claim, 'leaving');
  }
});
