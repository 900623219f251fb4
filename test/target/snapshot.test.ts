import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { Progress, Snapshot } from '../../src/doors.ts';
import type { Export } from '../../src/incident/facts/backup.ts';
import { connect, type Session } from '../../src/target/connect.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, freshRole, type FreshDatabase } from '../support/postgres.ts';

const { signal } = new AbortController();
let database: FreshDatabase;
let session: Session;
let target: ReturnType<typeof openTarget>;
let snapshot: Snapshot;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'exports-'));
  session = await connect(database.url, { applicationName: 'test', readOnly: false });
  await session.execute(`
    create schema app;
    create table app."Odd Table" (id int primary key, gone text, "say ""hi""" text, note text);
    alter table app."Odd Table" drop column gone;
    insert into app."Odd Table" values (1, null, ''), (2, 'a,"b"', E'two\\nlines'), (3, 'ü', null);
    create table "größe" (id int); create table users (id int); create table "Users" (id int);
    create schema "S p"; create table "S p"."T.dot" (id int);
    create table wide as select n, repeat(md5(n::text), 20) as text from generate_series(1, 50000) as n;
    create table schema_migrations (version bigint primary key, dirty boolean);
    insert into schema_migrations values (8, false)`);
  target = openTarget({ url: database.url });
});
afterAll(async () => {
  await target.close();
  await session.end();
  await database.drop();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  snapshot = await target.snapshot({ signal });
});
afterEach(() => snapshot.close());

let exports = 0;
/** Exports into a file of its own; says where. */
async function exportOf(
  source: Export['source'],
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: Progress) => void;
  } = {},
) {
  exports += 1;
  const file = path.join(folder, `${exports}.csv`);
  const result = await snapshot.exportCsv(
    { name: 'wanted', source },
    { file, onProgress: () => undefined, signal, ...options },
  );
  return { ...result, file, text: readFileSync(file, 'utf8') };
}

