import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';

import { foundPrograms } from '../../sandbox/servers/programs.ts';
import { GOOD_VERSION, HARMFUL_VERSION, MIGRATIONS } from '../../sandbox/world/database.ts';
import { ROWS, UNAFFECTED_TABLES } from '../../sandbox/world/rows.ts';
import { startWorld, type World } from '../../sandbox/world/world.ts';
import { parseConfigFile } from '../../src/config.ts';
import { freshDatabase } from '../support/postgres.ts';

const WORLD = join(import.meta.dirname, '..', '..', 'sandbox', 'world');
const { migrate, postgres: postgresFolder } = foundPrograms();

let world: World;

beforeAll(async () => {
  world = await startWorld({
    superuserUrl: inject('postgres').superuserUrl,
    name: `world_${process.pid}`,
  });
}, 120_000);

beforeEach(() => world.breakAgain());

afterAll(() => world.stop());

test('300,000 rows stand in at least eight related tables', async () => {
  expect(Object.values(ROWS).reduce((sum, rows) => sum + rows, 0)).toBe(300_000);
  for (const table of [
    'organisations',
    'accounts',
    'credentials',
    'roles',
    'account_roles',
  ] as const) {
    expect(await ask(`select count(*)::int as found from ${table}`)).toEqual([
      { found: ROWS[table] },
    ]);
  }
  const keys = await ask(`select count(*)::int as found from pg_constraint where contype = 'f'`);
  expect(z.array(z.object({ found: z.number() })).parse(keys)[0]?.found).toBeGreaterThanOrEqual(7);
});

test('Backout takes the configuration of the world without a complaint', () => {
  const { config, problems } = parseConfigFile(world.backoutConfig, 'backout.yaml');
  expect(problems).toEqual([]);
  expect(Object.keys(config?.targets ?? {})).toEqual(['auth']);
});

describe('a release that fails, and the way back', () => {
  test('the newest release fails on the migrated database, for reasons that its health check names', async () => {
    expect(await world.database.version()).toEqual({ version: HARMFUL_VERSION, dirty: false });
    const auth = await world.healthOf('auth-service');
    const gateway = await world.healthOf('gateway-service');
    expect([auth.status, gateway.status]).toEqual(['failing', 'failing']);
    expect(auth.reason).toContain('null value in column "device_label"');
    expect(auth.reason).toContain('column accounts.email does not exist');
    expect(gateway.reason).toContain('primary_email does not exist');
    expect((await team('smoke', 'gateway-service')).exitCode).toBe(1);
    await vi.waitFor(() => expect(world.traffic.now().failedCount).toBeGreaterThan(20), {
      timeout: 20_000,
    });
    expect(world.traffic.now().successRate).toBeLessThan(0.3);
  });

  test('both services stay connected while their requests fail', async () => {
    for (let times = 0; times < 3; times += 1) {
      await world.healthOf('gateway-service');
      const connected = await ask(
        `select distinct application_name as name from pg_stat_activity
         where application_name like '%-service' and datname = current_database() order by 1`,
      );
      expect(connected).toEqual([{ name: 'auth-service' }, { name: 'gateway-service' }]);
    }
  });

  test('the release before it fails on the migrated database as well', async () => {
    await restartInThePrevious();
    expect((await world.healthOf('auth-service')).reason).toContain(
      'column accounts.email does not exist',
    );
    expect((await world.healthOf('gateway-service')).status).toBe('failing');
  });

  test('rolled back by golang-migrate and in the release before, both services are healthy and no other row has changed', async () => {
    const before = await digests();
    await team('maintenance', 'on');
    await team('stop', 'gateway-service');
    await team('stop', 'auth-service');
    expect((await world.healthOf('auth-service')).status).toBe('stopped');
    expect(
      await ask(
        `select count(*)::int as found from pg_stat_activity where application_name like '%-service' and datname = current_database()`,
      ),
    ).toEqual([{ found: 0 }]);

    const rolledBack = await runMigrate(world.database.ownerUrl, 'goto', '7');
    expect(rolledBack).toMatchObject({ exitCode: 0 });
    expect(await world.database.version()).toEqual({ version: GOOD_VERSION, dirty: false });

    await restartInThePrevious();
    expect((await team('drop-cache', 'gateway-service')).exitCode).toBe(0);
    await vi.waitFor(() => expect(world.traffic.now().state).toBe('maintenance'), {
      timeout: 10_000,
    });
    expect(await world.healthOf('auth-service')).toEqual({ status: 'healthy', reason: null });
    expect(await world.healthOf('gateway-service')).toEqual({ status: 'healthy', reason: null });
    for (const service of ['auth-service', 'gateway-service'] as const) {
      expect(await team('health', service)).toMatchObject({ exitCode: 0 });
      expect(await team('smoke', service)).toMatchObject({ exitCode: 0 });
    }
    await team('maintenance', 'off');
    await vi.waitFor(() => expect(world.traffic.now().successRate).toBe(1), { timeout: 20_000 });
    expect(await digests()).toEqual(before);
    expect(await validate()).toMatchObject({ exitCode: 0 });
  });

  test("the team's own validation stops at an account that cannot log in", async () => {
    await ask(`delete from credentials where account_id = 1`);
    const { exitCode, output } = await validate();
    expect(exitCode).toBe(3);
    expect(output).toContain('1 active accounts cannot log in');
  });

  test('broken again, it is a fresh database with both services in the newest release', async () => {
    await ask(`delete from credentials where account_id = 1`);
    await restartInThePrevious();
    await team('maintenance', 'on');
    await world.breakAgain();
    expect(await world.database.version()).toEqual({ version: HARMFUL_VERSION, dirty: false });
    expect(await ask('select count(*)::int as found from credentials')).toEqual([
      { found: ROWS.credentials },
    ]);
    expect(world.control.stateOf('auth-service')).toEqual({ state: 'running', release: 8 });
    expect(world.control.isInMaintenance()).toBe(false);
    expect((await world.healthOf('gateway-service')).status).toBe('failing');
  });

  test('the newest release fails on the rolled back database too', async () => {
    expect(await runMigrate(world.database.ownerUrl, 'goto', '7')).toMatchObject({ exitCode: 0 });
    expect((await world.healthOf('auth-service')).reason).toContain('primary_email does not exist');
    expect((await world.healthOf('gateway-service')).reason).toContain(
      'primary_email does not exist',
    );
  });
});

