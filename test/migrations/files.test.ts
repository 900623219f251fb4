import { afterAll, expect, test } from 'vitest';
import fc from 'fast-check';
import { rm, symlink, writeFile } from 'node:fs/promises';
import type { Folder } from '../../src/incident/facts/facts.ts';
import { previousVersion, readFolder, versionsBetween } from '../../src/migrations/files.ts';
import { readFileName, readNearMiss } from '../../src/migrations/names-on-disk.ts';
import { newFolder, type Files } from './target.ts';

const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

async function read(files: Files): Promise<Folder> {
  const folder = await newFolder(files);
  folders.push(folder);
  return readFolder(folder);
}

function saying({ problems }: Folder): readonly string[] {
  return problems.map(({ kind, file, version, direction }) =>
    [kind, file, version, direction].filter((part) => part !== undefined).join(' '),
  );
}

test('a good folder has no problems, and its versions are ordered as numbers', async () => {
  const folder = await read({
    '010_b.up.sql': 'select 1',
    '010_b.down.sql': 'drop index concurrently i',
    '9_a.up.sql': 'select 1',
    '9_a.down.sql': 'drop table a; drop table b',
    'README.md': '# 7 up',
    'schema.sql': 'create table a ()',
  });

  expect(folder.problems).toEqual([]);
  expect(folder.migrations).toMatchObject([
    { version: '9', name: 'a', down: { statements: 2, transactional: true } },
    { version: '10', name: 'b', down: { statements: 1, transactional: false } },
  ]);
});

test('a missing down file is named, with the name that it has to have', async () => {
  const folder = await read({ '007_x.up.sql': 'select 1' });
  expect(saying(folder)).toEqual(['missing 007_x.down.sql 7 down']);
  expect(folder.problems[0]?.say).toBe(
    'Version 7 has no down file: golang-migrate would lower the version and change nothing. Write `007_x.down.sql`.',
  );
});

test.each([
  ['', 'empty'],
  ['\n \n', 'empty'],
  ['-- irreversible', 'only-comments'],
  ['drop tabel x', 'unparsable'],
])('a down file %j is a problem', async (down, kind) => {
  const folder = await read({ '7_x.up.sql': 'select 1', '7_x.down.sql': down });
  expect(saying(folder)).toEqual([`${kind} 7_x.down.sql 7 down`]);
});

test.each([
  ['7_x_down.sql', '7_x.down.sql'],
  ['7_x.Down.sql', '7_x.down.sql'],
  ['7_x.DOWN.SQL', '7_x.down.sql'],
  ['7-x.down.sql', '7_x.down.sql'],
  ['7_x-down.sql', '7_x.down.sql'],
  ['7_x.down', '7_x.down.sql'],
  ['7.down.sql', '7_migration.down.sql'],
  ['V7__x.sql', '7_x.up.sql'],
  ['U7__x.sql', '7_x.down.sql'],
  [' 7_x.down.sql', '7_x.down.sql'],
  ['7_x.rollback.sql', '7_x.down.sql'],
])('%j does not count, and is told to be named %s', async (file, meant) => {
  const folder = await read({
    [file]: 'select 1',
    '8_y.up.sql': 'select 1',
    '8_y.down.sql': 'select 1',
  });
  expect(folder.migrations.map(({ version }) => version)).toEqual(['8']);
  expect(folder.problems).toMatchObject([{ kind: 'misnamed', file, version: '7' }]);
  expect(folder.problems[0]?.say).toBe(
    `The migration tool does not see \`${file}\`. Rename it to \`${meant}\`.`,
  );
});

test('a file in a folder below does not count', async () => {
  const folder = await read({
    '7_x.up.sql': 'select 1',
    'down/7_x.down.sql': 'select 1',
    '.git/7_x.down.sql': '',
  });
  expect(saying(folder)).toEqual([
    'misnamed down/7_x.down.sql 7 down',
    'missing 7_x.down.sql 7 down',
  ]);
  expect(folder.problems[0]?.say).toContain('Move it up, out of `down`.');
});

test.each(['archive/2_old.down.sql', '.2_b.down.sql.swp', '2_b_down.sql'])(
  'a stray %s beside the proper file is said to be one, and nobody is told to make a second',
  async (stray) => {
    const folder = await read({
      '2_b.up.sql': 'select 1',
      '2_b.down.sql': 'select 1',
      [stray]: 'x',
    });
    for (const { kind, say } of folder.problems) {
      expect(kind).toBe('misnamed');
      expect(say).toContain('It runs `2_b.down.sql`.');
    }
  },
);

