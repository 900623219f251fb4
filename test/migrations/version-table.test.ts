import { expect, test } from 'vitest';
import { migrationLockIds, versionTableOf } from '../../src/migrations/version-table.ts';

const URL = 'postgres://lab:secret@db/app';

test('the table is schema_migrations in the current schema', () => {
  expect(versionTableOf(URL, 'public')).toEqual({
    schema: 'public',
    table: 'schema_migrations',
    quoted: '"public"."schema_migrations"',
  });
});

test.each([
  ['?x-migrations-table=moved', '"app"."moved"'],
  ['?x-migrations-table=a.b', '"app"."a.b"'],
  ['?x-migrations-table=', '"app"."schema_migrations"'],
  ['?x-migrations-table=%22moved%22&x-migrations-table-quoted=1', '"app"."moved"'],
  ['?x-migrations-table=%22own%22.%22moved%22&x-migrations-table-quoted=true', '"own"."moved"'],
  ['?x-migrations-table=it%22s', '"app"."it""s"'],
])('%s leads to %s', (query, quoted) => {
  expect(versionTableOf(URL + query, 'app').quoted).toBe(quoted);
});

test.each([
  ['?x-migrations-table=moved&x-migrations-table-quoted=true', 'public'],
  ['?x-migrations-table=%22a%22.%22b%22.%22c%22&x-migrations-table-quoted=true', 'public'],
  ['?x-migrations-table-quoted=maybe', 'public'],
  ['', null],
])('what golang-migrate would refuse is refused: %j in schema %j', (query, schema) => {
  expect(() => versionTableOf(URL + query, schema)).toThrow(/\.$/);
  expect(() => versionTableOf(URL + query, schema)).not.toThrow(/secret/);
});

test('both locks have the numbers that golang-migrate takes', () => {
  const table = versionTableOf(URL, 'public');
  expect(migrationLockIds(URL, table)).toEqual({ cli: '1726534663', library: '1787120056' });
});

test.each([
  ['postgres://u@db?dbname=app', 'app'],
  ['postgres://u@db/?dbname=app', '/'],
  ['postgres://u@db/other?dbname=app', '/other'],
])('the CLI’s lock for %s has the name %j', (url, name) => {
  const table = { schema: 'public', table: 'schema_migrations' };
  const named = `postgres://u@db/x?dbname=${encodeURIComponent(name)}`;
  expect(migrationLockIds(url, table).cli).toBe(migrationLockIds(named, table).library);
});