test("the team's status command exits with 0 for running, 3 for stopped and something else when it cannot know", async () => {
  expect(await team('status', 'auth-service')).toMatchObject({ exitCode: 0 });
  await team('stop', 'auth-service');
  expect(await team('status', 'auth-service')).toMatchObject({ exitCode: 3 });
  const lost = await program(process.execPath, [
    join(WORLD, 'service.ts'),
    'status',
    'auth-service',
    '--control',
    'http://127.0.0.1:1',
  ]);
  expect(lost.exitCode).toBe(4);
});

test.skipIf(migrate === null)(
  'every down migration takes back exactly what its up migration did',
  async () => {
    await using database = await freshDatabase();
    const schemas: string[] = [];
    for (let version = 1; version <= 8; version += 1) {
      expect(await runMigrate(database.url, 'goto', String(version))).toMatchObject({
        exitCode: 0,
      });
      schemas.push(await schemaOf(database.url));
    }
    for (let version = 7; version >= 1; version -= 1) {
      expect(await runMigrate(database.url, 'goto', String(version))).toMatchObject({
        exitCode: 0,
      });
      expect(await schemaOf(database.url)).toBe(schemas[version - 1]);
    }
    expect(await runMigrate(database.url, 'down', '1')).toMatchObject({ exitCode: 0 });
    expect(await runMigrate(database.url, 'up')).toMatchObject({ exitCode: 0 });
    expect(await schemaOf(database.url)).toBe(schemas.at(-1));
  },
);

interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

function team(...words: readonly string[]): Promise<Ended> {
  return program(process.execPath, [
    join(WORLD, 'service.ts'),
    ...words,
    '--control',
    world.control.url,
  ]);
}

async function restartInThePrevious(): Promise<void> {
  for (const service of ['auth-service', 'gateway-service'] as const) {
    for (const order of ['stop', 'previous', 'start']) {
      expect(await team(order, service)).toMatchObject({ exitCode: 0 });
    }
    expect(world.control.stateOf(service)).toEqual({ state: 'running', release: 7 });
  }
}

function runMigrate(url: string, ...words: readonly string[]): Promise<Ended> {
  const { password, address } = withoutPassword(url);
  return program(migrate ?? 'migrate', ['-path', MIGRATIONS, '-database', address, ...words], {
    PGPASSWORD: password,
  });
}

function validate(): Promise<Ended> {
  const { password, address } = withoutPassword(world.database.ownerUrl);
  const file = join(WORLD, 'validate-migrations.sql');
  return program(join(postgresFolder, 'psql'), ['-X', '-d', address, '-f', file], {
    PGPASSWORD: password,
  });
}

async function schemaOf(url: string): Promise<string> {
  const { password, address } = withoutPassword(url);
  const { exitCode, output } = await program(
    join(postgresFolder, 'pg_dump'),
    ['-s', '-d', address],
    { PGPASSWORD: password },
  );
  expect(exitCode).toBe(0);
  return output.replaceAll(/^\\(un)?restrict .*$/gm, '');
}

function withoutPassword(url: string): { readonly password: string; readonly address: string } {
  const address = new URL(url);
  const { password } = address;
  address.password = '';
  return { password, address: address.href };
}

async function program(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const folder = await mkdtemp(join(tmpdir(), 'elsewhere-'));
  try {
    return await new Promise((resolve) => {
      execFile(
        file,
        args,
        { cwd: folder, env: { PATH: process.env['PATH'] ?? '', ...env } },
        (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ exitCode, output: `${stdout}${stderr}` });
        },
      );
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function digests(): Promise<readonly unknown[]> {
  const all = UNAFFECTED_TABLES.map((table) =>
    ask(
      `select count(*), md5(string_agg(t::text, ',' order by t::text)) as digest from ${table} as t`,
    ),
  );
  return Promise.all(all);
}

async function ask(query: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: world.database.ownerUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(query);
    return rows;
  } finally {
    await client.end();
  }
}
