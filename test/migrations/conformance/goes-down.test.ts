import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { freshDatabase, type FreshDatabase } from '../../support/postgres.ts';
import { migratedDatabase, migratedTarget, request } from '../target.ts';
import { FILES, RUNNERS, plus, untilSleeping } from './runners.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe.each(RUNNERS)('%s', (tool, open) => {
  const isCli = tool === 'golang-migrate';

  test('goes down one version', async () => {
    await using target = await migratedTarget(database, FILES);
    const lines: string[] = [];
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', onOutput: (line) => lines.push(line) }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(lines.join('\n')).toMatch(/^11\/d emails .*$/);
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('goes down three versions, over a gap in the numbers', async () => {
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '1' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('1');
    expect(await target.schema()).not.toContain('teams');
  });

  test('goes down to before the first migration', async () => {
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: null }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('none');
    expect(await target.schema()).not.toContain('accounts');
  });

  test('goes down to a version 0', async () => {
    await using target = await migratedTarget(database, {
      '0_zero.up.sql': 'create table zero ()',
      '0_zero.down.sql': 'drop table zero',
      ...FILES,
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '11', to: '0' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('0');
    expect(await target.schema()).toContain('zero');
  });

  test.each([
    ['missing', { '12_last.up.sql': 'select 1' }],
    ['empty', { '12_last.up.sql': 'select 1', '12_last.down.sql': '' }],
    ['only comments', { '12_last.up.sql': 'select 1', '12_last.down.sql': '-- nothing to undo' }],
  ])('passes over a version that needs nothing, its down file being %s', async (_, files) => {
    await using target = await migratedTarget(database, { ...FILES, ...files });
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '10', nothingToUndo: ['12'] }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('CONCURRENTLY runs where it stands alone in its file', async () => {
    await using target = await migratedTarget(database, plus('drop index concurrently emails'));
    await target.write({ '011_emails.down.sql': 'alter table accounts drop email' });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(await target.schema()).not.toContain('email');
  });

  test('CONCURRENTLY beside another statement runs in the built-in runner only', async () => {
    await using target = await migratedTarget(
      database,
      plus('drop index concurrently emails; alter table accounts drop name'),
    );
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: isCli ? 1 : 0 });
    expect(await target.version()).toBe(isCli ? '11 dirty' : '11');
    expect((await target.schema()) === before).toBe(isCli);
  });

  test('what is deferred to the end of a file is so in every file', async () => {
    await using target = await migratedTarget(database, {
      ...FILES,
      '12_parts.up.sql':
        'create table parts (id int primary key); create table pieces (part int references parts deferrable initially deferred)',
      '12_parts.down.sql': 'insert into pieces values (2); insert into parts values (2)',
      '13_touch.up.sql': 'select 1',
      '13_touch.down.sql': 'update parts set id = id',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '13', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('11');
  });

  test('DISCARD ALL runs, and the settings of the run come back', async () => {
    await using target = await migratedTarget(database, plus('discard all'));
    await target.write({
      '011_emails.down.sql': `alter table accounts add patience text;
        insert into accounts values (1, 'a', 'b', current_setting('statement_timeout'))`,
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('10');
    expect(
      await target.session.query(
        z.object({ patience: z.string() }),
        'select patience from accounts',
      ),
    ).toEqual([{ patience: '20s' }]);
  });

  test('a COMMIT inside a file is respected', async () => {
    await using target = await migratedTarget(
      database,
      plus('alter table teams drop name; commit; alter table accounts drop name'),
    );
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('11');
    expect(await target.schema()).not.toContain('name text');
  });

  test('files wrapped in BEGIN and COMMIT run like any other', async () => {
    await using target = await migratedTarget(
      database,
      plus('begin;\nalter table teams drop name;\ncommit;'),
    );
    await target.write({ '10_team_name.down.sql': 'begin; create table made (); end;' });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '2' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.version()).toBe('2');
    expect(await target.schema()).toContain('made');
  });

  test('functions with semicolons in them come back whole', async () => {
    const down = `create or replace function greet() returns text language plpgsql as $$
      begin
        return 'a; b';
      end $$;
      do $x$ begin execute 'drop table teams'; end $x$;`;
    await using target = await migratedTarget(database, plus(down));
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(await target.schema()).toContain("return 'a; b';");
  });

  test('is seen by its name in pg_stat_activity', async () => {
    await using target = await migratedTarget(database, plus('select pg_sleep(1)'));
    const door = open(target);
    const running = door.down(await request(door, { from: '12', to: '11' }));
    await untilSleeping(target.url);
    expect(await running).toMatchObject({ state: 'ended', exitCode: 0 });
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
    await using target = await migratedDatabase(
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

  test('says which version of the tool it is, also when the tool itself does not know', async () => {
    await using target = await migratedTarget(database, {});
    const version = await open(target).toolVersion();
    expect(version.state === 'known' ? version.value : version.why).toMatch(
      /^v?\d+\.\d+|^built-in$|^built from source$/,
    );
  });
});