test('a link that leads nowhere is a problem of its version, and of no other', async () => {
  const folder = await newFolder({
    '1_a.down.sql': 'drop table a',
    '1_a.up.sql': 'select 1',
    '2_b.up.sql': 'select 1',
  });
  folders.push(folder);
  await symlink('/nowhere', `${folder}/2_b.down.sql`);
  const { migrations, problems } = await readFolder(folder);

  expect(problems).toMatchObject([{ kind: 'unparsable', file: '2_b.down.sql', version: '2' }]);
  expect(problems[0]?.say).toContain('a link that leads nowhere');
  expect(migrations).toMatchObject([
    { version: '1', down: {} },
    { version: '2', name: 'b' },
  ]);
});

test('two files for one version and direction are both named, leading zeros or not', async () => {
  const folder = await read({
    '3_t.up.sql': 'select 1',
    '3_t.down.sql': 'select 1',
    '003_t.down.sql': 'select 2',
    '3_t.down.sql~': 'select 3',
  });
  expect(saying(folder)).toEqual([
    'duplicate 003_t.down.sql 3 down',
    'duplicate 3_t.down.sql 3 down',
    'duplicate 3_t.down.sql~ 3 down',
  ]);
});

test('a file that golang-migrate would run although it is no .sql is a problem', async () => {
  const folder = await read({ '3_t.up.sql': 'select 1', '3_t.down.md': '# about' });
  expect(saying(folder)).toEqual(['misnamed 3_t.down.md 3 down']);
});

test('text that is not UTF-8 is a problem', async () => {
  const folder = await newFolder({ '3_t.up.sql': 'select 1' });
  folders.push(folder);
  await writeFile(`${folder}/3_t.down.sql`, Buffer.from("select 'Gr\xf6\xdfe'", 'latin1'));
  expect(saying(await readFolder(folder))).toEqual(['unparsable 3_t.down.sql 3 down']);
});

test('the preview of a file is cut between letters', async () => {
  const folder = await read({
    '3_t.up.sql': 'select 1',
    '3_t.down.sql': `select '${'🐘'.repeat(3_000)}'`,
  });
  const sql = folder.migrations[0]?.down?.sql ?? '';
  expect(Array.from(sql)).toHaveLength(2_000);
  expect(sql).toMatch(/🐘$/u);
});

test('a folder that is not there is said so', async () => {
  await expect(readFolder('/nowhere/migrations')).rejects.toMatchObject({
    why: 'not-found',
    say: 'The folder of migrations `/nowhere/migrations` is not there.',
  });
});

test('what stands before a version is what the folder has, not one less', async () => {
  const folder = await read(
    Object.fromEntries(
      ['2', '20260101120000', '7'].flatMap((version) => [
        [`${version}_x.up.sql`, 'select 1'],
        [`${version}_x.down.sql`, 'select 1'],
      ]),
    ),
  );
  expect(previousVersion(folder, '20260101120000')).toBe('7');
  expect(previousVersion(folder, '7')).toBe('2');
  expect(previousVersion(folder, '2')).toBeNull();
  const between = (from: string, to: string | null): readonly string[] =>
    versionsBetween(folder, { from, to }).map(({ version }) => version);
  expect(between('20260101120000', '2')).toEqual(['20260101120000', '7']);
  expect(between('7', null)).toEqual(['7', '2']);
  expect(between('2', '2')).toEqual([]);
});

test('a name counts exactly when it fits the pattern of golang-migrate', () => {
  expect(readFileName('003_a.b.up.c.down.sql')).toEqual({
    version: '3',
    name: 'a.b.up.c',
    direction: 'down',
    isSql: true,
  });
  expect(readFileName('1_.up.sql')?.name).toBe('');
  expect(readFileName('9223372036854775807_x.up.sql')?.version).toBe('9223372036854775807');
  expect(readFileName('9223372036854775808_x.up.sql')).toBeNull();
  expect(readFileName('-1_x.up.sql')).toBeNull();
});

test('no name whatever makes the reading of names fail', () => {
  const piece = fc.constantFrom(
    '7',
    '003',
    '_',
    '__',
    '.',
    '-',
    ' ',
    'up',
    'down',
    'Down',
    'sql',
    'V',
    'x',
    '\n',
    'é',
  );
  const name = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(name, (file) => {
      const meant = readFileName(file) === null ? readNearMiss(file)?.meant : null;
      return meant === null || meant === undefined || readFileName(meant) !== null;
    }),
  );
});
