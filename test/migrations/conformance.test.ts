import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { builtIn } from '../../src/migrations/built-in.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import { migrationLockIds } from '../../src/migrations/version-table.ts';
import { connect } from '../../src/target/connect.ts';
import { migratedTarget, request, type Files } from './target.ts';

const FILES = {
  '1_accounts.up.sql': 'create table accounts (id int primary key, name text)',
  '1_accounts.down.sql': 'drop table accounts',
  '2_teams.up.sql': 'create table teams (id int primary key)',
  '2_teams.down.sql': 'drop table teams',
  '10_team_name.up.sql': 'alter table teams add name text',
  '10_team_name.down.sql': 'alter table teams drop name',
  '011_emails.up.sql':
    'alter table accounts add email text; create index emails on accounts (email)',
  '011_emails.down.sql': 'drop index emails;\nalter table accounts drop email;',
} satisfies Files;

/** One more migration on top. */
function plus(down: string, up = 'select 1'): Files {
  return { ...FILES, '12_last.up.sql': up, '12_last.down.sql': down };
}

describe.each([
  ['golang-migrate', golangMigrate],
  ['built-in', builtIn],
] as const)('%s', (tool, open) => {
  const isCli = tool === 'golang-migrate';

  test('goes down one version', async () => {
    await using target = await migratedTarget(FILES);
    const lines: string[] = [];
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', onOutput: (line) => lines.push(line) }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(lines).toEqual([expect.stringContaining('11/d emails')]);
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('goes down three versions, over a gap in the numbers', async () => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '1' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('1');
    expect(await target.schema()).not.toContain('teams');
  });

  test('goes down to before the first migration', async () => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: null }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('none');
    expect(await target.schema()).not.toContain('accounts');
  });

  test('goes down to a version 0', async () => {
    await using target = await migratedTarget({
      '0_zero.up.sql': 'create schema zero',
      '0_zero.down.sql': 'drop schema zero',
      ...FILES,
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '0' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('0');
    expect(await target.schema()).toContain('zero');
  });

  test.each([
    ['is at another version', '10', '10', '1'],
    ['is already where it should go', '2', '11', '2'],
    ['is already lower', '1', '11', '10'],
    ['is before the first migration', null, '11', '10'],
  ] as const)('refuses when the database %s, and changes nothing', async (_, at, from, to) => {
    await using target = await migratedTarget(FILES);
    await target.session.execute('truncate schema_migrations');
    if (at !== null) {
      await target.session.execute(
        `insert into schema_migrations values (${at === '10' ? 2 : at}, false)`,
      );
    }
    const before = [await target.version(), await target.schema()];
    const door = open(target);
    const result = await door.down(await request(door, { from, to }));

    expect(result).toMatchObject({
      state: 'refused',
      say: expect.stringMatching(/The database is .*Nothing was run/),
    });
    expect([await target.version(), await target.schema()]).toEqual(before);
  });

  test('refuses a dirty database', async () => {
    await using target = await migratedTarget(FILES);
    await target.session.execute('update schema_migrations set dirty = true');
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '10' }));

    expect(result).toMatchObject({ state: 'refused', say: expect.stringContaining('dirty') });
    expect(await target.version()).toBe('11 dirty');
  });

  test.each([
    ['the same version', '11', '11'],
    ['a higher version', '10', '11'],
    ['a version that is not in the folder', '11', '7'],
    ['from a version that is not in the folder', '12', '10'],
  ])('refuses to go to %s', async (_, from, to) => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from, to }));
    expect(result.state).toBe('refused');
    expect(await target.version()).toBe('11');
  });

  test.each([
    ['empty', ''],
    ['of white space', ' \n\t'],
    ['of comments only', '-- cannot be undone\n;'],
    ['unreadable', 'drop tabel x'],
    ['without the end of its transaction', 'begin; drop table teams;'],
  ])('refuses a down file %s', async (_, down) => {
    await using target = await migratedTarget(plus(down));
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({
      state: 'refused',
      say: expect.stringContaining('12_last.down.sql'),
    });
    expect(await target.version()).toBe('12');
  });

  test.each([
    ['missing', { '12_last.up.sql': 'select 1' }],
    [
      'there twice',
      {
        '12_last.up.sql': 'select 1',
        '12_last.down.sql': 'select 1',
        '012_x.down.sql': 'select 1',
      },
    ],
    ['misnamed', { '12_last.up.sql': 'select 1', '12_last_down.sql': 'select 1' }],
  ])('refuses when the down file is %s', async (_, files) => {
    await using target = await migratedTarget({ ...FILES, ...files });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'refused', say: expect.stringContaining('ersion 12') });
    expect(await target.version()).toBe('12');
  });

  test.each([
    ['missing', { '12_last.up.sql': 'select 1' }],
    ['empty', { '12_last.up.sql': 'select 1', '12_last.down.sql': '' }],
    ['only comments', { '12_last.up.sql': 'select 1', '12_last.down.sql': '-- nothing to undo' }],
  ])('passes over a version that needs nothing, its down file being %s', async (_, files) => {
    await using target = await migratedTarget({ ...FILES, ...files });
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '10', nothingToUndo: ['12'] }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('refuses a file that changed after it was planned', async () => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const planned = await request(door, { from: '11', to: '2' });
    await target.write({ '10_team_name.down.sql': 'drop table accounts cascade' });
    const result = await door.down(planned);

    expect(result).toMatchObject({
      state: 'refused',
      say: expect.stringContaining('10_team_name.down.sql'),
    });
    expect(await target.version()).toBe('11');
  });

  test('refuses a migration that came into the folder after the plan', async () => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const planned = await request(door, { from: '11', to: '2' });
    await target.write({
      '9_late.up.sql': 'select 1',
      '9_late.down.sql': 'drop table accounts cascade',
    });

    expect(await door.down(planned)).toMatchObject({ state: 'refused' });
    expect(await target.version()).toBe('11');
  });

  test('SQL that fails changes nothing in the schema', async () => {
    await using target = await migratedTarget(
      plus("alter table accounts drop name; -- 'hidden'\ndrop table nowhere"),
    );
    const before = await target.schema();
    const lines: string[] = [];
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '2', onOutput: (line) => lines.push(line) }),
    );

    expect(result).toMatchObject({
      state: 'ended',
      exitCode: 1,
      tail: expect.stringContaining('"nowhere" does not exist'),
    });
    expect(lines.join('\n')).not.toContain('hidden');
    expect(await target.schema()).toBe(before);
    // golang-migrate leaves the version it wanted to reach, dirty. The transaction of the built-in runner leaves nothing.
    expect(await target.version()).toBe(isCli ? '11 dirty' : '12');
  });

  test('SQL that fails in the second file', async () => {
    await using target = await migratedTarget({
      ...plus('create table made (id int)'),
      '011_emails.down.sql': 'drop table nowhere',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect((await target.schema()).includes('made')).toBe(isCli);
    expect(await target.version()).toBe(isCli ? '10 dirty' : '12');
  });

  test('a failure on the way to before the first migration', async () => {
    await using target = await migratedTarget({
      '1_a.up.sql': 'select 1',
      '1_a.down.sql': 'drop table nowhere',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '1', to: null }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe(isCli ? '-1 dirty' : '1');
  });

  test('CONCURRENTLY runs where it stands alone in its file', async () => {
    await using target = await migratedTarget(plus('drop index concurrently emails'));
    await target.write({ '011_emails.down.sql': 'alter table accounts drop email' });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('CONCURRENTLY beside another statement runs in the built-in runner only', async () => {
    await using target = await migratedTarget(
      plus('drop index concurrently emails; alter table accounts drop name'),
    );
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: isCli ? 1 : 0 });
    expect(await target.version()).toBe(isCli ? '11 dirty' : '11');
    expect((await target.schema()) === before).toBe(isCli);
  });

  test('a COMMIT inside a file is respected', async () => {
    await using target = await migratedTarget(
      plus('alter table teams drop name; commit; alter table accounts drop name'),
    );
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('11');
    expect(await target.schema()).not.toContain('name text');
  });

  test('a failure after a COMMIT inside a file leaves the first half, and a dirty version that says so', async () => {
    await using target = await migratedTarget(
      plus('alter table teams drop name; commit; drop table nowhere'),
    );
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe('11 dirty');
    expect(await target.schema()).not.toBe(before);
  });

  test('functions with semicolons in them come back whole', async () => {
    const down = `create or replace function greet() returns text language plpgsql as $$
      begin
        return 'a; b';
      end $$;
      do $x$ begin execute 'drop table teams'; end $x$;`;
    await using target = await migratedTarget(plus(down));
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.schema()).toContain("return 'a; b';");
  });

  test('gives up after the lock timeout behind an idle transaction', async () => {
    await using target = await migratedTarget(FILES);
    const before = await target.schema();
    await target.session.execute('begin; select from accounts');
    const door = open(target);
    const startedAt = performance.now();
    const result = await door.down(
      await request(door, { from: '11', to: '10', lockTimeoutMs: 300 }),
    );
    await target.session.execute('rollback');

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(await target.schema()).toBe(before);
    expect(await target.version()).toBe(isCli ? '10 dirty' : '11');
  });

  test('gives up after the statement timeout', async () => {
    await using target = await migratedTarget(plus('drop table teams; select pg_sleep(30)'));
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '11', statementTimeoutMs: 300 }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.schema()).toBe(before);
  });

  test('waits for another migrate no longer than the lock timeout', async () => {
    await using target = await migratedTarget(FILES);
    const { cli } = migrationLockIds(target.url, { schema: 'public', table: 'schema_migrations' });
    await target.session.execute(`select pg_advisory_lock(${cli})`);
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', lockTimeoutMs: 300 }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe('11');
  });

  test('is seen by its name in pg_stat_activity', async () => {
    await using target = await migratedTarget(plus('select pg_sleep(1)'));
    const door = open(target);
    const running = door.down(await request(door, { from: '12', to: '11' }));
    await untilSleeping(target.url);
    expect(await running).toMatchObject({ state: 'ended', exitCode: 0 });
  });

  test('asked to stop, it stops where the version row tells the truth', async () => {
    await using target = await migratedTarget(plus('select pg_sleep(1)'));
    const stopping = new AbortController();
    const door = open(target);
    const running = door.down(
      await request(door, { from: '12', to: '1', signal: stopping.signal }),
    );
    await untilSleeping(target.url);
    stopping.abort();

    expect(await running).toMatchObject({ state: 'stopped' });
    // The CLI finishes the file it is at, the transaction of the built-in runner is taken back.
    expect(await target.version()).toBe(isCli ? '11' : '12');
    expect(await target.schema()).toContain('email');
  });

  test('asked to stop before it began, it does not begin', async () => {
    await using target = await migratedTarget(FILES);
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', signal: AbortSignal.abort() }),
    );
    expect(result).toEqual({ state: 'stopped', tail: '' });
    expect(await target.version()).toBe('11');
  });

  test.each([
    ['search_path', { search_path: 'app,public' }],
    ['search_path in options', { options: '-c search_path=app' }],
    ['x-migrations-table', { 'x-migrations-table': 'Our Migrations' }],
    [
      'a quoted x-migrations-table',
      { 'x-migrations-table': '"app"."moved"', 'x-migrations-table-quoted': 'true' },
    ],
  ])('finds its version table by %s', async (_, parameters) => {
    const decoy =
      'create schema app; create table public.accounts (id int); create table public.decoy (version bigint)';
    await using target = await migratedTarget(
      {
        ...FILES,
        '1_accounts.up.sql': 'create table if not exists accounts (id int, name text)',
        '011_emails.down.sql': 'drop index emails',
      },
      { parameters, before: decoy },
    );
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(
      (await target.schema()).match(/CREATE TABLE .*migrations|CREATE TABLE .*moved/gi),
    ).toHaveLength(1);
  });

  test('says which version of the tool it is, or that it does not know', async () => {
    await using target = await migratedTarget({});
    const version = await open(target).toolVersion();
    if (version.state === 'known') expect(version.value).toMatch(/^v?\d+\.\d+|^built-in$/);
    else expect(version.why).toMatch(/\.$/);
  });
});

async function untilSleeping(url: string): Promise<void> {
  const watcher = await connect(url, { applicationName: 'watcher', readOnly: true });
  try {
    await vi.waitFor(
      async () => {
        const rows = await watcher.query(
          z.unknown(),
          `select from pg_stat_activity
            where application_name = 'backout/INC-1/op-1' and wait_event = 'PgSleep'
              and datname = current_database()`,
        );
        expect(rows).toHaveLength(1);
      },
      { timeout: 10_000, interval: 20 },
    );
  } finally {
    await watcher.end();
  }
}
