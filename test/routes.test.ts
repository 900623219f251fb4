import { expect, test } from 'vitest';
import { commonRoutes } from '../src/routes.ts';
import { metricsRegistry } from '../src/web/metrics.ts';
import { freshStore } from './support/store.ts';

test('a worker is ready when store and queue answer; people are answered without the queue, too', async () => {
  await using fresh = await freshStore();
  const ready = async (
    queue: {
      readonly isNeeded: boolean;
      readonly answers: boolean;
    } | null,
  ): Promise<string> => {
    const routes = commonRoutes({
      store: fresh.store,
      metrics: metricsRegistry(),
      queue: queue && { isNeeded: queue.isNeeded, answers: async () => queue.answers },
    });
    const route = routes.find((one) => one.path === '/health/ready');
    const none = { params: {}, query: {}, headers: {}, rawBody: new Uint8Array() };
    const answer = await route?.handle(none);
    return `${answer?.status} ${answer?.body}`;
  };
  expect(await ready(null)).toMatch(/^200 .*the store answers/);
  expect(await ready({ isNeeded: true, answers: true })).toMatch(/^200/);
  expect(await ready({ isNeeded: true, answers: false })).toMatch(/^503 .*the queue .*REDIS_URL/);
  expect(await ready({ isNeeded: false, answers: false })).toMatch(/^200 .*the queue .*REDIS_URL/);
  await fresh.store.close();
  expect(await ready(null)).toMatch(/^503 .*the store does not answer \(STORE_URL\)/);
});
