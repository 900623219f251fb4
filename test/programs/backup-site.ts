import { readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, vi } from 'vitest';
import type { Backup, Export } from '../../src/incident/facts/backup.ts';
import { backupsOn } from '../../src/programs/backups.ts';
import { connect, type Session } from '../../src/target/connect.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';

const APPLICATION = 'backout/INC-1/op-1';

/** A database with rows in it, and a folder for its back-ups. */
export interface BackupSite extends AsyncDisposable {
  readonly database: FreshDatabase;
  readonly folder: string;
}

export async function backupSite(): Promise<BackupSite> {
  const database = await freshDatabase();
  const folder = await mkdtemp(path.join(tmpdir(), 'backups-'));
  const session = await connect(database.url, { applicationName: 'test', readOnly: false });
  await session.execute(`
    create table users (id bigint generated always as identity primary key, name text, note text);
    insert into users (name, note) select 'user ' || n, nullif(repeat(md5(n::text), n % 5), '')
      from generate_series(1, 20000) as n;
    create table orders (id serial primary key, user_id bigint references users, price numeric(10,2));
    insert into orders (user_id, price) select n, n / 7.0 from generate_series(1, 5000) as n;
    create view buyers as select distinct user_id from orders;
    create table schema_migrations (version bigint primary key, dirty boolean not null);
    insert into schema_migrations values (8, false)`);
  await session.end();
  return {
    database,
    folder,
    async [Symbol.asyncDispose]() {
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

export const about = {
  takenAt: '2026-11-22T12:00:00.000Z',
  database: 'auth',
  systemIdentifier: '1',
  version: '8',
  serverVersion: '15.18',
  exports: [],
  tookMs: 1,
} as const;

export const dumpOptions = {
  jobs: 2,
  applicationName: APPLICATION,
  lockWaitMs: 20_000,
  onOutput: () => undefined,
  signal: new AbortController().signal,
};

/** A finished back-up with these exports. */
export async function backUp(
  { database, folder }: BackupSite,
  name: string,
  wanted: readonly Export[] = [],
): Promise<Backup> {
  const { onOutput, signal } = dumpOptions;
  const target = openTarget({ url: database.url });
  const snapshot = await target.snapshot({ signal });
  const partial = await backupsOn({ url: database.url, folder }).begin(name);
  await partial.dump({ ...dumpOptions, snapshotId: snapshot.id });
  const exports: Backup['exports'] = [];
  for (const each of wanted) {
    const file = `${each.name}.csv`;
    const options = { file: partial.pathOf(file), onProgress: () => undefined, signal };
    const { columns, rows, sha256 } = await snapshot.exportCsv(each, options);
    exports.push({ name: each.name, file, columns: [...columns], rows, sha256 });
  }
  await partial.readThrough({ onOutput, signal });
  const backup = await partial.finish({ ...about, exports });
  await snapshot.close();
  await target.close();
  return backup;
}

/** A dump that is in its partial folder and has no name yet. */
export async function unfinished({ database, folder }: BackupSite, name: string) {
  const target = openTarget({ url: database.url });
  const snapshot = await target.snapshot(dumpOptions);
  const partial = await backupsOn({ url: database.url, folder }).begin(name);
  await partial.dump({ ...dumpOptions, snapshotId: snapshot.id });
  await snapshot.close();
  await target.close();
  return partial;
}

/** The data file in a dump's folder that damage hurts most. */
export function largestDataFile(folder: string): string {
  const [largest = ''] = readdirSync(folder)
    .map((file) => path.join(folder, file))
    .filter((file) => file.endsWith('.gz'))
    .sort((left, right) => statSync(right).size - statSync(left).size);
  return largest;
}

/** Holds a table that pg_dump needs, so that pg_dump waits. */
export async function holdUsers({ database }: BackupSite): Promise<Session> {
  const holder = await connect(database.url, { applicationName: 'holder', readOnly: false });
  await holder.execute('begin; lock table users in access exclusive mode');
  return holder;
}

/** pg_dump, started and not awaited, once it waits for the held table. */
export async function waitingDump(
  { database, folder }: BackupSite,
  name: string,
  options: Partial<typeof dumpOptions> = {},
) {
  const target = openTarget({ url: database.url });
  const snapshot = await target.snapshot(dumpOptions);
  const partial = await backupsOn({ url: database.url, folder }).begin(name);
  const ended = partial.dump({ ...dumpOptions, ...options, snapshotId: snapshot.id }).then(
    () => 'done',
    (error: unknown) => error,
  );
  const sessions = () => target.sessionsNamed(APPLICATION);
  await vi.waitFor(async () => {
    expect((await sessions()).map(({ state }) => state)).toContain('active');
  }, 10_000);
  return {
    ended,
    partial,
    sessions,
    pids: () => processes().filter((pid) => commandLine(pid).includes(`--file=${partial.folder}`)),
    async close() {
      await partial.abandon();
      await snapshot.close();
      await target.close();
    },
  };
}

/** Every process of this machine, where it has /proc. */
export function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number);
}

export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
