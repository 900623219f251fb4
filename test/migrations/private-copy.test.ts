import { existsSync } from 'node:fs';
import { mkdtemp, rm, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { withPrivateCopy } from '../../src/migrations/private-copy.ts';

test('what a killed worker left is removed after a day; what may be in use is not', async () => {
  const left = await mkdtemp(path.join(tmpdir(), 'backout-down-'));
  const inUse = await mkdtemp(path.join(tmpdir(), 'backout-down-'));
  const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60_000);
  await utimes(left, twoDaysAgo, twoDaysAgo);

  const copy = await withPrivateCopy({ steps: [], to: null }, async (folder) => folder);

  expect([left, inUse, copy].map(existsSync)).toEqual([false, true, false]);
  await rm(inUse, { recursive: true });
});
