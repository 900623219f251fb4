import { expect, test, vi } from 'vitest';
import { openLog } from '../../src/log.ts';
import { startLoop } from '../../src/work/loop.ts';
import { freshStore } from '../support/store.ts';

test('a round that hangs is left to itself: its lease passes on, and the next round begins', async () => {
  await using fresh = await freshStore();
  const rounds: AbortSignal[] = [];
  const loop = startLoop({
    name: 'hanging',
    store: fresh.store,
    holder: 'one',
    log: openLog({ level: 'silent', role: 'test' }),
    shared: true,
    leaseSeconds: 1,
    roundMs: 100,
    endMs: 100,
    round: async (signal) => {
      rounds.push(signal);
      if (rounds.length === 1) await new Promise(() => undefined);
    },
  });
  await vi.waitFor(() => expect(rounds.length).toBeGreaterThan(1), { timeout: 10_000 });
  expect(rounds[0]?.aborted).toBe(true);
  await loop.stop();
});

test('a loop that is asked to stop does not wait for a round that hangs', async () => {
  await using fresh = await freshStore();
  const begun = Promise.withResolvers<void>();
  const loop = startLoop({
    name: 'hanging',
    store: fresh.store,
    holder: 'one',
    log: openLog({ level: 'silent', role: 'test' }),
    shared: true,
    endMs: 100,
    round: async () => {
      begun.resolve();
      await new Promise(() => undefined);
    },
  });
  await begun.promise;
  await loop.stop();
});

test('a loop that is asked to stop while it asks for its lease begins no round', async () => {
  await using fresh = await freshStore();
  let rounds = 0;
  const loop = startLoop({
    name: 'hanging',
    store: fresh.store,
    holder: 'one',
    log: openLog({ level: 'silent', role: 'test' }),
    shared: true,
    endMs: 100,
    round: async () => {
      rounds += 1;
      await new Promise(() => undefined);
    },
  });
  await loop.stop();
  expect(rounds).toBe(0);
});
