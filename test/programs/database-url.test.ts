import { chmod, mkdtemp, rm, symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startPostgres, type PostgresServer } from '../../sandbox/servers/postgres.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import { parseDatabaseUrl, withHostInPlace } from '../../src/programs/database-url.ts';
import { pgEnvironment } from '../../src/programs/pg-environment.ts';
import { run } from '../../src/programs/run.ts';
import { connectStore } from '../../src/store/connect.ts';
import { connect } from '../../src/target/connect.ts';
import { newFolder, request } from '../migrations/target.ts';

let server: PostgresServer;
let socket: string;
let folder: string;
beforeAll(async () => {
  // Short: a socket's path has an end at about 100 characters.
  socket = await mkdtemp('/tmp/backout-socket-');
  await chmod(socket, 0o777);
  await symlink(socket, `${socket}/a:b:c`);
  server = await startPostgres({ quick: true, settings: { unix_socket_directories: socket } });
  folder = await newFolder({
    '1_a.up.sql': 'create table a ()',
    '1_a.down.sql': 'drop table a',
  });
});
afterAll(async () => {
  await server.stop();
  await rm(socket, { recursive: true });
  await rm(folder, { recursive: true });
});

/** The places in a URL: `USER` with its password, `HOST` of TCP, `PORT`, `SOCK` and `%SOCK`. */
function filled(shape: string): string {
  const { password } = new URL(server.superuserUrl);
  return shape
    .replace('USER', `postgres:${password}`)
    .replace('HOST', '127.0.0.1')
    .replaceAll('PORT', String(server.port))
    .replace('%SOCK', encodeURIComponent(socket))
    .replace('SOCK', socket);
}

describe('every client gets through with', () => {
  test.each([
    'postgres://USER@/postgres?host=SOCK&port=PORT',
    'postgres://USER@:PORT/postgres?host=SOCK',
    'postgres://USER@:PORT/postgres?host=SOCK/a:b:c',
    'postgres://USER@%SOCK:PORT/postgres',
    'postgres:///postgres?host=SOCK&port=PORT&user=postgres&password=x',
    'postgres://USER@HOST:PORT/postgres?channel_binding=prefer&target_session_attrs=read-write&keepalives=1&keepalives_idle=5&gssencmode=disable&sslpassword=never-shown&connect_timeout=3',
    'pgx5://USER@HOST:PORT/postgres',
    'pgx://USER@HOST:PORT/?dbname=postgres&sslmode=prefer',
    'postgres://USER@HOST:PORT?dbname=postgres',
    'postgres://USER@?host=SOCK&port=PORT&dbname=postgres',
    'postgres://USER@HOST:PORT/nowhere?dbname=postgres&search_path=public',
  ])('%s', async (shape) => {
    const { password } = new URL(server.superuserUrl);
    const url = filled(shape).replace('password=x', `password=${password}`);
    const session = await connect(url, { applicationName: 'test', readOnly: false });
    await session.execute(`create table a ();
      create table schema_migrations (version bigint primary key, dirty boolean not null);
      insert into schema_migrations values (1, false)`);

    const { env, secrets } = pgEnvironment(url, { applicationName: 'test' });
    const signal = new AbortController().signal;
    const args = ['-XAtc', 'select version from schema_migrations'];
    const psql = await run({ file: 'psql', args, env, secrets, timeoutMs: 20_000, signal });
    const door = golangMigrate({ url, folder });
    const down = await door.down(await request(door, { from: '1', to: null }));
    const left = await session.query(
      z.object({ a: z.string().nullable() }),
      `select to_regclass('a')::text as a`,
    );
    await session.execute('drop table schema_migrations; drop table if exists a');
    await session.end();

    expect(psql).toMatchObject({ exitCode: 0, stdout: '1' });
    expect(down).toMatchObject({ state: 'ended', exitCode: 0 });
    expect(left).toEqual([{ a: null }]);
  });
});

test.each([
  'postgres://USER@/postgres?host=SOCK&port=PORT',
  'postgres://USER@:PORT/postgres?host=SOCK/a:b:c',
  'postgres://USER@%SOCK:PORT/postgres',
  'postgres://USER@HOST:PORT/postgres',
])('the store is reached with %s', async (shape) => {
  const url = withHostInPlace(filled(shape));
  const store = connectStore({
    url,
    applicationName: 'test',
    connectionsMax: 1,
    statementTimeoutMs: 5_000,
    onError: () => undefined,
  });
  const rows = await store.rows(z.object({ one: z.number() }), 'select 1 as one');
  await store.close();
  expect(rows).toEqual([{ one: 1 }]);
  expect(new URL(url).username).toBe('postgres');
});

test('what only a client knows is never sent to the server as a setting', () => {
  const url =
    'postgres://u@h/d?channel_binding=require&sslpassword=s3cret&sslcrl=x&hostaddr=1.2.3.4&require_auth=scram-sha-256&search_path=app';
  expect(parseDatabaseUrl(url).settings).toEqual({ search_path: 'app' });
});

test.each([
  ['postgres://db/auth', /does not name its user\.$/],
  ['postgres://u:hunter2@/auth', /does not name its host\.$/],
  ['postgres://u:hunter2@db/auth?sslmode=bogus', /an sslmode that does not exist/],
  ['postgres://u:hunter2#x@db/auth', /Write it as `%23`/],
  ['postgres://u:1#hunter2@db/auth', /Write it as `%23`/],
  ['postgres://u:hunter2@one:5432,two:5432/auth', /names several hosts/],
  ['postgres://u:hunter2@/auth?host=one,two', /names several hosts/],
  ['postgres://u:hunter2@db/auth?port=many', /port .* must be a number/],
  ['postgres://db?sslmode=bogus', /its user\. .* its database\. .*sslmode/],
])('%s is refused in plain words', (url, say) => {
  expect(() => parseDatabaseUrl(url)).toThrow(say);
  expect(() => parseDatabaseUrl(url)).not.toThrow(/hunter2|bogus|many/);
});

test('a socket is the folder of its path, wherever it stands', () => {
  for (const url of ['postgres://u@%2Frun%2Fpg/d', 'postgres://u@/d?host=/run/pg']) {
    expect(parseDatabaseUrl(url)).toMatchObject({ host: '/run/pg', port: 5432, user: 'u' });
  }
});
