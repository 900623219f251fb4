import { expect, test } from 'vitest';
import { holdLease, releaseLeases } from '../../src/store/leases.ts';
import { freshStore } from '../support/store.ts';

test('a loop runs in one process at a time, and passes on when its holder leaves or falls silent', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const take = (holder: string): Promise<boolean> =>
    holdLease(store, { name: 'offer', holder, seconds: 30 });
  const both = await Promise.all([take('a'), take('b')]);
  expect(both.filter(Boolean)).toHaveLength(1);
  const holder = both[0] ? 'a' : 'b';
  const other = both[0] ? 'b' : 'a';
  expect(await take(holder)).toBe(true);
  expect(await take(other)).toBe(false);

  await store.run(`update backout.leases set until = clock_timestamp() - interval '1 second'`);
  expect(await take(other)).toBe(true);
  expect(await take(holder)).toBe(false);

  await releaseLeases(store, other);
  expect(await take(holder)).toBe(true);
});
