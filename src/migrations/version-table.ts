/** Where golang-migrate keeps its version and what it locks: derived from the same URL, by the same rules. */
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { Fault } from '../doors.ts';
import { parseDatabaseUrl } from '../programs/database-url.ts';
import type { Session } from '../target/connect.ts';

export interface VersionTable {
  readonly schema: string;
  readonly table: string;
  /** For use in SQL: `"public"."schema_migrations"`. */
  readonly quoted: string;
}

const DEFAULT_TABLE = 'schema_migrations';

/** Asks the server only for the current schema, which depends on the role and on `search_path`. */
export async function findVersionTable(
  session: Pick<Session, 'query'>,
  url: string,
): Promise<VersionTable> {
  const [row] = await session.query(
    z.object({ schema: z.string().nullable() }),
    'select current_schema() as schema',
  );
  return versionTableOf(url, row?.schema ?? null);
}

/** Throws a Fault where golang-migrate would refuse the URL. */
export function versionTableOf(url: string, currentSchema: string | null): VersionTable {
  const { migrate } = parseDatabaseUrl(url);
  const asked = migrate['x-migrations-table'] ?? '';
  const isQuoted = readBoolean(migrate, 'x-migrations-table-quoted');
  const parts = isQuoted && asked !== '' ? quotedParts(asked) : [asked || DEFAULT_TABLE];

  const table = parts.at(-1) ?? DEFAULT_TABLE;
  // golang-migrate asks for the current schema even when the table names its own, and refuses without one.
  if (currentSchema === null) {
    throw new Fault(
      'refused',
      'The search path of the database URL leads to no schema that exists, so the version table cannot be found.',
    );
  }
  const schema = parts.length === 2 ? (parts[0] ?? currentSchema) : currentSchema;
  return { schema, table, quoted: `${quote(schema)}.${quote(table)}` };
}

/**
 * The advisory locks under which golang-migrate works, as `objid` in `pg_locks`. The CLI names the database by the
 * path of the URL, with its slash, and by its bare name where there is no path; a service that uses the library mostly by the bare name. They do not exclude
 * each other.
 */
export function migrationLockIds(
  url: string,
  { schema, table }: Pick<VersionTable, 'schema' | 'table'>,
): { readonly cli: string; readonly library: string } {
  const { database, path } = parseDatabaseUrl(url);
  return {
    cli: lockId([schema, table, path === '' ? database : path]),
    library: lockId([schema, table, database]),
  };
}

const LOCK_SALT = 1_486_364_155n;

function lockId(names: readonly string[]): string {
  return ((BigInt(crc32(names.join('\0'))) * LOCK_SALT) % 2n ** 32n).toString();
}

function quotedParts(asked: string): readonly string[] {
  if (!asked.startsWith('"') || !asked.endsWith('"')) {
    throw new Fault(
      'refused',
      'The database URL says that `x-migrations-table` is quoted, but it has no quotes around it. It must look like `"schema"."table"`.',
    );
  }
  const parts = [...asked.matchAll(/"(.*?)"/g)].map(([, name = '']) => name);
  if (parts.length > 2) {
    throw new Fault('refused', 'The `x-migrations-table` of the database URL has too many parts.');
  }
  return parts;
}

/** golang-migrate then sends a file statement by statement, and each commits by itself. */
export function sendsByStatement(url: string): boolean {
  return readBoolean(parseDatabaseUrl(url).migrate, 'x-multi-statement');
}

/** As Go's ParseBool. */
function readBoolean(asked: Readonly<Record<string, string>>, name: string): boolean {
  const text = asked[name] ?? '';
  if (['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text)) return false;
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(text)) return true;
  throw new Fault('refused', `The \`${name}\` of the database URL must be \`true\` or \`false\`.`);
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

const Row = z.object({ version: z.string(), dirty: z.boolean() });

/** What the table says. `version` null: before the first migration, also when there is no table. */
export async function readVersion(
  session: Pick<Session, 'query'>,
  { quoted }: VersionTable,
): Promise<{ readonly version: string | null; readonly dirty: boolean }> {
  const [there] = await session.query(
    z.object({ there: z.boolean() }),
    'select to_regclass($1) is not null as there',
    [quoted],
  );
  if (there?.there !== true) return { version: null, dirty: false };
  const [row] = await session.query(Row, `select version::text, dirty from ${quoted} limit 1`);
  // The tool writes -1 while it undoes the first migration.
  if (row === undefined) return { version: null, dirty: false };
  return { version: row.version === '-1' ? null : row.version, dirty: row.dirty };
}
