import { execFile } from 'node:child_process';
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
import { freshDatabase } from '../support/postgres.ts';

export type Files = Readonly<Record<string, string>>;

/** A database that has gone up through a folder of migrations. */
export interface MigratedTarget extends AsyncDisposable {
  readonly database: string;
  readonly url: string;
  readonly folder: string;
  readonly session: Session;
  /** `7`, `7 dirty` or `none`. */
  version(): Promise<string>;
  /** The whole schema as pg_dump writes it. */
  schema(): Promise<string>;
  write(files: Files): Promise<void>;
}

/** Columns of other schemas can be asked for by `parameters`, as they would stand in the URL. */
export async function migratedTarget(
  files: Files,
  { parameters = {}, before = '' }: { readonly parameters?: Files; readonly before?: string } = {},
): Promise<MigratedTarget> {
  const database = await freshDatabase();
  const folder = await newFolder(files);
  const url = withParameters(database.url, parameters);
  const owner = await connect(database.url, { applicationName: 'test', readOnly: false });
  if (before !== '') await owner.execute(before);
  await owner.end();
  const session = await connect(url, { applicationName: 'test', readOnly: false });
  const { quoted } = await findVersionTable(session, url);
  await session.execute(
    `create table ${quoted} (version bigint not null primary key, dirty boolean not null)`,
  );
  const { migrations } = await readFolder(folder);
  for (const { version, up } of migrations) {
    const sql = up === undefined ? '' : (files[up.file] ?? '');
    if (sql !== '') await session.execute(sql);
    await session.execute(`truncate ${quoted}; insert into ${quoted} values (${version}, false)`);
  }

  return {
    database: database.name,
    url,
    folder,
    session,
    write: (more) => writeFiles(folder, more),
    schema: () => schemaOf(database.url),
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
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
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

async function schemaOf(url: string): Promise<string> {
  const { host, port, user, password, database } = parseDatabaseUrl(url);
  const { stdout } = await promisify(execFile)('pg_dump', ['--schema-only', '--dbname', database], {
    env: {
      PATH: process.env['PATH'],
      PGHOST: host,
      PGPORT: String(port),
      PGUSER: user,
      PGPASSWORD: password ?? '',
    },
  });
  // Newer versions of pg_dump put a random word there.
  return stdout.replaceAll(/^\\(un)?restrict .*$/gm, '');
}
