import { z } from 'zod';
import type { Performance } from '../incident/facts/facts.ts';
import { mask } from '../programs/mask.ts';
import type { Session } from './connect.ts';
import { isUserSchema } from './user-objects.ts';

const SLOW_MS = 1_000;
const QUERIES_MAX = 10;
const QUERY_CHARS_MAX = 300;
const INDEXES_MAX = 500;

/** Slow queries and the use of indexes, as counted since the server's statistics were last reset. */
export async function readPerformance(session: Session): Promise<Performance> {
  return { slowQueries: await readSlowQueries(session), indexUse: await readIndexUse(session) };
}

/** `mean_time` was renamed in version 1.8 of the extension, which an upgraded server may still be waiting for. */
export function meanTimeColumn(extensionVersion: string): 'mean_exec_time' | 'mean_time' {
  const [major = 0, minor = 0] = extensionVersion.split('.').map(Number);
  return major > 1 || minor >= 8 ? 'mean_exec_time' : 'mean_time';
}

async function readSlowQueries(session: Session): Promise<Performance['slowQueries']> {
  const [extension] = await session.query(
    z.object({ version: z.string(), view: z.string(), loaded: z.boolean() }),
    `select extversion as version,
            format('%I.pg_stat_statements', nspname) as view,
            exists (select from pg_settings where name = 'pg_stat_statements.max') as loaded
       from pg_extension
       join pg_namespace on pg_namespace.oid = extnamespace
      where extname = 'pg_stat_statements'`,
  );
  if (extension === undefined) {
    return { state: 'unknown', why: 'pg_stat_statements is not installed in this database.' };
  }
  if (!extension.loaded) {
    return {
      state: 'unknown',
      why: 'pg_stat_statements is installed, but the server does not load it: it is missing from shared_preload_libraries.',
    };
  }
  const column = meanTimeColumn(extension.version);
  const rows = await session.query(
    z.object({ query: z.string(), calls: z.coerce.number(), meanMs: z.number() }),
    `select coalesce(query, '<insufficient privilege>') as query, calls, ${column} as "meanMs"
       from ${extension.view}
      where dbid = (select oid from pg_database where datname = current_database())
        and ${column} > ${SLOW_MS}
      order by ${column} desc
      limit ${QUERIES_MAX}`,
  );
  return {
    state: 'known',
    value: rows.map((row) => ({ ...row, query: sayQuery(row.query) })),
  };
}

function sayQuery(query: string): string {
  if (query === '<insufficient privilege>')
    return "(another user's query; its text is hidden from us)";
  return mask(query.replaceAll(/\s+/g, ' ').trim()).slice(0, QUERY_CHARS_MAX);
}

/** Least used first. Zero is normal just after an index was built or the statistics were reset. */
async function readIndexUse(session: Session): Promise<Performance['indexUse']> {
  const value = await session.query(
    z.object({ table: z.string(), index: z.string(), scans: z.coerce.number() }),
    `select format('%I.%I', schemaname, relname) as table,
            indexrelname::text as index,
            idx_scan as scans
       from pg_stat_user_indexes
      where ${isUserSchema('schemaname')}
      order by idx_scan, 1, 2
      limit ${INDEXES_MAX}`,
  );
  return { state: 'known', value };
}
