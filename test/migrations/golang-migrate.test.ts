import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { builtIn } from '../../src/migrations/built-in.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import { migrateOutput } from '../../src/migrations/migrate-output.ts';
import { withPrivateCopy } from '../../src/migrations/private-copy.ts';
import { readSteps } from '../../src/migrations/steps.ts';
import { baseEnvironment, run } from '../../src/programs/run.ts';
import { connect } from '../../src/target/connect.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';
import { migratedTarget, newFolder, request, withParameters } from './target.ts';

const FILES = {
  '1_accounts.up.sql': 'create table accounts (id int primary key)',
  '1_accounts.down.sql': 'drop table accounts',
  '2_slow.up.sql': 'create table teams ()',
  '2_slow.down.sql': 'drop table teams; select pg_sleep(2)',
};

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const PASSWORD = `p@ss/w:o?r#d%20 '"\\é&=`;

test('a password of special characters works, and is seen nowhere', async () => {
  await using target = await migratedTarget(database, FILES);
  const role = `r_${target.schemaName}`;
  await target.session.execute(
    `create role ${role} superuser login password ${`'${PASSWORD.replaceAll("'", "''")}'`.replace("'p@", "E'p@").replaceAll('\\', '\\\\')}`,
  );
  const url = Object.assign(new URL(target.url), {
    username: role,
    password: encodeURIComponent(PASSWORD),
  }).href;
  const lines: string[] = [];
  const door = golangMigrate({ url, folder: target.folder });
  const running = door.down(
    await request(door, { from: '2', to: '1', onOutput: (line) => lines.push(line) }),
  );
  const seen = await vi.waitFor(
    async () => {
      const commands = await commandLines();
      expect(commands.some((line) => line.includes('goto') && line.includes(role))).toBe(true);
      return commands;
    },
    { timeout: 10_000, interval: 20 },
  );
  const result = await running;
  await target.session.execute(`drop role ${role}`);

  expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
  const everything = [...seen, ...lines, JSON.stringify(result)].join('\n');
  expect(everything).not.toContain(PASSWORD);
  expect(everything).not.toContain(encodeURIComponent(PASSWORD));
});

test('a wrong password is said without the password', async () => {
  await using target = await migratedTarget(database, FILES);
  const url = Object.assign(new URL(target.url), { password: 'wrong-secret' }).href;
  for (const door of [golangMigrate({ ...target, url }), builtIn({ ...target, url })]) {
    const failing = door.down(await request(door, { from: '2', to: '1' }));
    await expect(failing).rejects.toMatchObject({ why: 'refused' });
    await expect(failing).rejects.not.toThrow(/wrong-secret/);
  }
});

test('killed because it did not stop in time, the server takes back what the file did', async () => {
  await using target = await migratedTarget(database, {
    ...FILES,
    '2_slow.down.sql': 'drop table teams; select pg_sleep(60)',
  });
  const before = await target.schema();
  const stopping = new AbortController();
  const door = golangMigrate({ ...target, graceMs: 100 });
  const running = door.down(
    await request(door, {
      from: '2',
      to: '1',
      applicationName: 'backout/killed',
      signal: stopping.signal,
    }),
  );
  await sessions(target.url, { name: 'backout/killed', count: 1, waiting: 'PgSleep' });
  stopping.abort();

  expect(await running).toMatchObject({ state: 'stopped' });
  await sessions(target.url, { name: 'backout/killed', count: 0 });
  expect(await target.schema()).toBe(before);
  expect(await target.version()).toBe('1 dirty');
});

test('settings of the URL and ours both reach the server', async () => {
  await using target = await migratedTarget(database, {
    '1_a.up.sql': 'create table said (what text)',
    '1_a.down.sql': `insert into said values (concat_ws('|', current_setting('work_mem'), current_setting('lock_timeout'),
      current_setting('statement_timeout'), current_setting('application_name'), current_setting('datestyle')))`,
  });
  for (const open of [golangMigrate, builtIn]) {
    const url = withParameters(target.url, {
      options: '-c work_mem=7MB -c lock_timeout=1h',
      application_name: 'other',
      sslmode: 'prefer',
    });
    await target.session.execute(
      'truncate schema_migrations; insert into schema_migrations values (1, false)',
    );
    const door = open({ url, folder: target.folder });
    const result = await door.down(await request(door, { from: '1', to: null }));
    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
  }
  const said = await target.session.query(z.object({ what: z.string() }), 'select what from said');
  const expected = '7MB|5s|20s|backout/INC-1/op-1|ISO, MDY';
  expect(said.map(({ what }) => what)).toEqual([expected, expected]);
});