test('an export has explicit columns, and tells NULL from an empty text', async () => {
  const { columns, rows, sha256, text } = await exportOf({ kind: 'table', table: 'app.Odd Table' });

  expect(columns).toEqual(['id', 'say "hi"', 'note']);
  expect(rows).toBe(3);
  expect(text).toBe('id,"say ""hi""",note\n"1",,""\n"2","a,""b""","two\nlines"\n"3","ü",\n');
  expect(sha256).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}`);
});

test.each([
  ['wide', 'public.wide'],
  ['WIDE', 'public.wide'],
  ['Users', 'public."Users"'],
  ['users', 'public.users'],
  ['"Users"', 'public."Users"'],
  ['größe', 'public."größe"'],
  ['Odd Table', undefined],
  ['app.Odd Table', 'app."Odd Table"'],
  ['app."Odd Table"', 'app."Odd Table"'],
  ['S p.T.dot', '"S p"."T.dot"'],
  ['"S p"."T.dot"', '"S p"."T.dot"'],
  ['wide.wide.wide', undefined],
  ['public.wide.n', undefined],
  ['.wide', undefined],
  ['"', undefined],
  ['wide; drop', undefined],
])('a table is found as it is written, then as SQL would read it: %s', async (typed, table) => {
  const exporting = exportOf({ kind: 'table', table: typed });
  if (table === undefined) await expect(exporting).rejects.toThrow(/There is no table|cross-data/);
  else expect(await exporting).toMatchObject({ table });
});

test('an export takes as long as it takes, whatever limit its user has', async () => {
  await using role = await freshRole();
  await session.execute(`alter role ${role.name} set statement_timeout = '20ms';
    grant select on schema_migrations to ${role.name}`);
  const limited = openTarget({ url: role.urlOf(database) });
  const theirs = await limited.snapshot({ signal });
  const file = path.join(folder, 'slow.csv');
  const { rows } = await theirs.exportCsv(
    { name: 'slow', source: { kind: 'query', sql: 'select pg_sleep(0.1)::text as slept' } },
    { file, onProgress: () => undefined, signal },
  );

  expect(rows).toBe(1);
  await theirs.close();
  await limited.close();
  await session.execute(`revoke all on schema_migrations from ${role.name}`);
});

test.each([
  "select ';' as semicolon",
  '(select 1 as one)',
  '-- first\nselect 1 as one; ',
  'table users',
])('a query is judged by what it is: %s', async (sql) => {
  expect((await exportOf({ kind: 'query', sql })).columns).toHaveLength(1);
});

test('an export of a query has the columns of the query, and may end in a comment', async () => {
  const { columns, rows, text } = await exportOf({
    kind: 'query',
    sql: 'with few as (select n from wide where n <= 2) select n as number, n * 2 as twice from few; -- that is all',
  });

  expect({ columns, rows, text }).toEqual({
    columns: ['number', 'twice'],
    rows: 2,
    text: 'number,twice\n"1","2"\n"2","4"\n',
  });
});

test('a snapshot sees the database as it was, version and all', async () => {
  await session.execute(
    `insert into wide values (0, 'new'); update schema_migrations set version = 7`,
  );
  const { rows } = await exportOf({ kind: 'table', table: 'wide' });
  await session.execute('delete from wide where n = 0; update schema_migrations set version = 8');

  expect(rows).toBe(50_000);
  expect(snapshot.version).toEqual({ state: 'at', version: '8', dirty: false });
});

test('an export says how far it is', async () => {
  const seen: Progress[] = [];
  await exportOf(
    { kind: 'table', table: 'wide' },
    { onProgress: (progress) => seen.push(progress) },
  );

  expect(seen[0]).toMatchObject({ unit: 'bytes', total: null, what: 'wanted' });
});

test.each([
  ["select 1) to program 'touch /tmp/owned'; --", /cannot be read/],
  ['select 1; select 2', /must be one SELECT/],
  ['delete from wide returning n', /must be one SELECT/],
  ['with gone as (delete from wide returning n) select n from gone', /database said/],
  ['select n into other from wide', /database said/],
  ['select 1 as a, 2 as a', /two columns called `a`/],
  ['-- nothing', /must be one SELECT/],
  ["select ';'; select 2", /must be one SELECT/],
  ['select nothing', /column "nothing" does not exist/],
])('a query that is not one harmless SELECT is refused: %s', async (sql, why) => {
  await expect(exportOf({ kind: 'query', sql })).rejects.toThrow(why);
});

test('a failed export leaves no file, and the snapshot goes on', async () => {
  const failing = exportOf({ kind: 'query', sql: 'select 1 / (n - 40000) as x from wide' });
  await expect(failing).rejects.toThrow('division by zero');
  await expect(exportOf({ kind: 'table', table: 'nowhere' })).rejects.toThrow('There is no table');

  expect(existsSync(path.join(folder, `${exports}.csv`))).toBe(false);
  expect((await exportOf({ kind: 'table', table: 'wide' })).rows).toBe(50_000);
});

test('an export whose reader fails does not hang', async () => {
  const exporting = exportOf(
    { kind: 'table', table: 'wide' },
    {
      onProgress: () => {
        throw new RangeError('reader');
      },
    },
  );

  await expect(exporting).rejects.toThrow(RangeError);
  expect(existsSync(path.join(folder, `${exports}.csv`))).toBe(false);
});

test('an export never overwrites a file', async () => {
  const file = path.join(folder, `${exports + 1}.csv`);
  writeFileSync(file, 'mine');

  await expect(exportOf({ kind: 'table', table: 'wide' })).rejects.toThrow('there already');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});

test('an export that is aborted ends on the server as well', async () => {
  const stopping = new AbortController();
  const exporting = exportOf(
    { kind: 'query', sql: 'select n, pg_sleep(0.001) from wide' },
    { signal: stopping.signal },
  ).catch((error: unknown) => error);
  await vi.waitFor(async () => {
    expect(await copying()).toBe(1);
  });
  stopping.abort();

  expect(await exporting).toMatchObject({ why: 'stopped' });
  expect(await copying()).toBe(0);
  expect((await exportOf({ kind: 'query', sql: 'select 1 as one' })).rows).toBe(1);
});
async function copying(): Promise<number> {
  const [row] = await session.query(
    z.object({ count: z.coerce.number() }),
    `select count(*) from pg_stat_activity
      where datname = current_database() and state = 'active' and query like 'copy (%'`,
  );
  return row?.count ?? 0;
}

test('the progress of a COPY is seen by its application name', async () => {
  const copier = await connect(database.url, {
    applicationName: 'backout/INC-1/op-3',
    readOnly: true,
  });
  const { stream } = copier.copyOut('copy wide to stdout');
  stream.on('error', () => undefined);
  // Nobody reads: the server waits in the middle of it.
  await vi.waitFor(async () => {
    const [progress] = await target.copyProgress('backout/INC-1/op-3');
    expect(progress).toMatchObject({ table: 'public.wide' });
    expect(progress?.bytes).toBeGreaterThan(0);
    expect(progress?.rows).toBeGreaterThan(0);
  });

  await copier.end();
  expect(await target.copyProgress('nobody')).toEqual([]);
});

test('a table that row security would show in part is an error, not a part', async () => {
  await using role = await freshRole();
  await session.execute(`
    create table secrets (id int); insert into secrets values (1), (2);
    alter table secrets enable row level security;
    create policy one on secrets using (id = 1);
    grant select on secrets to ${role.name}; grant select on schema_migrations to ${role.name}`);
  const limited = openTarget({ url: role.urlOf(database) });
  const theirs = await limited.snapshot({ signal });
  const exporting = theirs.exportCsv(
    { name: 'secrets', source: { kind: 'table', table: 'secrets' } },
    { file: path.join(folder, 'secrets.csv'), onProgress: () => undefined, signal },
  );

  await expect(exporting).rejects.toThrow('row-level security');
  await theirs.close();
  await limited.close();
  await session.execute('drop table secrets');
  await session.execute(`revoke all on schema_migrations from ${role.name}`);
});
