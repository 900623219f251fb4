import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { foundPrograms } from '../../sandbox/servers/programs.ts';
import { migrateStore } from '../../src/store/migrate.ts';

const script = path.join(import.meta.dirname, '../../deploy/store-roles.sh');
const { superuserUrl } = inject('postgres');
const passwords = { STORE_OWNER_PASSWORD: "o'wner\\", STORE_APP_PASSWORD: 'app' };

function urlOf(username: string, password: string): string {
  return Object.assign(new URL(superuserUrl), { pathname: '/backout', username, password }).href;
}
const ownerUrl = urlOf('backout_owner', passwords.STORE_OWNER_PASSWORD);
const appUrl = urlOf('backout_app', passwords.STORE_APP_PASSWORD);

async function makeRoles(env: Readonly<Record<string, string>>): Promise<void> {
  const { hostname, port, username, password } = new URL(superuserUrl);
  await promisify(execFile)('/bin/sh', [script], {
    env: {
      ...env,
      PATH: `${foundPrograms().postgres}:/usr/bin:/bin`,
      PGHOST: hostname,
      PGPORT: port,
      PGPASSWORD: password,
      POSTGRES_USER: username,
    },
  });
}

async function query(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

beforeAll(() => makeRoles(passwords));
afterAll(() =>
  query(
    superuserUrl,
    'drop database if exists backout with (force)',
    'drop role if exists backout_app',
    'drop role if exists backout_owner',
  ),
);

test('the owner migrates the store and the application works in it', async () => {
  expect((await migrateStore({ ownerUrl, appUrl })).applied).not.toEqual([]);
  await query(appUrl, 'select count(*) from backout.events');
});

test('the application changes no history, drops nothing and makes nothing', async () => {
  await migrateStore({ ownerUrl, appUrl });
  for (const statement of [
    'delete from backout.events',
    "update backout.events set body = ''",
    'truncate backout.events',
    'alter table backout.events disable trigger all',
    'drop schema backout cascade',
    'create schema other',
    'create table public.other ()',
  ]) {
    await expect(query(appUrl, statement)).rejects.toThrow(/permission denied|must be owner/);
  }
});

test('without passwords nothing is made, and it says which one is missing', async () => {
  const incomplete = makeRoles({ STORE_OWNER_PASSWORD: 'x' });
  await expect(incomplete).rejects.toThrow('Set STORE_APP_PASSWORD');
});