test('nothing of the private copy stays on the disk', async () => {
  await using target = await migratedTarget(database, FILES);
  const empty = await newFolder({});
  vi.stubEnv('TMPDIR', empty);
  const door = golangMigrate(target);
  const result = await door.down(await request(door, { from: '2', to: null }));
  vi.unstubAllEnvs();

  expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
  expect(await readdir(empty)).toEqual([]);
});

test.each([
  ['before the first migration', ''],
  ['below the version to go to', 'insert into schema_migrations values (1, false)'],
])('lowered behind our back to %s, the private copy never leads up', async (_, row) => {
  await using target = await migratedTarget(database, {
    ...FILES,
    '3_x.up.sql': 'create table x ()',
    '3_x.down.sql': 'drop table x',
  });
  const door = golangMigrate(target);
  const planned = await readSteps(target.folder, await request(door, { from: '3', to: '2' }));
  if (planned.state === 'refused') throw new Error(planned.say);
  await target.session.execute(`drop table x, teams; truncate schema_migrations; ${row}`);
  const before = await target.schema();
  const outcome = await withPrivateCopy({ steps: planned.steps, to: '2' }, (copy) =>
    run({
      file: 'migrate',
      args: ['-path', copy, '-database', target.url, 'goto', '2'],
      env: baseEnvironment(),
      timeoutMs: 10_000,
      signal: new AbortController().signal,
    }),
  );

  expect(outcome.exitCode).toBe(1);
  expect(await target.schema()).toBe(before);
});

test('without the program it says so', async () => {
  await using target = await migratedTarget(database, FILES);
  const door = golangMigrate({ ...target, program: '/nowhere/migrate' });
  expect(await door.toolVersion()).toEqual({
    state: 'unknown',
    why: 'The program `/nowhere/migrate` is not on this machine.',
  });
  await expect(door.down(await request(door, { from: '2', to: '1' }))).rejects.toMatchObject({
    why: 'not-found',
  });
  expect(await target.version()).toBe('2');
});

test('the SQL that the tool repeats when it fails is left out', () => {
  const lines: string[] = [];
  const output = migrateOutput((line) => lines.push(line));
  for (const line of [
    '5/d c (7ms)',
    `error: migration failed: duplicate key (column 9), Key (email)=(anna@example.org) in line 3: insert into x`,
    `values ('hidden (details: no)')`,
    `); (details: pq: duplicate key value violates unique constraint "x")`,
    'driver: bad connection in line 0: SELECT pg_advisory_unlock($1)',
  ]) {
    output.onLine(line);
  }
  expect(lines).toEqual([
    '5/d c (7ms)',
    'error: migration failed in line 3',
    'pq: duplicate key value violates unique constraint "x"',
    'driver: bad connection in line 0: SELECT pg_advisory_unlock($1)',
  ]);
  expect(output.tail()).toBe(lines.join('\n'));
});

async function sessions(
  url: string,
  wanted: { readonly name: string; readonly count: number; readonly waiting?: string },
): Promise<void> {
  const watcher = await connect(url, { applicationName: 'watcher', readOnly: true });
  try {
    await vi.waitFor(
      async () => {
        const found = await watcher.query(
          z.unknown(),
          `select from pg_stat_activity where application_name = $1 and ($2::text is null or wait_event = $2)`,
          [wanted.name, wanted.waiting ?? null],
        );
        expect(found).toHaveLength(wanted.count);
      },
      { timeout: 15_000, interval: 20 },
    );
  } finally {
    await watcher.end();
  }
}

/** Of every process of this machine. */
async function commandLines(): Promise<readonly string[]> {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axwwo', 'args']);
    return stdout.split('\n');
  }
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return Promise.all(
    pids.map(async (pid) =>
      (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    ),
  );
}
