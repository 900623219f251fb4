import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { handsAt } from '../support/hands.ts';
import { aSite } from '../support/site.ts';

// Nobody's machine has a full disk to lend: only what the system says of the space left is made up.
vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  statfs: async () => ({ bavail: 10, bsize: 4096 }),
}));

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a disk without the space for a backup is said before anything is written', async () => {
  await using site = await aSite();
  const running = handsAt(site).run('back-up', { exports: [] });
  await expect(running).rejects.toThrow(/too little space for a back-up: .* and 41\.0 kB are free/);

  expect(await site.calls()).not.toContain('pg_dump');
  expect(await readdir(join(site.folder, 'backups', 'app'))).toEqual([]);
});
