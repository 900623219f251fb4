import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import { migrationLockIds } from '../../src/migrations/version-table.ts';
import { meanTimeColumn } from '../../src/target/performance.ts';
import { connect, type Session } from '../../src/target/connect.ts';
import { readActivity } from '../../src/target/activity.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, freshRole, type FreshDatabase } from '../support/postgres.ts';

let database: FreshDatabase;
let session: Session;
let target: ReturnType<typeof openTarget>;
beforeEach(async () => {
  database = await freshDatabase();
  session = await connect(database.url, { applicationName: 'auth-service', readOnly: false });
  target = openTarget({ url: database.url });
});
afterEach(async () => {
  await target.close();
  await session.end();
  await database.drop();
});

test('a target says which server and database it is', async () => {
  const identity = await target.identity();

  expect(identity).toMatchObject({ database: database.name, isReplica: false });
  expect(identity.systemIdentifier).toMatch(/^\d{10,}$/);
  expect(Math.floor(identity.serverVersionNum / 10_000)).toBe(
    Number.parseInt(identity.serverVersion, 10),
  );
});

test('the version is read without making the table', async () => {
  expect(await target.version()).toEqual({ state: 'none' });
  expect(await target.versionTable()).toBe('"public"."schema_migrations"');
  expect((await target.sizes()).tables).toEqual([]);

  await session.execute(
    'create table schema_migrations (version bigint primary key, dirty boolean)',
  );
  expect(await target.version()).toEqual({ state: 'none' });

  await session.execute('insert into schema_migrations values (20261122120000, true)');
  expect(await target.version()).toEqual({ state: 'at', version: '20261122120000', dirty: true });

  await session.execute('update schema_migrations set version = -1');
  expect(await target.version()).toEqual({ state: 'none', dirty: true });
});

test('the version table is where the URL says', async () => {
  await session.execute(`create schema ops;
    create table ops."Versions" (version bigint primary key, dirty boolean);
    insert into ops."Versions" values (3, false)`);
  const elsewhere = openTarget({
    url: `${database.url}&x-migrations-table=%22ops%22.%22Versions%22&x-migrations-table-quoted=true`,
  });

  expect(await elsewhere.versionTable()).toBe('"ops"."Versions"');
  expect(await elsewhere.version()).toEqual({ state: 'at', version: '3', dirty: false });
  await elsewhere.close();
});

test("sizes come with the planner's estimate, or with none", async () => {
  await session.execute(`create table big as select generate_series(1, 5000) as n;
    create table unseen as select 1 as n; analyze big`);
  const { databaseBytes, tables } = await target.sizes();

  expect(databaseBytes).toBeGreaterThan(1_000_000);
  expect(tables).toMatchObject([
    { table: 'public.big', rowsEstimate: 5000 },
    { table: 'public.unseen', rowsEstimate: null },
  ]);
  expect(tables[0]?.sizeBytes).toBeGreaterThan(tables[1]?.sizeBytes ?? Infinity);
});

test('connections are counted by who and what, ours left out', async () => {
  await session.execute('begin; select 1');
  const { connections } = await target.activity();

  expect(connections).toMatchObject({
    state: 'known',
    value: [
      {
        applicationName: 'auth-service',
        user: 'postgres',
        state: 'idle in transaction',
        count: 1,
        oldestTransactionSeconds: 0,
      },
    ],
  });
  await session.execute('rollback');
});

const aNumber: unknown = expect.any(Number);

test('an open transaction is found with its process, whether its session is at work or not', async () => {
  await session.execute('begin; select 1');
  const { openTransactions } = await target.activity();

  expect(openTransactions).toMatchObject({
    state: 'known',
    value: [
      {
        kind: 'session',
        pid: aNumber,
        user: 'postgres',
        applicationName: 'auth-service',
        state: 'idle in transaction',
        seconds: 0,
      },
    ],
  });
  await session.execute('rollback');
  expect((await target.activity()).openTransactions).toEqual({ state: 'known', value: [] });
});

test('what a role may not see is unknown, never zero', async () => {
  await using role = await freshRole();
  const limited = openTarget({ url: role.urlOf(database) });
  await session.execute('begin; select 1');

  const { connections } = await limited.activity();
  expect(connections).toEqual({
    state: 'unknown',
    why: `1 session of other users is connected, and the server hides what they do from ${role.name}. \`grant pg_read_all_stats to ${role.name}\` shows it.`,
  });

  await session.execute(`rollback; grant pg_read_all_stats to ${role.name}`);
  expect((await limited.activity()).connections.state).toBe('known');
  await session.execute(`revoke pg_read_all_stats from ${role.name}`);
  await limited.close();
});

test('a prepared transaction is found although nobody is connected', async () => {
  await session.execute(`create table t (); begin; lock table t; prepare transaction 'forgotten'`);

  const { preparedTransactions, openTransactions } = await target.activity();
  expect(preparedTransactions).toEqual({ state: 'known', value: ['forgotten'] });
  expect(openTransactions).toMatchObject({
    value: [{ kind: 'prepared', gid: 'forgotten', user: 'postgres' }],
  });
  await session.execute(`rollback prepared 'forgotten'`);
});

