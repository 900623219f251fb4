import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { TargetLock } from '../../src/doors.ts';
import { connect } from '../../src/target/connect.ts';
import { lockKey } from '../../src/target/lock.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, freshRole, type FreshDatabase } from '../support/postgres.ts';

let database: FreshDatabase;
let target: ReturnType<typeof openTarget>;
const held: TargetLock[] = [];
beforeAll(async () => {
  database = await freshDatabase();
});
beforeEach(() => {
  target = openTarget({ url: database.url });
});
afterEach(async () => {
  for (const lock of held.splice(0)) await lock.release();
  await target.close();
});
afterAll(() => database.drop());

/** Takes the lock, or fails the test. */
async function take(holder: string): Promise<TargetLock> {
  const lock = await target.lock(holder);
  if ('heldBy' in lock) throw new Error(`It is held by ${lock.heldBy}.`);
  held.push(lock);
  return lock;
}

test('one writer per database: a second one is told who it is', async () => {
  await take('backout/INC-1/op-7');

  expect(await target.lock('backout/INC-2/op-1')).toEqual({ heldBy: 'backout/INC-1/op-7' });
});

test('a released lock can be taken again', async () => {
  const first = await take('first');
  await first.release();

  expect(first.lost.aborted).toBe(false);
  await take('second');
});

test('a lock is broken only under the name of its holder', async () => {
  const lock = await take('backout/INC-1/op-7');
  const lost = once(lock.lost, 'abort');
  await target.breakLock('backout/INC-2/op-1');
  expect(await target.lock('another')).toEqual({ heldBy: 'backout/INC-1/op-7' });

  await target.breakLock('backout/INC-1/op-7');
  await lost;
  await vi.waitFor(() => take('another'));
});

test('another database of the same server has a lock of its own', async () => {
  await using other = await freshDatabase();
  await take('here');
  const elsewhere = openTarget({ url: other.url });
  const lock = await elsewhere.lock('there');

  expect(lock).not.toHaveProperty('heldBy');
  if ('release' in lock) await lock.release();
  await elsewhere.close();
});

test('a lock is lost with its connection, and then free', async () => {
  const lock = await take('doomed');
  const lost = once(lock.lost, 'abort');
  const session = await connect(database.url, {
    applicationName: 'killer',
    readOnly: false,
    database: 'postgres',
  });
  await session.query(
    z.unknown(),
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'doomed'`,
  );
  await session.end();
  await lost;

  await vi.waitFor(() => take('next'), 5_000);
});

test('the lock does not stand in the way of copying the database as a template', async () => {
  await take('holder');
  await target.close();

  await using copy = await freshDatabase({ template: database.name });
  expect(copy.name).not.toBe(database.name);
});

test('a role without rights can take the lock as well', async () => {
  await using role = await freshRole();
  const limited = openTarget({ url: role.urlOf(database) });
  const lock = await limited.lock('limited');

  expect(await target.lock('other')).toEqual({ heldBy: 'limited' });
  if ('release' in lock) await lock.release();
  await limited.close();
});

test('the key of the lock depends on the server and on the name of the database, not on its address', () => {
  const key = lockKey({ systemIdentifier: '7', database: 'auth' });

  expect(key).toMatch(/^-?\d{1,19}$/);
  expect(lockKey({ systemIdentifier: '7', database: 'auth' })).toBe(key);
  expect(lockKey({ systemIdentifier: '8', database: 'auth' })).not.toBe(key);
  expect(lockKey({ systemIdentifier: '7', database: 'auth2' })).not.toBe(key);
});
