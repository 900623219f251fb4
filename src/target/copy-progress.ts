import { z } from 'zod';
import type { Session } from './connect.ts';
import { serverVersionNum } from './identity.ts';

/** PostgreSQL 13 does not say how far a COPY is. */
const SINCE = 140_000;

export interface CopyProgress {
  readonly table: string;
  readonly bytes: number;
  readonly rows: number;
}

/** The COPYs that now run under this application name; empty where the server cannot tell. */
export async function readCopyProgress(
  session: Session,
  applicationName: string,
): Promise<readonly CopyProgress[]> {
  if ((await serverVersionNum(session)) < SINCE) return [];
  return session.query(
    z.object({ table: z.string(), bytes: z.coerce.number(), rows: z.coerce.number() }),
    `select format('%I.%I', nspname, relname) as table,
            bytes_processed as bytes,
            tuples_processed as rows
       from pg_stat_progress_copy
       join pg_stat_activity using (pid)
       join pg_class on pg_class.oid = relid
       join pg_namespace on pg_namespace.oid = relnamespace
      where application_name = $1
        and pg_stat_progress_copy.datname = current_database()
      order by 1`,
    [applicationName],
  );
}
