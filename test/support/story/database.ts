/** The target of a story: a copy of a database that the real golang-migrate has brought to the harmful version. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { z } from 'zod';
import type { FreshRole } from '../postgres.ts';
import { freshDatabase, freshRole } from '../postgres.ts';
import { GOOD, migrationsFolder, SOME_ROWS } from './migrations.ts';

export interface TargetDatabase extends AsyncDisposable {
  readonly name: string;
  /** As the role that owns everything and migrates. */
  readonly url: string;
  /** `4`, `4 dirty` or `none`. */
  readonly version: () => Promise<string>;
  /** The columns of a table, in their order. */
  readonly columns: (table: string) => Promise<readonly string[]>;
  readonly run: (sql: string) => Promise<void>;
  /** How many sessions of this name are there now, and in which state. */
  readonly sessions: (applicationName: string) => Promise<readonly string[]>;
  /** A session of somebody else, with this name, until it is ended. */
  readonly session: (applicationName: string) => Promise<Stranger>;
}

export interface Stranger extends AsyncDisposable {
  readonly run: (sql: string) => Promise<unknown>;
}

interface Template {
  readonly database: string;
  readonly role: FreshRole;
}

let made: Promise<Template> | undefined;

/** Made once in each file of tests. */
async function template(): Promise<Template> {
  made ??= makeTemplate();
  return made;
}

async function makeTemplate(): Promise<Template> {
  const role = await freshRole('createdb');
  const database = await freshDatabase({ owner: role.name });
  await once(database.url, `grant pg_monitor, pg_signal_backend to ${role.name}`);
  await once(
    database.url,
    `do $$ begin
      if current_setting('shared_preload_libraries') like '%pg_stat_statements%' then
        create extension if not exists pg_stat_statements;
      end if;
    end $$`,
  );
  await once(database.url, 'grant create on schema public to public');
  const url = role.urlOf(database);
  await using folder = await migrationsFolder();
  await migrate(url, folder.path, ['goto', GOOD]);
  await once(url, SOME_ROWS);
  await migrate(url, folder.path, ['up']);
  return { database: database.name, role };
}

/** The team's own tool, as the team would call it. */
export async function migrate(
  url: string,
  folder: string,
  words: readonly string[],
): Promise<void> {
  await promisify(execFile)('migrate', ['-path', folder, '-database', url, ...words]);
}

async function once(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'story' });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

export async function targetDatabase(): Promise<TargetDatabase> {
  const { database: from, role } = await template();
  const database = await freshDatabase({ template: from, owner: role.name });
  const url = role.urlOf(database);
  const rows = async <Row extends z.ZodType>(
    shape: Row,
    sql: string,
    values: readonly string[],
  ): Promise<readonly z.infer<Row>[]> => {
    const client = new Client({ connectionString: url, application_name: 'story' });
    await client.connect();
    try {
      return z.array(shape).parse((await client.query(sql, [...values])).rows);
    } finally {
      await client.end();
    }
  };
  return {
    name: database.name,
    url,
    run: (sql) => once(url, sql),
    version: async () => {
      const [row] = await rows(
        z.object({ version: z.string(), dirty: z.boolean() }),
        'select version::text, dirty from schema_migrations',
        [],
      );
      if (row === undefined) return 'none';
      return row.dirty ? `${row.version} dirty` : row.version;
    },
    columns: async (table) => {
      const found = await rows(
        z.object({ column_name: z.string() }),
        `select column_name from information_schema.columns
        where table_name = $1 order by ordinal_position`,
        [table],
      );
      return found.map((one) => one.column_name);
    },
    sessions: async (applicationName) => {
      const found = await rows(
        z.object({ state: z.string().nullable(), wait: z.string().nullable() }),
        `select state, wait_event_type as wait from pg_stat_activity
        where datname = current_database() and application_name like $1`,
        [applicationName],
      );
      return found.map(({ state, wait }) => (wait === 'Lock' ? 'waiting' : (state ?? 'unknown')));
    },
    session: async (applicationName) => stranger(url, applicationName),
    [Symbol.asyncDispose]: () => database.drop(),
  };
}

async function stranger(url: string, applicationName: string): Promise<Stranger> {
  const client = new Client({ connectionString: url, application_name: applicationName });
  client.on('error', () => undefined);
  await client.connect();
  return {
    run: (sql) => client.query(sql),
    [Symbol.asyncDispose]: async () => {
      await client.end();
    },
  };
}
