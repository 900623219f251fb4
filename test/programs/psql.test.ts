import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { validationBy } from '../../src/programs/psql.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';

let database: FreshDatabase;
let folder: string;
beforeAll(async () => {
  database = await freshDatabase();
  folder = await mkdtemp(path.join(tmpdir(), 'validation-'));
});
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true });
});

const run = { applicationName: 'backout/INC-1/op-1', signal: new AbortController().signal };

/** Runs a file with this content as the team's validation. */
async function validate(sql: string, statementTimeoutMs = 10_000) {
  const file = path.join(folder, 'validate.sql');
  await writeFile(file, sql);
  return validationBy({ url: database.url, file, cwd: folder, statementTimeoutMs }).run(run);
}

test('a validation that says nothing against it is a success', async () => {
  expect(await validate('select 41 + 1 as answer;')).toMatchObject({ ok: true });
});

test('a validation stops at its first error and is a failure', async () => {
  const { ok, says, tail } = await validate(`select 'first';\nselect 1 / 0;\nselect 'third';`);

  expect(ok).toBe(false);
  expect(says).toBe('a statement of the validation file failed, and those after it did not run');
  expect(tail).toContain('psql:validate.sql:2: ERROR');
  expect(tail).toContain('division by zero');
  expect(tail).not.toContain('third');
});

test('a validation cannot change the database', async () => {
  const { ok, tail } = await validate('create table oops ();');

  expect(ok).toBe(false);
  expect(tail).toContain('read-only transaction');
});

const NO_PROOFS: readonly (readonly [sql: string, why: RegExp])[] = [
  ['', /ran no statement/],
  ['-- select 1;', /ran no statement/],
  [String.raw`\echo well`, /ran no statement/],
  ['select 1; \\q\nselect 1 / 0;', /ends before its last line/],
  ['\\set ON_ERROR_STOP 0\nselect 1 / 0; select 2;', /a statement of the validation file failed$/],
  ['\\set ON_ERROR_STOP 0\n\\i no-such-file.sql\nselect 1;', /switches ON_ERROR_STOP off/],
  ["select 'abc", /a statement of the validation file failed/],
  ['\\if false\nselect 1;', /a statement of the validation file failed/],
  ['create temp table mine (id int);', /a statement of the validation file failed/],
];

test('a validation that ran nothing, or not to its end, proves nothing', async () => {
  for (const [sql, why] of NO_PROOFS) {
    const { ok, says } = await validate(sql);

    expect({ sql, ok }).toEqual({ sql, ok: false });
    expect(says).toMatch(why);
  }
});

test.each(['select 1', '\uFEFFselect 1;\r\n', 'begin transaction read only; select 1; commit;'])(
  'a validation may be written as people write it: %j',
  async (sql) => {
    const { ok, says, tail } = await validate(sql);

    expect(says).toBe('the team’s validation file ran to its end without an error');
    expect(ok).toBe(true);
    expect(tail).not.toMatch(/TRUE|end/);
  },
);

test('a validation includes files from where the configuration is, and beside itself', async () => {
  await mkdir(path.join(folder, "team's own/checks"), { recursive: true });
  await writeFile(path.join(folder, 'first.sql'), "select 'from the folder';");
  await writeFile(path.join(folder, "team's own/checks/second.sql"), '\\ir third.sql');
  await writeFile(path.join(folder, "team's own/checks/third.sql"), "select 'beside the file';");
  const file = path.join(folder, "team's own/all.sql");
  await writeFile(file, "\\i first.sql\n\\ir 'checks/second.sql'\n\\ir checks/third.sql\n");
  const validation = validationBy({
    url: database.url,
    file,
    cwd: folder,
    statementTimeoutMs: 1_000,
  });
  const { ok, tail } = await validation.run(run);

  expect(tail).toMatch(/from the folder[^]*beside the file[^]*beside the file/);
  expect(ok).toBe(true);
});

test('a statement of a validation that takes too long is ended', async () => {
  const { ok, tail } = await validate('select pg_sleep(60);', 100);

  expect(ok).toBe(false);
  expect(tail).toContain('statement timeout');
});

test('a validation carries the name of its operation', async () => {
  const { tail } = await validate('show application_name;');

  expect(tail).toContain('backout/INC-1/op-1');
});

test('a validation file that is not there is a failure', async () => {
  const missing = validationBy({
    url: database.url,
    file: path.join(folder, 'missing.sql'),
    cwd: folder,
    statementTimeoutMs: 1_000,
  });

  expect(await missing.run(run)).toMatchObject({ ok: false });
});

test('without a validation file it is said that nothing was checked', async () => {
  const none = validationBy({
    url: database.url,
    file: undefined,
    cwd: folder,
    statementTimeoutMs: 1_000,
  });

  expect(await none.run(run)).toEqual({
    ok: true,
    says: 'no validation file is configured, and nothing was checked',
    tail: '',
  });
});

test('a validation file that is not there is known before it is needed', async () => {
  const at = (file: string | undefined): ReturnType<typeof validationBy> =>
    validationBy({ url: database.url, file, cwd: folder, statementTimeoutMs: 1_000 });
  const there = path.join(folder, 'there.sql');
  await writeFile(there, 'select 1;');

  expect(await at(there).file()).toBe('there');
  expect(await at(path.join(folder, 'gone.sql')).file()).toBe('missing');
  expect(await at(undefined).file()).toBe('none');
  await writeFile(there, '-- later\n/* much\nlater */\n');
  expect(await at(there).file()).toBe('empty');
});
