import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
  return validationBy({ url: database.url, file, statementTimeoutMs }).run(run);
}

test('a validation that says nothing against it is a success', async () => {
  expect(await validate('select 41 + 1 as answer;')).toMatchObject({ ok: true });
});

test('a validation stops at its first error and is a failure', async () => {
  const { ok, tail } = await validate(`select 'first';\nselect 1 / 0;\nselect 'third';`);

  expect(ok).toBe(false);
  expect(tail).toContain('A statement of the validation file failed');
  expect(tail).toContain('division by zero');
  expect(tail).not.toContain('third');
});

test('a validation cannot change the database', async () => {
  const { ok, tail } = await validate('create table oops ();');

  expect(ok).toBe(false);
  expect(tail).toContain('read-only transaction');
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
    statementTimeoutMs: 1_000,
  });

  expect(await missing.run(run)).toMatchObject({ ok: false });
});

test('without a validation file it is said that nothing was checked', async () => {
  const none = validationBy({ url: database.url, file: undefined, statementTimeoutMs: 1_000 });

  expect(await none.run(run)).toEqual({
    ok: true,
    tail: 'No validation file is configured: nothing was checked.',
  });
});

test('a validation file that is not there is known before it is needed', async () => {
  const at = (file: string | undefined): ReturnType<typeof validationBy> =>
    validationBy({ url: database.url, file, statementTimeoutMs: 1_000 });
  const there = path.join(folder, 'there.sql');
  await writeFile(there, 'select 1;');

  expect(await at(there).file()).toBe('there');
  expect(await at(path.join(folder, 'gone.sql')).file()).toBe('missing');
  expect(await at(undefined).file()).toBe('none');
});
