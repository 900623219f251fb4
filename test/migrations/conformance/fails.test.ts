import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { migrationLockIds } from '../../../src/migrations/version-table.ts';
import { freshDatabase, type FreshDatabase } from '../../support/postgres.ts';
import { migratedDatabase, migratedTarget, request } from '../target.ts';
import { FILES, RUNNERS, plus, said, untilSleeping } from './runners.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

describe.each(RUNNERS)('%s', (tool, open) => {
  const isCli = tool === 'golang-migrate';

  test('SQL that fails changes nothing in the schema', async () => {
    await using target = await migratedTarget(
      database,
      plus("alter table accounts drop name; -- 'hidden'\ndrop table nowhere"),
    );
    const before = await target.schema();
    const lines: string[] = [];
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '2', onOutput: (line) => lines.push(line) }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(said(result)).toContain('"nowhere" does not exist');
    expect(lines.join('\n')).not.toContain('hidden');
    expect(await target.schema()).toBe(before);
    // golang-migrate leaves the version it wanted to reach, dirty. The transaction of the built-in runner leaves nothing.
    expect(await target.version()).toBe(isCli ? '11 dirty' : '12');
  });

  test('SQL that fails in the second file', async () => {
    await using target = await migratedTarget(database, {
      ...plus('create table made (id int)'),
      '011_emails.down.sql': 'drop table nowhere',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect((await target.schema()).includes('made')).toBe(isCli);
    expect(await target.version()).toBe(isCli ? '10 dirty' : '12');
  });

  test('SQL that fails in the second of two files that are wrapped in BEGIN and COMMIT', async () => {
    await using target = await migratedTarget(
      database,
      plus('begin; create table made (id int); commit'),
    );
    await target.write({
      '011_emails.down.sql': 'begin; drop index emails; drop table nowhere; commit;',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.schema()).toContain('emails');
    expect((await target.schema()).includes('made')).toBe(isCli);
    expect(await target.version()).toBe(isCli ? '10 dirty' : '12');
  });

  test('a file that drops the version table with its schema takes nothing back of the files before it', async () => {
    await using target = await migratedDatabase(plus('create table made (id int)'));
    await target.write({
      '011_emails.down.sql': 'drop schema public cascade; create schema public',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '10' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(said(result)).toContain('schema_migrations');
    // The built-in runner takes back at least the file that did it.
    if (isCli) expect(await target.schema()).not.toContain('accounts');
    else expect([await target.version(), await target.schema()]).toMatchObject(['11', /made/]);
  });

  test('a failure on the way to before the first migration', async () => {
    await using target = await migratedTarget(database, {
      '1_a.up.sql': 'select 1',
      '1_a.down.sql': 'drop table nowhere',
    });
    const door = open(target);
    const result = await door.down(await request(door, { from: '1', to: null }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe(isCli ? '-1 dirty' : '1');
  });

  test('a failure after a COMMIT inside a file leaves the first half, and a dirty version that says so', async () => {
    await using target = await migratedTarget(
      database,
      plus('alter table teams drop name; commit; drop table nowhere'),
    );
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(await request(door, { from: '12', to: '11' }));

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe('11 dirty');
    expect(await target.schema()).not.toBe(before);
  });

  test('gives up after the lock timeout behind an idle transaction', async () => {
    await using target = await migratedTarget(database, FILES);
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
    await using target = await migratedTarget(
      database,
      plus('drop table teams; select pg_sleep(30)'),
    );
    const before = await target.schema();
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '12', to: '11', statementTimeoutMs: 300 }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.schema()).toBe(before);
  });

  test('waits for another migrate no longer than the lock timeout', async () => {
    await using target = await migratedTarget(database, FILES);
    const { cli } = migrationLockIds(target.url, {
      schema: target.schemaName,
      table: 'schema_migrations',
    });
    await target.session.execute(`select pg_advisory_lock(${cli})`);
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', lockTimeoutMs: 300 }),
    );

    expect(result).toMatchObject({ state: 'ended', exitCode: 1 });
    expect(await target.version()).toBe('11');
  });

  test('asked to stop, it stops where the version row tells the truth', async () => {
    await using target = await migratedTarget(database, plus('select pg_sleep(1)'));
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
    await using target = await migratedTarget(database, FILES);
    const door = open(target);
    const result = await door.down(
      await request(door, { from: '11', to: '10', signal: AbortSignal.abort() }),
    );
    expect(result).toEqual({ state: 'stopped', tail: '' });
    expect(await target.version()).toBe('11');
  });
});
