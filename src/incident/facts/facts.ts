/** What `assess` reads from a target. Everything has one moment: `readAt`. */
import { z } from 'zod';
import { Address } from './address.ts';
import { known, Sha256, Version } from '../names.ts';

export const VersionRow = z.discriminatedUnion('state', [
  /** The table exists and is empty, or there is no table: before the first migration. */
  z.object({
    state: z.literal('none'),
    /** Undoing the first migration began and did not end well. */
    dirty: z.literal(true).optional(),
  }),
  z.object({ state: z.literal('at'), version: Version, dirty: z.boolean() }),
]);
export type VersionRow = z.infer<typeof VersionRow>;

export const Identity = z.object({
  systemIdentifier: z.string(),
  database: z.string(),
  serverVersion: z.string(),
  /** For example 150020. */
  serverVersionNum: z.number().int(),
  isReplica: z.boolean(),
  /** Incidents from before it was read do not have it. */
  address: Address.optional(),
});
export type Identity = z.infer<typeof Identity>;

/** What is wrong with one migration file; `down` problems of a version in the plan block the run. */
export const FileProblem = z.object({
  file: z.string(),
  kind: z.enum([
    'missing',
    'empty',
    'only-comments',
    'misnamed',
    'duplicate',
    'unparsable',
    /** PostgreSQL would refuse it, whatever the database holds. */
    'certain-to-fail',
  ]),
  version: Version.optional(),
  direction: z.enum(['up', 'down']).optional(),
  say: z.string(),
});
export type FileProblem = z.infer<typeof FileProblem>;

export const MigrationFile = z.object({
  version: Version,
  /** The part of the file name between version and direction. */
  name: z.string(),
  up: z
    .object({
      file: z.string(),
      sha256: Sha256,
      /** As of the down file. Incidents from before it was read do not have it. */
      transactional: z.boolean().optional(),
    })
    .optional(),
  down: z
    .object({
      file: z.string(),
      sha256: Sha256,
      /** The first 2,000 characters, for the preview. */
      sql: z.string(),
      statements: z.number().int(),
      /** False when a failure can leave it half done: a statement cannot run inside a transaction, or the file commits in its middle. */
      transactional: z.boolean(),
      /** Where the schema is the same afterwards, it did not do its work. Incidents from before it was read do not have it. */
      changesSchema: z.boolean().optional(),
      /** It can change values. Incidents from before it was read do not have it. */
      writesData: z.boolean().optional(),
    })
    .optional(),
});
export type MigrationFile = z.infer<typeof MigrationFile>;

export const Folder = z.object({
  path: z.string(),
  /** Ascending by version. */
  migrations: z.array(MigrationFile),
  /** The version just below the first of these, where the folder holds more than are kept. */
  below: Version.optional(),
  problems: z.array(FileProblem),
});
export type Folder = z.infer<typeof Folder>;

export const Connection = z.object({
  applicationName: z.string(),
  user: z.string(),
  state: z.string(),
  count: z.number().int(),
  oldestTransactionSeconds: z.number().nullable(),
});
export type Connection = z.infer<typeof Connection>;

/** A transaction that a client holds open, by its session or, prepared, without one. */
export const OpenTransaction = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('session'),
    pid: z.number().int(),
    user: z.string(),
    applicationName: z.string(),
    state: z.string(),
    seconds: z.number(),
  }),
  z.object({
    kind: z.literal('prepared'),
    gid: z.string(),
    user: z.string(),
    seconds: z.number(),
  }),
]);
export type OpenTransaction = z.infer<typeof OpenTransaction>;

export const Activity = z.object({
  connections: known(z.array(Connection)),
  /** Oldest first. Incidents from before it was read do not have it. */
  openTransactions: known(z.array(OpenTransaction)).optional(),
  /** Names of prepared transactions in this database: they hold locks with nobody connected. */
  preparedTransactions: known(z.array(z.string())),
  /** Somebody holds one of golang-migrate's advisory locks (CLI or library form). */
  migrationLocks: known(
    z.array(z.object({ id: z.string(), pid: z.number(), applicationName: z.string() })),
  ),
  /** Where our own lock can lie: databases beside this one that let us in. Incidents from before it was read do not have it. */
  lockDatabases: z.array(z.string()).optional(),
});
export type Activity = z.infer<typeof Activity>;

/** Things that deserve a look after a rollback, by their names, to be compared with the same list from before. */
export const Baseline = z.object({
  notValidated: z.array(z.string()),
  invalidIndexes: z.array(z.string()),
  disabledTriggers: z.array(z.string()),
  /** Tables that look like somebody's backup copies. */
  leftovers: z.array(z.string()),
});
export type Baseline = z.infer<typeof Baseline>;

export const Fingerprint = z.object({
  hash: Sha256,
  /** One line per object, sorted: what a difference is shown from. At most 5,000 lines are kept. */
  lines: z.array(z.string()),
});
export type Fingerprint = z.infer<typeof Fingerprint>;

export const TableSize = z.object({
  table: z.string(),
  /** The planner's estimate; null when the table was never analysed. */
  rowsEstimate: z.number().nullable(),
  sizeBytes: z.number(),
});

export type TableSize = z.infer<typeof TableSize>;

/** pg_stat_statements and index counters, or why they are not there. */
export const Performance = z.object({
  slowQueries: known(
    z.array(z.object({ query: z.string(), calls: z.number(), meanMs: z.number() })),
  ),
  indexUse: known(z.array(z.object({ table: z.string(), index: z.string(), scans: z.number() }))),
});
export type Performance = z.infer<typeof Performance>;

export const Facts = z.object({
  readAt: z.string(),
  identity: Identity,
  /** `"public"."schema_migrations"`, derived from the URL as the tool would. */
  versionTable: z.string(),
  version: VersionRow,
  folder: Folder,
  clients: z.object({
    pgDump: known(z.string()),
    psql: known(z.string()),
    migrate: known(z.string()),
  }),
  sizeBytes: z.number(),
  tables: z.array(TableSize),
  activity: Activity,
  baseline: Baseline,
  /** The lines behind the hash are kept by the store, once for each hash. */
  fingerprint: z.object({
    hash: Sha256,
    objects: z.number().int(),
    /** When the row is dirty: the versions near whose schema was seen in this target, and whether it is this one. */
    seen: z.array(z.object({ version: Version.nullable(), isSame: z.boolean() })).optional(),
  }),
  backupSpaceBytes: known(z.number()),
  /** The team's own checks: without their file the run would stop after the down, with the services stopped. */
  validation: z.enum(['none', 'there', 'missing', 'empty']).optional(),
});
export type Facts = z.infer<typeof Facts>;
