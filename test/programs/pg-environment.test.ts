import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { optionsOf } from '../../src/incident/facts/address.ts';
import { parseDatabaseUrl, secretsIn } from '../../src/programs/database-url.ts';
import { mask } from '../../src/programs/mask.ts';
import { pgEnvironment, serverOptions } from '../../src/programs/pg-environment.ts';

test('a URL becomes the environment of libpq', () => {
  const { env, secrets } = pgEnvironment(
    'postgres://app:p%40ss@db.internal:6432/auth?sslmode=verify-full&sslrootcert=/ca.pem&search_path=a%20b&x-migrations-table=m',
    {
      applicationName: 'backout/INC-42/op-7',
      serverVersionNum: 160_004,
      settings: { lock_timeout: 5000 },
    },
  );

  expect(env).toMatchObject({
    PGHOST: 'db.internal',
    PGPORT: '6432',
    PGUSER: 'app',
    PGDATABASE: 'auth',
    PGPASSWORD: 'p@ss',
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: '/ca.pem',
    PGAPPNAME: 'backout/INC-42/op-7',
    PGOPTIONS: String.raw`-c search_path=a\ b -c lock_timeout=5000 -c client_connection_check_interval=2000`,
  });
  expect(secrets).toEqual(['p@ss']);
});

test('nothing of our own environment reaches a PostgreSQL program', () => {
  vi.stubEnv('PGSERVICE', 'somewhere-else');
  vi.stubEnv('PGHOSTADDR', '10.0.0.1');
  const { env } = pgEnvironment('postgres://app@db/auth', { applicationName: 'x' });
  vi.unstubAllEnvs();

  expect(Object.keys(env)).not.toContain('PGSERVICE');
  expect(Object.keys(env)).not.toContain('PGHOSTADDR');
});

test('PostgreSQL 13 is not asked for what only 14 knows', () => {
  expect(serverOptions(130_011, { lock_timeout: 1 })).toBe('-c lock_timeout=1');
  expect(serverOptions(undefined, {})).toBe('');
  expect(serverOptions(140_000, {})).toContain('client_connection_check_interval');
});

test('any password survives the way through a URL, and its URL is never shown', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: 'binary' }), (password) => {
      fc.pre(password.isWellFormed());
      const url = `postgres://app:${encodeURIComponent(password)}@db:5432/auth?sslmode=disable`;

      expect(parseDatabaseUrl(url).password).toBe(password);
      expect(mask(`psql: ${url}`, secretsIn(url))).toBe('psql: •••');
    }),
  );
});

test('a password that nobody encoded is read as it was meant', () => {
  expect(parseDatabaseUrl('postgres://app:100%sure%40x@db/auth').password).toBe('100%sure@x');
});

test.each([
  'not a url',
  'mysql://app:hunter2@db/auth',
  'postgres://app:hunter2/x@db/auth',
  'postgres://app:hunter2@db',
  'postgres://app:hunter2@db/auth?sslmode=hunter2',
])('a URL that cannot be used is refused without being repeated: %s', (url) => {
  let fault: unknown;
  try {
    parseDatabaseUrl(url);
  } catch (error) {
    fault = error;
  }

  expect(fault).toBeInstanceOf(Fault);
  expect(JSON.stringify(fault)).not.toContain('hunter2');
});

test('settings are escaped as the server reads them', () => {
  expect(optionsOf({ search_path: String.raw`"a b",c\d` })).toBe(
    String.raw`-c search_path="a\ b",c\\d`,
  );
});

test('masking never shows a given secret, and finds what looks like one', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 3 }), fc.string(), fc.string(), (secret, before, after) => {
      fc.pre(!'•••'.includes(secret));
      expect(mask(`${before}${secret}${after}`, [secret])).not.toContain(secret);
    }),
  );
  expect(mask('postgres://u:p@ss@h/d')).toBe('postgres://u:•••@h/d');
  expect(mask("password='a b' xoxb-123456-abc")).toBe('password=••• •••');
  expect(mask("alter role x password 'hunter2'")).not.toContain('hunter2');
});
