/**
 * What a job may touch. Adapters implement these; jobs are handed just the ones they declare.
 * Doors gather and act; they never decide. A door throws a `Fault` when the world did not cooperate.
 */
import type { Backup, Export } from './incident/facts/backup.ts';
import type { DownResult } from './incident/reports/down-verdict.ts';
import type {
  Activity,
  Baseline,
  Fingerprint,
  Folder,
  Identity,
  Performance,
  TableSize,
  VersionRow,
} from './incident/facts/facts.ts';
import type { IncidentId, Known, RoleName, Sha256, Version } from './incident/names.ts';
import type { PageAddress, Service } from './incident/target.ts';

/** How something outside failed. `why` is ours to show; a library's message never is. */
export type FaultReason =
  | 'not-found'
  | 'timed-out'
  | 'stopped'
  | 'unreachable'
  | 'refused'
  | 'failed'
  | 'not-permitted';

/** The world did not cooperate. `say` is plain, masked and safe to show in Slack. */
export class Fault extends Error {
  readonly why: FaultReason;
  readonly say: string;
  constructor(why: FaultReason, say: string, options?: { readonly cause?: unknown }) {
    super(say, options);
    this.name = 'Fault';
    this.why = why;
    this.say = say;
  }
}

/** Passed to everything that may take long. */
export interface Patience {
  readonly signal: AbortSignal;
}

/** Progress of something long; `total` is an estimate, null when nobody knows. */
export interface Progress {
  readonly done: number;
  readonly total: number | null;
  readonly unit: 'bytes' | 'rows' | 'steps' | 'files';
  readonly what: string;
}
export type OnProgress = (progress: Progress) => void;

