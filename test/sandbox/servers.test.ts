import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { removeFolder, removeLeftOvers } from '../../sandbox/servers/folders.ts';
import { startPostgres } from '../../sandbox/servers/postgres.ts';
import { startRedis } from '../../sandbox/servers/redis.ts';
import { freshDatabase, freshRole } from '../support/postgres.ts';
import { freshRedis } from '../support/redis.ts';

const OWNER = join(import.meta.dirname, 'fixtures', 'owner.ts');
const GONE_TIMEOUT_MS = 20_000;
const Announcement = z.object({
  postgresPort: z.number(),
  redisPort: z.number(),
  folders: z.array(z.string()),
});

describe.each(['setpriv', 'supervisor'] as const)('servers tied to their owner by %s', (tie) => {
  test.skipIf(tie === 'setpriv' && process.platform !== 'linux').each([
    ['is killed', 'waits', 'SIGKILL'],
    ['is stopped by Ctrl-C', 'waits', 'SIGINT'],
    ['crashes', 'crashes', null],
    ['exits without stopping them', 'exits', null],
  ] as const)('are gone when their owner %s', async (_how, ending, signal) => {
    const owner = spawn(process.execPath, [OWNER, tie, ending], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const exited = once(owner, 'exit');
    const [line] = z
      .tuple([z.string()])
      .parse(await once(createInterface({ input: owner.stdout }), 'line'));
    const { postgresPort, redisPort, folders } = Announcement.parse(JSON.parse(line));

    if (signal !== null) owner.kill(signal);
    await exited;

    await refuses(postgresPort);
    await refuses(redisPort);
    removeLeftOvers(tmpdir());
    expect(folders.filter((folder) => existsSync(folder))).toEqual([]);
  });
});

test('a private PostgreSQL speaks UTF-8, wants a password, keeps its data to itself and leaves nothing behind', async () => {
  const server = await startPostgres({ quick: true, settings: { work_mem: '5MB' } });
  const client = new Client({ connectionString: server.superuserUrl });
  await client.connect();
  const { rows } = await client.query(
    `select current_setting('server_encoding') as encoding, current_setting('work_mem') as work_mem`,
  );
  await client.end();
  expect(rows).toEqual([{ encoding: 'UTF8', work_mem: '5MB' }]);
  expect(statSync(server.dataFolder).mode & 0o777).toBe(0o700);

  const withoutPassword = new URL(server.superuserUrl);
  withoutPassword.password = 'wrong';
  const stranger = new Client({ connectionString: withoutPassword.href });
  await expect(stranger.connect()).rejects.toThrow('password authentication failed');

  await server.stop();
  await refuses(server.port);
  expect(existsSync(server.dataFolder)).toBe(false);
});

test('a private Redis never evicts and wants a password', async () => {
  const server = await startRedis({ appendOnly: true });
  const client = new Redis(server.url);
  expect(await client.config('GET', 'maxmemory-policy')).toEqual([
    'maxmemory-policy',
    'noeviction',
  ]);
  expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  client.disconnect();

  const stranger = new Redis({
    port: server.port,
    host: '127.0.0.1',
    lazyConnect: true,
    retryStrategy: () => null,
  }).on('error', () => undefined);
  await expect(stranger.ping()).rejects.toThrow('NOAUTH');
  stranger.disconnect();

  await server.stop();
  await refuses(server.port);
  expect(existsSync(server.dataFolder)).toBe(false);
});

test('folders of a living owner stay when another one starts', async () => {
  const folder = join(tmpdir(), `backout-redis-${process.pid}-stays`);
  const leftOver = join(tmpdir(), 'backout-redis-999999999-leftover');
  mkdirSync(folder);
  mkdirSync(leftOver);
  removeLeftOvers(tmpdir());
  expect([existsSync(folder), existsSync(leftOver)]).toEqual([true, false]);
  removeFolder(folder);
});

test('each test gets a database, a role and a Redis of its own', async () => {
  await using template = await freshDatabase();
  const maker = new Client({ connectionString: template.url });
  await maker.connect();
  await maker.query('create table here (id int)');
  await maker.end();

  await using role = await freshRole();
  await using copy = await freshDatabase({ template: template.name, owner: role.name });
  const client = new Client({ connectionString: role.urlOf(copy) });
  await client.connect();
  const { rows } = await client.query(
    `select current_user = $1 as me, to_regclass('here')::text as here`,
    [role.name],
  );
  await client.end();
  expect(rows).toEqual([{ me: true, here: 'here' }]);

  const [one, other] = await Promise.all([freshRedis(), freshRedis()]);
  expect(one.url).not.toBe(other.url);
});

/** Waits until nobody listens there any more. */
async function refuses(port: number): Promise<void> {
  await vi.waitFor(() => connecting(port), { timeout: GONE_TIMEOUT_MS, interval: 20 });
}

function connecting(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve());
    // Let go at once: PostgreSQL waits for whoever has connected and not yet said who they are.
    socket.on('connect', () => {
      socket.destroy();
      reject(new Error(`Somebody still listens on port ${port}.`));
    });
  });
}
