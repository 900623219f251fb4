import { z } from 'zod';
import { TableSize } from '../incident/facts/facts.ts';
import { Fault } from '../doors.ts';
import type { Session } from './connect.ts';
import { isLockTimeout } from './fault.ts';
import { isUserSchema } from './user-objects.ts';

const TABLES_MAX = 1_000;

/** Of the whole database, and of its largest tables with their indexes. */
export async function readSizes(
  session: Session,
): Promise<{ readonly databaseBytes: number; readonly tables: readonly TableSize[] }> {
  const [database] = await session.query(
    z.object({ bytes: z.coerce.number() }),
    'select pg_database_size(current_database()) as bytes',
  );
  const tables = await readTables(session, 'pg_total_relation_size(pg_class.oid)').catch(
    (error: unknown) => {
      if (!(error instanceof Fault) || !isLockTimeout(error)) throw error;
      // Even measuring a table waits behind somebody who has locked it; what the planner knows does not.
      return readTables(session, `relpages::bigint * current_setting('block_size')::int`);
    },
  );
  return { databaseBytes: database?.bytes ?? 0, tables };
}

async function readTables(session: Session, sizeOf: string): Promise<readonly TableSize[]> {
  return session.query(
    TableSize.extend({
      rowsEstimate: z.coerce.number().nullable(),
      sizeBytes: z.coerce.number(),
    }),
    // Never analysed is -1 since PostgreSQL 14; before, it cannot be told from empty unless there are pages.
    `select format('%I.%I', nspname, relname) as table,
            case when reltuples < 0
                   or (reltuples = 0 and current_setting('server_version_num')::int < 140000)
                 then null
                 else reltuples
            end as "rowsEstimate",
            coalesce(${sizeOf}, 0) as "sizeBytes"
       from pg_class
       join pg_namespace on pg_namespace.oid = relnamespace
      where relkind in ('r', 'm')
        and ${isUserSchema('nspname')}
      order by 3 desc, 1
      limit ${TABLES_MAX}`,
  );
}
