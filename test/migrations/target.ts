import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { DownRequest, MigrationsDoor } from '../../src/doors.ts';
import { readFolder, versionsBetween } from '../../src/migrations/files.ts';
import { findVersionTable } from '../../src/migrations/version-table.ts';
import { parseDatabaseUrl } from '../../src/programs/database-url.ts';
import { connect, type Session } from '../../src/target/connect.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';

export type Files = Readonly<Record<string, string>>;

/** A database that has gone up through a folder of migrations. */
export interface MigratedTarget extends AsyncDisposable {
  readonly url: string;
  readonly folder: string;
  /** Where the migrations work. */
  readonly schemaName: string;
  readonly session: Session;
  /** `7`, `7 dirty` or `none`. */
  version(): Promise<string>;
  /** Every object as pg_dump writes it; the schema is called `here`. */
  schema(): Promise<string>;
  write(files: Files): Promise<void>;
}

/** In a schema of its own, found by `search_path`: far quicker than a database for each test. */
export async function migratedTarget(
  database: Pick<FreshDatabase, 'url'>,
  files: Files,
): Promise<MigratedTarget> {
  const name = `s_${randomBytes(6).toString('hex')}`;
  await once(database.url, `create schema ${name}`);
  const target = await migrated(files, {
    url: withParameters(database.url, { search_path: name }),
    schemaName: name,
  });
  return {
    ...target,
    async [Symbol.asyncDispose]() {
      await target.session.execute(`rollback; drop schema ${name} cascade`);
      await target[Symbol.asyncDispose]();
    },
  };
}

/** In a database of its own; `parameters` as they stand in a URL. */
export async function migratedDatabase(
  files: Files,
  { parameters = {}, before = '' }: { readonly parameters?: Files; readonly before?: string } = {},
): Promise<MigratedTarget> {
  const database = await freshDatabase();
  if (before !== '') await once(database.url, before);
  const target = await migrated(files, {
    url: withParameters(database.url, parameters),
    schemaName: null,
  });
  return {
    ...target,
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await database.drop();
    },
  };
}

async function migrated(
  files: Files,
  { url, schemaName }: { readonly url: string; readonly schemaName: string | null },
): Promise<MigratedTarget> {
  const folder = await newFolder(files);
  const session = await connect(url, { applicationName: 'test', readOnly: false });
  const { quoted } = await findVersionTable(session, url);
  await session.execute(
    `create table ${quoted} (version bigint not null primary key, dirty boolean not null)`,
  );
  const { migrations } = await readFolder(folder);
  for (const { up } of migrations) {
    const sql = up === undefined ? '' : (files[up.file] ?? '');
    if (sql !== '') await session.execute(sql);
  }
  const last = migrations.at(-1);
  if (last !== undefined) {
    await session.execute(`insert into ${quoted} values (${last.version}, false)`);
  }

  return {
    url,
    folder,
    schemaName: schemaName ?? 'public',
    session,
    write: (more) => writeFiles(folder, more),
    schema: () => schemaOf(url, schemaName),
    async version() {
      const [row] = await session.query(
        z.object({ version: z.string(), dirty: z.boolean() }),
        `select version::text, dirty from ${quoted}`,
      );
      if (row === undefined) return 'none';
      return row.dirty ? `${row.version} dirty` : row.version;
    },
    async [Symbol.asyncDispose]() {
      await session.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function once(url: string, sql: string): Promise<void> {
  const session = await connect(url, { applicationName: 'test', readOnly: false });
  await session.execute(sql);
  await session.end();
}

export async function newFolder(files: Files): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'backout-test-'));
  await writeFiles(folder, files);
  return folder;
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

/** What a plan would ask for: the digests are those of the files as they are now. */
export async function request(
  door: Pick<MigrationsDoor, 'readFolder'>,
  wanted: Pick<DownRequest, 'from' | 'to'> & Partial<DownRequest>,
): Promise<DownRequest> {
  const planned = versionsBetween(await door.readFolder(), wanted);
  return {
    nothingToUndo: [],
    files: Object.fromEntries(
      planned.flatMap(({ version, down }) => (down === undefined ? [] : [[version, down.sha256]])),
    ),
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 20_000,
    applicationName: 'backout/INC-1/op-1',
    signal: new AbortController().signal,
    onOutput: () => undefined,
    ...wanted,
  };
}

export function withParameters(url: string, parameters: Files): string {
  const changed = new URL(url);
  for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
  return changed.href;
}

async function schemaOf(url: string, schemaName: string | null): Promise<string> {
  const { host, port, user, password, database } = parseDatabaseUrl(url);
  const only = schemaName === null ? [] : ['--schema', schemaName];
  const { stdout } = await promisify(execFile)(
    'pg_dump',
    ['--schema-only', ...only, '--dbname', database],
    {
      env: {
        PATH: process.env['PATH'],
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: user,
        PGPASSWORD: password ?? '',
      },
    },
  );
  return (
    stdout
      // Newer versions of pg_dump put a random word there.
      .replaceAll(/^\\(un)?restrict .*$/gm, '')
      .replaceAll(schemaName ?? 'public', 'here')
  );
}
