import { afterAll, expect, test } from 'vitest';
import { rm } from 'node:fs/promises';
import type { MigrationsDoor } from '../../src/doors.ts';
import { builtIn } from '../../src/migrations/built-in.ts';
import { readFolder } from '../../src/migrations/files.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import type { Sending } from '../../src/sql/certain-failure.ts';
import { newFolder } from './target.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

test('where each statement commits by itself, a file of more than one can stop half-way', async () => {
  const folder = await newFolder({
    '1_a.down.sql': 'drop table a; drop table b',
    '2_b.down.sql': 'drop table c',
  });
  folders.push(folder);
  const sent = async (sending: Sending): Promise<readonly unknown[]> =>
    (await readFolder(folder, sending)).migrations.map((one) => one.down?.transactional);

  expect(await sent('whole')).toEqual([true, true]);
  expect(await sent('cut')).toEqual([false, true]);
});

test.each([
  ['x-multi-statement=true', false],
  ['x-multi-statement=false', true],
  ['sslmode=disable', true],
])(
  '%s in the URL decides that for golang-migrate, and not for the built-in runner',
  async (asked, isWhole) => {
    const folder = await newFolder({ '1_a.down.sql': 'drop table a; drop table b' });
    folders.push(folder);
    const url = `postgres://somebody@nowhere/app?${asked}`;
    const isWholeBy = async (door: Pick<MigrationsDoor, 'readFolder'>): Promise<unknown> =>
      (await door.readFolder()).migrations[0]?.down?.transactional;

    expect(await isWholeBy(golangMigrate({ url, folder }))).toBe(isWhole);
    expect(await isWholeBy(builtIn({ url, folder }))).toBe(true);
  },
);

test.each([
  ['whole', 'drop index concurrently i; drop index concurrently j', /DROP INDEX .*built-in/],
  ['whole', '-- one\nvacuum a; drop table b', /`VACUUM` cannot run beside another/],
  ['whole', 'begin; drop index concurrently i; commit', /between BEGIN and COMMIT/],
  ['as-it-needs', 'begin; drop index concurrently i; commit', /between BEGIN and COMMIT/],
  ['cut', "create function f() returns int language sql as 'select 1; select 2'", /semicolon/],
  ['as-it-needs', 'begin; drop table a', /Add the COMMIT/],
  ['whole', 'drop index concurrently i', null],
  ['whole', 'alter database d connection limit 5; drop table a', null],
  ['cut', 'drop index concurrently i; -- a; -- b\ndrop index concurrently j', null],
  ['as-it-needs', 'drop index concurrently i; drop index concurrently j', null],
] as const)('sent %s, %j is certain to fail: %s', async (sending, down, why) => {
  const folder = await newFolder({ '7_x.up.sql': 'select 1', '7_x.down.sql': down });
  folders.push(folder);
  const { problems } = await readFolder(folder, sending);

  expect(problems.map((one) => one.kind)).toEqual(why === null ? [] : ['certain-to-fail']);
  if (why !== null) expect(problems[0]?.say).toMatch(why);
});

test('sent as one message, a file that is refused is undone as a whole', async () => {
  const folder = await newFolder({
    '1_a.down.sql': 'drop table a; drop index concurrently i',
    '2_b.down.sql': 'drop index concurrently i',
    '3_c.down.sql': 'drop table a; commit; drop index concurrently i',
  });
  folders.push(folder);
  const isWhole = async (sending: Sending): Promise<readonly unknown[]> =>
    (await readFolder(folder, sending)).migrations.map((one) => one.down?.transactional);

  expect(await isWhole('whole')).toEqual([true, false, false]);
  expect(await isWhole('as-it-needs')).toEqual([false, false, false]);
});
