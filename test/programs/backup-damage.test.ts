import {
  appendFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { backupsOn } from '../../src/programs/backups.ts';
import {
  backUp,
  backupSite,
  dumpOptions,
  largestDataFile,
  unfinished,
  type BackupSite,
} from './backup-site.ts';

let site: BackupSite;
beforeAll(async () => {
  site = await backupSite();
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test('a truncated dump is not a back-up', async () => {
  await backUp(site, 'truncated');
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  const file = largestDataFile(path.join(site.folder, 'truncated', 'dump'));
  truncateSync(file, statSync(file).size - 100);

  const checked = await backups.check('truncated');
  expect(checked.state === 'broken' && checked.say).toMatch(
    /^The file dump\/\d+\.dat\.gz has \d+ bytes instead of \d+\.$/,
  );
});

test.each([
  ['truncated', (file: string) => truncateSync(file, statSync(file).size - 100)],
  [
    'corrupted',
    (file: string) => {
      const content = readFileSync(file);
      content.fill(0x55, content.length / 2, content.length / 2 + 64);
      writeFileSync(file, content);
    },
  ],
  ['missing', (file: string) => rmSync(file)],
])(
  'reading through finds a %s data file before the back-up gets its name',
  async (kind, damage) => {
    const partial = await unfinished(site, `damaged-${kind}`);
    damage(largestDataFile(partial.pathOf('dump')));

    await expect(partial.readThrough(dumpOptions)).rejects.toMatchObject({ why: 'failed' });
    await partial.abandon();
  },
);

test('a change of one byte, a file too many and a file too few are each found and named', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  await backUp(site, 'changed');
  const toc = path.join(site.folder, 'changed', 'dump', 'toc.dat');
  const before = readFileSync(toc);

  const changed = Buffer.from(before);
  changed[100] = 255 - (changed[100] ?? 0);
  writeFileSync(toc, changed);
  expect(await backups.check('changed')).toEqual({
    state: 'broken',
    say: 'The content of dump/toc.dat has changed.',
  });

  rmSync(toc);
  expect(await backups.check('changed')).toEqual({
    state: 'broken',
    say: 'The file dump/toc.dat is missing.',
  });

  writeFileSync(toc, before);
  writeFileSync(path.join(site.folder, 'changed', 'extra.csv'), '');
  expect(await backups.check('changed')).toEqual({
    state: 'broken',
    say: 'The file extra.csv does not belong to it.',
  });

  rmSync(path.join(site.folder, 'changed', 'extra.csv'));
  expect(await backups.check('changed')).toMatchObject({ state: 'intact' });
});

test('a quick look reads what was written since, and takes the size of the rest', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  const { manifestSha256 } = await backUp(site, 'quick');
  expect(await backups.check('quick', 'quick')).toMatchObject({
    state: 'intact',
    backup: { manifestSha256 },
  });

  const toc = path.join(site.folder, 'quick', 'dump', 'toc.dat');
  const changed = readFileSync(toc);
  changed[100] = 255 - (changed[100] ?? 0);
  const { atime, mtime } = statSync(toc);
  writeFileSync(toc, changed);
  expect(await backups.check('quick', 'quick')).toEqual({
    state: 'broken',
    say: 'The content of dump/toc.dat has changed.',
  });

  // Only reading it all finds what says that it was not written.
  utimesSync(toc, atime, mtime);
  expect(await backups.check('quick', 'quick')).toMatchObject({ state: 'intact' });
  expect(await backups.check('quick')).toMatchObject({ state: 'broken' });

  truncateSync(toc, 100);
  utimesSync(toc, atime, mtime);
  expect(await backups.check('quick', 'quick')).toMatchObject({ state: 'broken' });
});

test('a manifest that was touched has another digest, and one that cannot be read is said to be broken', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  const { manifestSha256 } = await backUp(site, 'touched');
  const manifest = path.join(site.folder, 'touched', 'manifest.json');

  appendFileSync(manifest, ' ');
  const checked = await backups.check('touched');
  expect(checked.state === 'intact' && checked.backup.manifestSha256).not.toBe(manifestSha256);

  writeFileSync(manifest, '{');
  expect(await backups.check('touched')).toMatchObject({ state: 'broken' });
  expect((await backups.list()).map((each) => each.folder)).not.toContain('touched');
});
