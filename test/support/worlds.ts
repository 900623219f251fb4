/** Targets and what jobs find in them; a test names only what matters to it. */
import type { Facts } from '../../src/incident/facts/facts.ts';
import type { Sha256, Version } from '../../src/incident/names.ts';
import type { Result, SchemaState } from '../../src/incident/facts/results.ts';
import type { Policy, Target } from '../../src/incident/target.ts';

export function aTarget(
  given: Partial<Omit<Target, 'policy'>> & { readonly policy?: Partial<Policy> } = {},
): Target {
  const { policy, ...rest } = given;
  return {
    name: 'auth',
    environment: 'production',
    privateChannel: false,
    databaseUrlEnv: 'AUTH_DATABASE_URL',
    migrations: { tool: 'golang-migrate', path: './migrations/auth' },
    services: [],
    roles: {
      on_call: { people: ['anna', 'ben'], page: { kind: 'pagerduty', keyEnv: 'PD_ONCALL' } },
      dba: { people: ['dora', 'dev'], page: { kind: 'pagerduty', keyEnv: 'PD_DBA' } },
      platform_lead: { people: ['pat'] },
    },
    ...rest,
    policy: {
      approvalTtlMinutes: 30,
      lockTimeoutMs: 5000,
      statementTimeoutMs: 600_000,
      start: 'on_approval',
      require: ['backup'],
      approvalPageMinutes: 10,
      archiveAfterMinutes: 60,
      ...policy,
    },
  };
}

function aHash(of: string): Sha256 {
  return `sha256:${of.padEnd(64, '0')}`;
}

const UNKNOWN = { state: 'unknown', why: 'not asked in this test' } as const;

export function someFacts(
  given: {
    readonly version?: Version;
    readonly isDirty?: boolean;
    readonly versions?: readonly Version[];
    readonly emptyDown?: Version;
  } = {},
): Facts {
  const { version = '3', isDirty = false, versions = ['1', '2', '3', '4'], emptyDown } = given;
  return {
    readAt: '2026-03-01T02:41:00.000Z',
    identity: {
      systemIdentifier: '7000000000000000001',
      database: 'auth',
      serverVersion: '15.8',
      serverVersionNum: 150_008,
      isReplica: false,
    },
    versionTable: '"public"."schema_migrations"',
    version: { state: 'at', version, dirty: isDirty },
    folder: {
      path: './migrations/auth',
      migrations: versions.map((one) => ({
        version: one,
        name: `step_${one}`,
        up: { file: `${one}_step_${one}.up.sql`, sha256: aHash('a') },
        ...(one === emptyDown
          ? {}
          : {
              down: {
                file: `${one}_step_${one}.down.sql`,
                sha256: aHash('b'),
                sql: 'alter table people drop column email;',
                statements: 1,
                transactional: true,
              },
            }),
      })),
      problems:
        emptyDown === undefined
          ? []
          : [
              {
                file: `${emptyDown}_step_${emptyDown}.down.sql`,
                kind: 'missing',
                version: emptyDown,
                direction: 'down',
                say: `Version ${emptyDown} has no down file.`,
              },
            ],
    },
    clients: {
      pgDump: { state: 'known', value: '15.8' },
      psql: { state: 'known', value: '15.8' },
      migrate: { state: 'known', value: '4.20.1' },
    },
    sizeBytes: 1_000_000,
    tables: [],
    activity: {
      connections: { state: 'known', value: [] },
      preparedTransactions: UNKNOWN,
      migrationLocks: UNKNOWN,
    },
    baseline: { notValidated: [], invalidIndexes: [], disabledTriggers: [], leftovers: [] },
    fingerprint: { hash: aHash('f'), objects: 12 },
    backupSpaceBytes: UNKNOWN,
  };
}

export function assessed(given: Parameters<typeof someFacts>[0] = {}): Result {
  return { job: 'assess', facts: someFacts(given) };
}

export function backedUp(version: Version = '3', manifest = 'm1'): Result {
  return {
    job: 'back-up',
    backup: {
      folder: `auth-${manifest}`,
      takenAt: '2026-03-01T02:42:00.000Z',
      database: 'auth',
      systemIdentifier: '7000000000000000001',
      version,
      serverVersion: '15.8',
      clientVersion: '15.8',
      sizeBytes: 1000,
      files: [],
      exports: [],
      manifestSha256: aHash(manifest),
      tookMs: 1000,
    },
  };
}

export function wentDown(schema: SchemaState, isDirty = false): Result {
  return {
    job: 'run-down',
    schema,
    version: { state: 'at', version: schema === 'rolled-back' ? '2' : '3', dirty: isDirty },
    before: aHash('f'),
    after: aHash('e'),
    tookMs: 1200,
    drift: [],
  };
}

export function maintenance(wanted: 'on' | 'off', configured = true): Result {
  return { job: 'set-maintenance', wanted, configured };
}

export function paused(): Result {
  return {
    job: 'pause-writers',
    services: [{ service: 'web', was: 'running' }],
    remainingConnections: 0,
  };
}

export function resumed(version: 'previous' | 'same'): Result {
  const web = { service: 'web', ok: true, says: 'Running.', switched: version === 'previous' };
  return { job: 'resume-services', version, services: [web] };
}
