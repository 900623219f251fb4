import { Redis } from 'ioredis';
import { expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ownRedis } from '../support/own-redis.ts';
import type { Rollback } from '../support/rollback.ts';
import { aRollback, bothApprove, opened, rolledBackOnce, times } from '../support/rollback.ts';

async function asItWas(rollback: Rollback): Promise<void> {
  const { site } = rollback;
  expect(await site.version()).toBe('3');
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
  expect((await rollback.view()).maintenance).toBe('off');
}

test('Redis emptied in the middle: the next sweep goes on', async () => {
  await using rollback = await aRollback();
  await rollback.worker();
  const dumping = await rollback.site.gate('pg_dump');
  const opening = opened(rollback);
  await dumping.arrived();
  const redis = new Redis(rollback.redisUrl);
  await redis.flushdb();
  await dumping.open();
  await opening;
  const stopping = await rollback.site.gate('stop-web');
  await bothApprove(rollback);
  await stopping.arrived();
  await redis.flushdb();
  redis.disconnect();
  await stopping.open();
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

test('Redis away for a while: what runs goes on, and the rest follows when it is back', async () => {
  await using redis = await ownRedis();
  await using rollback = await aRollback({ redisUrl: redis.url });
  await rollback.worker();
  await opened(rollback);
  const stopping = await rollback.site.gate('stop-web');
  await bothApprove(rollback);
  await stopping.arrived();
  await redis.stop();
  await stopping.open();
  await rollback.until('the writers are stopped', (now) =>
    now.operations.some((one) => one.step === 'pause-writers' && one.state === 'succeeded'),
  );
  await redis.start();
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

test('the store’s connections are cut in the middle, again and again: nothing is lost, nothing runs twice', async () => {
  await using rollback = await aRollback({ validation: 'select name from people limit 1;' });
  await rollback.workerProcess();
  await opened(rollback);
  for (const place of ['stop-web', 'migrate', 'psql', 'start-worker']) {
    const gate = await rollback.site.gate(place);
    if (place === 'stop-web') await bothApprove(rollback);
    await gate.arrived();
    await cutWorker(rollback);
    await gate.open();
  }
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

async function cutWorker({ store }: Rollback): Promise<void> {
  await store.store.rows(
    z.unknown(),
    `select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and application_name like 'backout/worker%'`,
  );
}

test('two workers at once: each operation is done by one of them', async () => {
  await using rollback = await aRollback();
  const [first, second] = await Promise.all([rollback.workerProcess(), rollback.workerProcess()]);
  await opened(rollback);
  await bothApprove(rollback);
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
  const calls = await rollback.site.calls();
  expect(calls.toSorted()).toEqual([...new Set(calls)].toSorted());
  expect(first.pid).not.toBe(second.pid);
});

test('asked to end in the middle of a backup, a worker hands it over and is gone within its grace', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const leaving = await rollback.workerProcess({ main: true });
  const dumping = await site.gate('pg_dump');
  const opening = opened(rollback);
  await dumping.arrived();
  const asked = Date.now();
  leaving.kill('SIGTERM');
  expect(await leaving.ended).toBe(0);
  expect(Date.now() - asked).toBeLessThan(20_000);
  await dumping.open();
  await rollback.worker();
  await opening;

  const backup = (await rollback.incident()).operations.find((one) => one.step === 'back-up');
  expect(backup).toMatchObject({ state: 'succeeded', foundOut: false });
  expect(await times(rollback, 'pg_dump')).toBe(2);
});

test.each([
  ['the tool changes the database', 'migrate', 'run-down'],
  ['services are brought back', 'start-worker', 'resume-services'],
])(
  'asked to end while %s, a worker finishes that first, and another goes on',
  async (_, place, step) => {
    await using rollback = await aRollback();
    const leaving = await rollback.workerProcess({ main: true });
    await opened(rollback);
    const gate = await rollback.site.gate(place);
    await bothApprove(rollback);
    await gate.arrived();
    leaving.kill('SIGTERM');
    await gate.open();
    expect(await leaving.ended).toBe(0);
    const left = (await rollback.incident()).operations.find((one) => one.step === step);
    expect(left).toMatchObject({ state: 'succeeded', foundOut: false });
    await rollback.worker();
    await rollback.untilPhase('done');

    await rolledBackOnce(rollback);
    expect(await times(rollback, 'start web')).toBe(1);
  },
);

test.each([
  ['maintenance is switched on', 'maintenance-on'],
  ['the services are stopped', 'stop-worker'],
  ['the tool is about to start', 'migrate'],
])('aborted while %s: everything is put back as it was', async (_, place) => {
  await using rollback = await aRollback();
  await rollback.worker();
  await opened(rollback);
  const gate = await rollback.site.gate(place);
  await bothApprove(rollback);
  await gate.arrived();
  await rollback.say('ben', 'abort', { why: 'wrong database' });
  await rollback.untilPhase('put-back');
  await gate.open();

  await asItWas(rollback);
});

test.each([
  ['golang-migrate', '2 dirty'],
  ['built-in', '3'],
] as const)(
  'aborted while %s is at it: it is stopped, looked at, and the services come back',
  async (tool, version) => {
    await using rollback = await aRollback({ tool });
    const { site } = rollback;
    await site.write({
      'migrations/3_mail.down.sql':
        'alter table people rename column email to name; select pg_sleep(120);',
    });
    await rollback.worker();
    await opened(rollback);
    await bothApprove(rollback);
    await vi.waitFor(async () => expect(await sleeping(rollback)).toBe(1), { timeout: 20_000 });
    await rollback.say('ben', 'abort', {});
    await rollback.untilPhase('put-back');

    expect(await sleeping(rollback)).toBe(0);
    expect(await site.version()).toBe(version);
    expect(await site.sql('select email from people limit 1')).toHaveLength(1);
    expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
    const down = (await rollback.incident()).operations.find((one) => one.step === 'run-down');
    expect(down?.state).toBe('stopped');
  },
);

async function sleeping({ site }: Rollback): Promise<number> {
  const rows = await site.sql(
    `select from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'`,
  );
  return rows.length;
}

test('aborted while its worker is dead: what had not begun does not begin', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const doomed = await rollback.workerProcess();
  await opened(rollback);
  const gate = await site.gate('stop-web');
  await bothApprove(rollback);
  await gate.arrived();
  doomed.kill('SIGKILL');
  await doomed.ended;
  await rollback.say('ben', 'abort', {});
  await rollback.worker();
  await rollback.untilPhase('put-back');
  await gate.open();

  await asItWas(rollback);
  expect(await times(rollback, 'migrate')).toBe(0);
});

test('after the rollback there is nothing left to abort: it is refused, and everything ends well', async () => {
  await using rollback = await aRollback();
  await rollback.worker();
  await opened(rollback);
  const gate = await rollback.site.gate('start-web');
  await bothApprove(rollback);
  await gate.arrived();
  const refused = await rollback.say('ben', 'abort', {});
  await gate.open();
  await rollback.untilPhase('done');

  expect(refused).toMatchObject({ kind: 'refusal', refusal: { code: 'past-the-point' } });
  await rolledBackOnce(rollback);
});

test('asked to end while Redis is away, a worker still goes within its grace', async () => {
  await using redis = await ownRedis();
  await using rollback = await aRollback({ redisUrl: redis.url });
  const leaving = await rollback.workerProcess({ main: true });
  await opened(rollback);
  await redis.stop();
  const asked = Date.now();
  leaving.kill('SIGTERM');
  expect(await leaving.ended).toBe(0);
  expect(Date.now() - asked).toBeLessThan(15_000);
  await redis.start();
});

test('asked to end while the store is away, a worker still goes within its grace', async () => {
  await using rollback = await aRollback();
  const leaving = await rollback.workerProcess({ main: true });
  await opened(rollback);
  await shutStore(rollback, true);
  const asked = Date.now();
  leaving.kill('SIGTERM');
  expect(await leaving.ended).toBe(0);
  expect(Date.now() - asked).toBeLessThan(15_000);
});

test('the store away for a while in the middle: what runs goes on, and is settled when it is back', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  await rollback.workerProcess();
  await opened(rollback);
  const gate = await site.gate('migrate');
  await bothApprove(rollback);
  await gate.arrived();
  await shutStore(rollback, true);
  await gate.open();
  await vi.waitFor(async () => expect(await site.version()).toBe('2'), { timeout: 20_000 });
  await shutStore(rollback, false);
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

/** Nobody gets in, and whoever is in is thrown out. */
async function shutStore({ site, store }: Rollback, isShut: boolean): Promise<void> {
  const name = new URL(store.ownerUrl).pathname.slice(1);
  await site.sql(`alter database ${name} with allow_connections ${isShut ? 'false' : 'true'}`);
  if (!isShut) return;
  await site.sql(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
  );
}
