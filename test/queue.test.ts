import { expect, inject, test, vi } from 'vitest';
import type { Log } from '../src/log.ts';
import { openHands, openOffers } from '../src/queue.ts';
import { ownRedis } from './support/own-redis.ts';
import { freshRedis } from './support/redis.ts';
import { silentProxy } from './support/silent-proxy.ts';

function aLog(): { readonly log: Log; readonly warnings: readonly string[] } {
  const warnings: string[] = [];
  const quiet = (): void => undefined;
  const log: Log = {
    info: quiet,
    debug: quiet,
    error: quiet,
    warn: (_about, message) => void warnings.push(message),
    child: () => log,
  };
  return { log, warnings };
}

test('a Redis that falls silent is left within seconds, and heard again over a new connection', async () => {
  const { url } = await freshRedis();
  await using proxy = await silentProxy(url);
  const given = { redisUrl: proxy.urlOf(url), log: aLog().log };
  const heard: string[] = [];
  const hands = openHands({
    ...given,
    concurrency: 1,
    perform: async (operation) => void heard.push(operation),
  });
  const offers = openOffers(given);
  await offers.offer('INC-1/op-1');
  await vi.waitFor(() => expect(heard).toEqual(['INC-1/op-1']), { timeout: 5_000 });

  proxy.silence();
  const asked = Date.now();
  await expect(offers.offer('INC-1/op-2')).rejects.toThrow();
  expect(Date.now() - asked).toBeLessThan(3_000);
  await vi.waitFor(async () => expect(await offers.answers()).toBe(true));
  await offers.offer('INC-1/op-3');
  await vi.waitFor(() => expect(heard).toContain('INC-1/op-3'), { timeout: 30_000 });
  await Promise.all([hands.close(), offers.close()]);
});

test('a Redis that does not take the password is told of, once', async () => {
  const { log, warnings } = aLog();
  const redisUrl = Object.assign(new URL(inject('redis').url), { password: 'wrong' }).href;
  const offers = openOffers({ redisUrl, log });
  expect(await offers.answers()).toBe(false);
  await expect(offers.offer('INC-1/op-1')).rejects.toThrow();
  expect(warnings).toEqual([expect.stringContaining('REDIS_URL')]);
  await offers.close();
});

test('hands that are closing take nothing new, and end what they hold', async () => {
  await using redis = await ownRedis();
  const given = { redisUrl: redis.url, log: aLog().log };
  const begun: string[] = [];
  const end = Promise.withResolvers<void>();
  const hands = openHands({
    ...given,
    concurrency: 4,
    perform: async (operation) => {
      begun.push(operation);
      await end.promise;
    },
  });
  hands.take('INC-1/op-1');
  const closing = hands.close();
  hands.take('INC-1/op-2');
  end.resolve();
  await closing;
  expect(begun).toEqual(['INC-1/op-1']);
});
