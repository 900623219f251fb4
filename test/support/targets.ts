/** A target and what can be read from it, as tests without a database need them. */
import type { Backup } from '../../src/incident/facts/backup.ts';
import type { Facts, MigrationFile } from '../../src/incident/facts/facts.ts';
import { sha256 } from '../../src/incident/plan/plan.ts';
import type { Service, Target } from '../../src/incident/target.ts';

export function aService(name: string, over: Partial<Service> = {}): Service {
  return {
    name,
    commands: {
      stop: ['svc', 'stop', name],
      start: ['svc', 'start', name],
      status: ['svc', 'status', name],
      previous: ['svc', 'previous', name],
    },
    applicationNames: [name],
    endpoints: ['POST /login'],
    caches: [],
    health: `https://${name}.internal/health`,
    ...over,
  };
}

export function aTarget(over: Partial<Target> = {}): Target {
  return {
    name: 'auth',
    environment: 'production',
    privateChannel: false,
    databaseUrlEnv: 'AUTH_DATABASE_URL',
    migrations: { tool: 'golang-migrate', path: './migrations/auth' },
    services: [aService('auth-service'), aService('gateway-service')],
    validation: 'scripts/db/validate-migrations.sql',
    roles: {
      on_call: { people: ['anna', 'ben'] },
      dba: { people: ['dora', 'dev'] },
      platform_lead: { people: ['pat'] },
    },
    policy: {
      approvalTtlMinutes: 30,
      lockTimeoutMs: 5_000,
      statementTimeoutMs: 600_000,
      start: 'on_approval',
      require: ['backup'],
      approvalPageMinutes: 10,
      archiveAfterMinutes: 60,
    },
    ...over,
  };
}

function aMigration(version: string, name = `step_${version}`): MigrationFile {
  const down = `${version}_${name}.down.sql`;
  const up = `${version}_${name}.up.sql`;
  return {
    version,
    name,
    up: { file: up, sha256: sha256(up) },
    down: {
      file: down,
      sha256: sha256(down),
      sql: `alter table users rename column mail to email_${version};`,
      statements: 1,
      transactional: true,
    },
  };
}

export function someFacts(over: Partial<Facts> = {}): Facts {
  return {
    readAt: '2026-11-22T03:00:02.000Z',
    identity: {
      systemIdentifier: '7300000000000000001',
      database: 'auth',
      serverVersion: '15.20',
      serverVersionNum: 150020,
      isReplica: false,
      address: {
        host: 'db.internal',
        port: 5433,
        user: 'auth_owner',
        database: 'auth',
        sslMode: 'require',
        sslFiles: {},
        settings: {},
        migrate: {},
        leftOut: [],
      },
    },
    versionTable: '"public"."schema_migrations"',
    version: { state: 'at', version: '8', dirty: false },
    folder: {
      path: './migrations/auth',
      migrations: ['6', '7', '8'].map((version) => aMigration(version)),
      problems: [],
    },
    clients: {
      pgDump: { state: 'known', value: '15.20' },
      psql: { state: 'known', value: '15.20' },
      migrate: { state: 'known', value: '4.20.1' },
    },
    sizeBytes: 120_000_000,
    tables: [
      { table: 'public.users', rowsEstimate: 200_000, sizeBytes: 90_000_000 },
      { table: 'public.sessions', rowsEstimate: null, sizeBytes: 20_000_000 },
    ],
    activity: {
      connections: {
        state: 'known',
        value: [
          {
            applicationName: 'auth-service',
            user: 'auth',
            state: 'idle',
            count: 4,
            oldestTransactionSeconds: null,
          },
        ],
      },
      preparedTransactions: { state: 'known', value: [] },
      migrationLocks: { state: 'known', value: [] },
    },
    baseline: { notValidated: [], invalidIndexes: [], disabledTriggers: [], leftovers: [] },
    fingerprint: { hash: sha256('schema of 8'), objects: 40 },
    backupSpaceBytes: { state: 'known', value: 1e12 },
    ...over,
  };
}

export function aBackup(over: Partial<Backup> = {}): Backup {
  return {
    folder: 'auth-2026-11-22T030004Z',
    takenAt: '2026-11-22T03:00:04.000Z',
    database: 'auth',
    systemIdentifier: '7300000000000000001',
    version: '8',
    serverVersion: '15.20',
    clientVersion: '15.20',
    sizeBytes: 40_000_000,
    files: [{ file: 'toc.dat', sizeBytes: 20_000, sha256: sha256('toc') }],
    exports: [],
    manifestSha256: sha256('manifest'),
    tookMs: 12_000,
    ...over,
  };
}
