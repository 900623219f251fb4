import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { Fault } from '../../src/doors.ts';
import { parseDatabaseUrl } from '../../src/programs/database-url.ts';
import { connect, type ConnectOptions } from '../../src/target/connect.ts';
import { freshDatabase, freshRole, type FreshDatabase } from '../support/postgres.ts';
import { localServer } from '../support/local-server.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

const open = (options: Partial<ConnectOptions> = {}) =>
  connect(database.url, { applicationName: 'backout/read', readOnly: true, ...options });

const Count = z.object({ count: z.coerce.number() });

test('rows enter through a schema, numbers of any size as text', async () => {
  const session = await open();
  const rows = await session.query(
    z.object({ big: z.string(), name: z.string() }),
    `select 9007199254740993::bigint as big, $1 as name`,
    ['x'],
  );

  expect(rows).toEqual([{ big: '9007199254740993', name: 'x' }]);
  await session.end();
});

test('a text of several statements is one transaction, as golang-migrate sends it', async () => {
  const session = await open({ readOnly: false });
  const broken = session.execute('create table a (); create table b (); select nothing');

  await expect(broken).rejects.toThrow('The database said: column "nothing" does not exist');
  expect(
    await session.query(Count, `select count(*) from pg_class where relname in ('a', 'b')`),
  ).toEqual([{ count: 0 }]);
  await session.end();
});

test('a reading connection cannot write', async () => {
  const session = await open();

  await expect(session.execute('create table oops ()')).rejects.toThrow('read-only transaction');
  await session.end();
});

test('a statement that takes too long, and a lock that is not given, are said in plain words', async () => {
  const holder = await open({ readOnly: false });
  await holder.execute('create table held ()');
  await holder.execute('begin; lock table held');
  const session = await open({ statementTimeoutMs: 300, lockTimeoutMs: 100 });

  await expect(session.execute('select pg_sleep(60)')).rejects.toMatchObject({ why: 'timed-out' });
  await expect(session.execute('table held')).rejects.toMatchObject({
    why: 'timed-out',
    say: 'Somebody else holds a lock that this needs; it was not given in time.',
  });
  await session.end();
  await holder.end();
});

test('another connection can cancel what one is doing', async () => {
  const session = await open();
  const sleeping = session.execute('select pg_sleep(60)').catch((error: unknown) => error);
  await session.cancel();

  expect(await sleeping).toMatchObject({ why: 'stopped' });
  expect(await session.query(Count, 'select 1 as count')).toEqual([{ count: 1 }]);
  await session.end();
});

test('a connection that dies while idle is noticed, and the process lives on', async () => {
  const session = await open();
  const other = await open({ readOnly: false });
  const lost = once(session.lost, 'abort');
  await other.query(z.unknown(), 'select pg_terminate_backend($1)', [session.pid]);
  await lost;

  await expect(session.execute('select 1')).rejects.toMatchObject({ why: 'unreachable' });
  await other.end();
  expect(other.lost.aborted).toBe(false);
});

test('wrong passwords, databases and addresses are faults without a secret in them', async () => {
  await using role = await freshRole();
  const good = role.urlOf(database);
  const changed = (parts: Partial<URL>) => Object.assign(new URL(good), parts).href;
  const faults = [];
  for (const url of [
    changed({ password: 'hunter2' }),
    changed({ pathname: '/nowhere' }),
    changed({ port: '1' }),
    changed({ hostname: 'nobody.invalid' }),
    changed({ search: '?sslmode=require' }),
    changed({ search: '?sslmode=verify-full&sslrootcert=/no/such/file' }),
  ]) {
    const fault: unknown = await connect(url, { applicationName: 'x', readOnly: true }).catch(
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(Fault);
    faults.push(fault instanceof Fault ? [fault.why, fault.say] : []);
  }

  expect(faults).toEqual([
    ['refused', 'The database did not accept the user or the password of the URL.'],
    ['not-found', 'The database said: database "nowhere" does not exist'],
    ['unreachable', 'Nothing answers at the address of the database.'],
    ['unreachable', expect.stringMatching(/^The host of the database URL/)],
    [
      'refused',
      'A secure connection to the database could not be made: look at sslmode in its URL.',
    ],
    ['not-found', 'A certificate file that the database URL names cannot be read.'],
  ]);
  for (const secret of ['hunter2', role.password]) {
    expect(JSON.stringify(faults)).not.toContain(secret);
  }
});

test('something that is no database is a fault', async () => {
  await using server = await localServer((_request, response) => response.end());
  const { port } = new URL(server.url);
  const connecting = connect(`postgres://u:p@127.0.0.1:${port}/d`, {
    applicationName: 'x',
    readOnly: true,
  });

  await expect(connecting).rejects.toBeInstanceOf(Fault);
});

test('the settings of the URL are those of the session, and our limits come on top', async () => {
  const session = await connect(
    `${database.url}&search_path=%22odd%20one%22,public&x-migrations-table=m`,
    {
      applicationName: 'backout/INC-1/op-1',
      readOnly: true,
      statementTimeoutMs: 1234,
    },
  );
  const rows = await session.query(
    z.unknown(),
    `select current_setting('search_path') as path, current_setting('statement_timeout') as timeout,
            current_setting('application_name') as name`,
  );

  expect(rows).toEqual([
    { path: '"odd one",public', timeout: '1234ms', name: 'backout/INC-1/op-1' },
  ]);
  expect(parseDatabaseUrl(database.url).settings).toEqual({});
  await session.end();
});
