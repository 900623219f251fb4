import { setTimeout as wait } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { connectStore } from '../../src/store/connect.ts';
import { silentProxy } from '../support/silent-proxy.ts';
import { freshStore } from '../support/store.ts';

test('a store that falls silent is noticed within seconds, by whoever asks and by whoever only listens', async () => {
  await using fresh = await freshStore();
  await using proxy = await silentProxy(fresh.appUrl);
  const store = connectStore({
    url: proxy.urlOf(fresh.appUrl),
    applicationName: 'backout/test',
    connectionsMax: 1,
    statementTimeoutMs: 100,
    onError: () => undefined,
  });
  const heard: string[] = [];
  const unlisten = await store.listen('news', (payload) => void heard.push(payload));
  await store.run('select');

  proxy.silence();
  await expect(store.run('select')).rejects.toThrow('Query read timeout');
  await store.run('select');
  // Once connected again, it is told to look for itself.
  await vi.waitFor(() => expect(heard).toEqual(['', '']), { timeout: 20_000 });
  await fresh.store.run(`select pg_notify('news', 'back')`);
  await vi.waitFor(() => expect(heard).toContain('back'));

  proxy.silence();
  const ended = Promise.all([unlisten(), store.close()]).then(() => 'ended');
  expect(await Promise.race([ended, wait(6_000, 'still waiting')])).toBe('ended');
});
