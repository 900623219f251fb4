import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Config } from '../src/config.ts';
import { readConfig } from '../src/config.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'backout-addresses-'));
afterAll(() => rmSync(folder, { recursive: true }));

const FILE = `targets:
  auth:
    database_url_env: AUTH_DATABASE_URL
    environment: production
    migrations: { path: ./migrations }
`;

/** As a worker starts. */
function read(over: Readonly<Record<string, string>>): Config {
  const file = path.join(folder, 'backout.yaml');
  writeFileSync(file, FILE);
  return readConfig('worker', {
    BACKOUT_CONFIG: file,
    STORE_URL: 'postgres://backout_app@localhost/backout',
    REDIS_URL: 'redis://localhost:6379',
    AUTH_DATABASE_URL: 'postgres://backout:pw@db.internal:5432/auth',
    ...over,
  });
}

test.each([
  'postgres://db/auth',
  'postgres://u:hunter2@db/auth?sslmode=bogus',
  'postgres://u:hunter2#2@db/auth',
  'postgres://u:hunter2@one,two/auth',
])('an address that no rollback could use keeps the worker from starting: %s', (url) => {
  const start = (): Config => read({ AUTH_DATABASE_URL: url });
  expect(start).toThrow(/- environment AUTH_DATABASE_URL .*database URL /);
  expect(start).not.toThrow(/hunter2|bogus/);
});

test.each([
  'postgres://u:pw@/db?host=/sock',
  'postgres://u:pw@%2Fsock:5432/db',
  'pgx5://u:pw@db/auth?channel_binding=require',
  'postgres://u:pw@db/?dbname=auth',
])('an address that is odd and legal is taken: %s', (url) => {
  expect(read({ AUTH_DATABASE_URL: url }).databaseUrls).toEqual({ auth: url });
});

test('the store can be behind a socket', () => {
  const STORE_URL = 'postgres://app@/db?host=/run/pg&port=5433';
  expect(read({ STORE_URL })).toMatchObject({
    storeUrl: 'postgres://app@%2Frun%2Fpg/db?port=5433',
    storeOwnerUrl: 'postgres://app@%2Frun%2Fpg/db?port=5433',
  });
});
