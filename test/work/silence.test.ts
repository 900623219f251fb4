import { expect, test } from 'vitest';
import { ownRedis } from '../support/own-redis.ts';
import { aRollback, bothApprove, opened, rolledBackOnce } from '../support/rollback.ts';
import { silentProxy } from '../support/silent-proxy.ts';

test('Redis away from the beginning: the worker finds its work in the store', async () => {
  await using rollback = await aRollback({ redisUrl: 'redis://127.0.0.1:1' });
  await rollback.worker();
  await opened(rollback);
  await bothApprove(rollback);
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

test('Redis falls silent in the middle: the rollback goes on', async () => {
  await using redis = await ownRedis();
  await using proxy = await silentProxy(redis.url);
  await using rollback = await aRollback({ redisUrl: proxy.urlOf(redis.url) });
  await rollback.worker();
  await opened(rollback);
  proxy.silence();
  await bothApprove(rollback);
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

test('the store falls silent in the middle: the worker goes on over new connections', async () => {
  await using rollback = await aRollback();
  await using proxy = await silentProxy(rollback.store.appUrl);
  const environment = { STORE_URL: proxy.urlOf(rollback.store.appUrl) };
  await rollback.workerProcess({ environment });
  await opened(rollback);
  const gate = await rollback.site.gate('stop-web');
  await bothApprove(rollback);
  await gate.arrived();
  proxy.silence();
  await gate.open();
  await rollback.untilPhase('done');

  await rolledBackOnce(rollback);
});

test('asked to end while the store is silent, a worker still goes within its grace', async () => {
  await using rollback = await aRollback();
  await using proxy = await silentProxy(rollback.store.appUrl);
  const environment = { STORE_URL: proxy.urlOf(rollback.store.appUrl) };
  const leaving = await rollback.workerProcess({ main: true, environment });
  await opened(rollback);
  proxy.silence();
  const asked = Date.now();
  leaving.kill('SIGTERM');
  expect(await leaving.ended).toBe(0);
  expect(Date.now() - asked).toBeLessThan(25_000);
});