/** A held lock. `lost` aborts when the connection that holds it is gone. */
export interface TargetLock {
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** A REPEATABLE READ transaction on the target that others can share by its exported id. */
export interface Snapshot {
  readonly id: string;
  readonly version: VersionRow;
  /** Finds the table or reads the query, and exports nothing: a Fault says what is wrong with what somebody typed. */
  lookUp(wanted: Export): Promise<void>;
  /** Streams a table or a query as CSV with explicit columns into a new file. */
  exportCsv(
    wanted: Export,
    options: { readonly file: string; readonly onProgress: OnProgress } & Patience,
  ): Promise<{
    /** Of a table: as SQL names it. */
    readonly table?: string;
    readonly columns: readonly string[];
    readonly rows: number;
    readonly sha256: Sha256;
  }>;
  close(): Promise<void>;
}

/** The database being rolled back. Reads are read-only and bounded in time; nothing here changes it. */
export interface TargetDoor {
  identity(): Promise<Identity>;
  /** Quoted schema and table, as the migration tool would derive it from the same URL. */
  versionTable(): Promise<string>;
  version(): Promise<VersionRow>;
  sizes(): Promise<{ readonly databaseBytes: number; readonly tables: readonly TableSize[] }>;
  activity(): Promise<Activity>;
  baseline(): Promise<Baseline>;
  fingerprint(): Promise<Fingerprint>;
  performance(): Promise<Performance>;
  /** Backends whose application_name begins with this, other than our own reading connections. */
  sessionsNamed(
    prefix: string,
  ): Promise<readonly { readonly pid: number; readonly state: string }[]>;
  /** Asks the server to cancel and then to end the backends that carry this exact name. */
  endSessionsNamed(applicationName: string): Promise<number>;
  /** One writer per database: a session lock in the maintenance database. Says who holds it otherwise. */
  lock(holder: string): Promise<TargetLock | { readonly heldBy: string }>;
  /** Ends the session that holds the lock under exactly this name: its owner is gone, or frozen and about to wake. */
  breakLock(holder: string): Promise<void>;
  snapshot(patience: Patience): Promise<Snapshot>;
  /** Bytes and rows of the COPYs now running under this application name. */
  copyProgress(
    applicationName: string,
  ): Promise<readonly { readonly table: string; readonly bytes: number; readonly rows: number }[]>;
}

export type { DownResult };

export interface DownRequest extends Patience {
  readonly from: Version;
  /** Null: to before the first migration. */
  readonly to: Version | null;
  /** Versions that need nothing to be undone, by the plan's own words: their down file may be missing or empty. */
  readonly nothingToUndo: readonly Version[];
  /** sha256 of each down file that will run, by version: a copy that differs is not run. */
  readonly files: Readonly<Record<Version, Sha256>>;
  readonly lockTimeoutMs: number;
  readonly statementTimeoutMs: number;
  /** `backout/INC-42/op-7` */
  readonly applicationName: string;
  readonly onOutput: (line: string) => void;
}

/** The migration tool. Two implementations, one conformance list. */
export interface MigrationsDoor {
  readonly tool: 'golang-migrate' | 'built-in';
  toolVersion(): Promise<Known<string>>;
  readFolder(): Promise<Folder>;
  down(request: DownRequest): Promise<DownResult>;
}

/** Our back-ups on disk. */
export interface BackupsDoor {
  clients(): Promise<{ readonly pgDump: Known<string>; readonly psql: Known<string> }>;
  freeBytes(): Promise<Known<number>>;
  /** A new partial folder for one back-up; `finish` writes the manifest, fsyncs and renames it. */
  begin(name: string): Promise<PartialBackup>;
  list(): Promise<readonly Backup[]>;
  /**
   * Says what differs from the manifest. `full`, which is what nothing said means, reads every file; `quick` reads
   * only those that were written after the manifest was, and of the others compares the size.
   */
  check(
    folder: string,
    depth?: 'full' | 'quick',
  ): Promise<
    | { readonly state: 'intact'; readonly backup: Backup }
    | { readonly state: 'broken'; readonly say: string }
    | { readonly state: 'absent' }
  >;
  /** Removes a partial folder that a dead worker left. */
  removePartial(name: string): Promise<void>;
}
export interface PartialBackup {
  readonly folder: string;
  /** `pg_dump -Fd -j` from the exported snapshot into this folder. */
  dump(
    options: {
      readonly snapshotId: string;
      readonly jobs: number;
      readonly applicationName: string;
      readonly lockWaitMs: number;
      readonly onOutput: (line: string) => void;
    } & Patience,
  ): Promise<void>;
  /** Reads the whole dump back (`pg_restore -f /dev/null`): truncation and corruption are found here. */
  readThrough(options: { readonly onOutput: (line: string) => void } & Patience): Promise<void>;
  pathOf(file: string): string;
  finish(
    about: Omit<Backup, 'files' | 'manifestSha256' | 'sizeBytes' | 'folder' | 'clientVersion'>,
  ): Promise<Backup>;
  abandon(): Promise<void>;
}

export type ServiceStatus = 'running' | 'stopped' | 'unknown';
export interface ServiceOutcome {
  readonly ok: boolean;
  /** Masked, bounded. */
  readonly tail: string;
}

/** What uses the database. */
export interface ServicesDoor {
  status(service: Service, patience: Patience): Promise<ServiceStatus>;
  stop(service: Service, patience: Patience): Promise<ServiceOutcome>;
  start(service: Service, patience: Patience): Promise<ServiceOutcome>;
  /** Makes the version before this one the one that starts. */
  previous(service: Service, patience: Patience): Promise<ServiceOutcome>;
  /** GET on the health address: what was answered, and how fast. */
  health(service: Service, patience: Patience): Promise<ServiceOutcome>;
  smoke(service: Service, patience: Patience): Promise<ServiceOutcome>;
  invalidateCaches(service: Service, patience: Patience): Promise<ServiceOutcome>;
  maintenance(wanted: 'on' | 'off', patience: Patience): Promise<ServiceOutcome>;
}

/** The team's own SQL checks, by psql with ON_ERROR_STOP, read-only. */
export interface ValidationDoor {
  /** `missing`: one is configured, and it cannot be read where the worker runs. `empty`: it would check nothing. */
  file(): Promise<'none' | 'there' | 'missing' | 'empty'>;
  run(options: { readonly applicationName: string } & Patience): Promise<
    /** `says`: what it proves or why it proves nothing, as a part of a sentence. */
    ServiceOutcome & { readonly says: string }
  >;
}

export interface PagingDoor {
  /** What the provider answered; never more than is known. A provider that cannot be reached is an outcome too. */
  page(
    call: {
      readonly address: PageAddress;
      readonly dedupKey: string;
      readonly summary: string;
      readonly source: string;
      readonly severity: 'critical' | 'error' | 'warning' | 'info';
      readonly details: Readonly<Record<string, string>>;
      readonly link?: string | undefined;
      /** For the generic webhook, which has fields of their own for these. */
      readonly incident?: IncidentId | undefined;
      readonly role?: RoleName | undefined;
    } & Patience,
  ): Promise<{ readonly accepted: boolean; readonly says: string }>;
}

export interface Doors {
  readonly target: TargetDoor;
  readonly migrations: MigrationsDoor;
  readonly backups: BackupsDoor;
  readonly services: ServicesDoor;
  readonly validation: ValidationDoor;
  readonly paging: PagingDoor;
}