test('both locks of golang-migrate are seen, and who holds them', async () => {
  const { cli, library } = migrationLockIds(database.url, {
    schema: 'public',
    table: 'schema_migrations',
  });
  const ids = [cli, library];
  await session.execute(ids.map((id) => `select pg_advisory_lock(${id})`).join(';'));
  const { migrationLocks } = await target.activity();

  expect(migrationLocks).toEqual({
    state: 'known',
    value: ids
      .map((id) => ({ id, pid: session.pid, applicationName: 'auth-service' }))
      .sort((left, right) => left.id.localeCompare(right.id)),
  });
});
test('what deserves a look is found by its name, in every schema', async () => {
  await session.execute(`
    create schema app;
    create table app.users (id int primary key, name text);
    create table app.orders (user_id int constraint owner references app.users);
    alter table app.users add constraint named check (name <> '') not valid;
    create index broken on app.users (name);
    update pg_index set indisvalid = false where indexrelid = 'app.broken'::regclass;
    create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger touched before update on app.users for each row execute function touch();
    alter table app.users disable trigger touched;
    alter table app.orders disable trigger all;
    create table app.users_backup_20261122 ();
    create table mybackup ();
    create table "Backup" ()`);

  expect(await target.baseline()).toEqual({
    notValidated: ['app.users: named'],
    invalidIndexes: ['app.broken'],
    disabledTriggers: ['app.orders: owner', 'app.users: touched'],
    leftovers: ['app.users_backup_20261122'],
  });
});

test('mean_time has another name since version 1.8 of the extension', () => {
  expect(['1.6', '1.7', '1.8', '1.10', '2.0'].map(meanTimeColumn)).toEqual([
    'mean_time',
    'mean_time',
    'mean_exec_time',
    'mean_exec_time',
    'mean_exec_time',
  ]);
});

test('slow queries are unknown where nobody counts them', async () => {
  expect((await target.performance()).slowQueries).toEqual({
    state: 'unknown',
    why: 'pg_stat_statements is not installed in this database.',
  });
});

test.runIf(inject('postgres').hasStatements)(
  'slow queries are found, in whatever schema the extension lives',
  async () => {
    await session.execute('create schema "Ext"; create extension pg_stat_statements schema "Ext"');
    await session.execute('select pg_sleep(1.05)');
    const { slowQueries } = await target.performance();

    expect(slowQueries).toMatchObject({
      state: 'known',
      value: [{ query: 'select pg_sleep($1)', calls: 1 }],
    });
  },
);

test('the use of indexes is counted', async () => {
  await session.execute(`create table users (id int primary key); insert into users values (1);
    set enable_seqscan = off; select * from users where id = 1`);

  await vi.waitFor(async () => {
    await session.execute('select 1');
    expect((await target.performance()).indexUse).toEqual({
      state: 'known',
      value: [{ table: 'public.users', index: 'users_pkey', scans: 1 }],
    });
  }, 10_000);
});

test('a session is found by the beginning of its name and ended by the whole of it', async () => {
  const stuck = await connect(database.url, {
    applicationName: 'backout/INC-1/op-7',
    readOnly: true,
  });
  const other = await connect(database.url, {
    applicationName: 'backout/INC-1/op-70',
    readOnly: true,
  });
  const sleeping = stuck.execute('select pg_sleep(60)').catch((error: unknown) => error);

  await vi.waitFor(async () => {
    expect(await target.sessionsNamed('backout/INC-1')).toEqual(
      [
        { pid: stuck.pid, state: 'active' },
        { pid: other.pid, state: 'idle' },
      ].sort((left, right) => left.pid - right.pid),
    );
  });
  expect(await target.endSessionsNamed('backout/INC-1/op-7')).toBe(1);
  expect(await sleeping).toMatchObject({ name: 'Fault' });
  expect(await target.sessionsNamed('backout/INC-1')).toEqual([{ pid: other.pid, state: 'idle' }]);
  expect(await target.endSessionsNamed('backout/INC-1/op-7')).toBe(0);
  expect(await other.query(z.unknown(), 'select 1 as one')).toEqual([{ one: 1 }]);
  await Promise.all([stuck.end(), other.end()]);
}, 20_000);

test('a user whom no database lets in for our lock is found out by reading', async () => {
  await using role = await freshRole();
  const about = { url: database.url, ours: 'backout/read' };
  expect((await readActivity(session, about)).lockDatabases).toContain('postgres');

  // Never committed: the server is everybody's.
  await session.execute(
    `begin; revoke connect on database postgres, template1 from public; set session authorization ${role.name}`,
  );
  expect((await readActivity(session, about)).lockDatabases).toEqual([]);
  await session.execute('rollback');
});
