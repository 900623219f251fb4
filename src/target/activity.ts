import { z } from 'zod';
import { Connection, OpenTransaction, type Activity } from '../incident/facts/facts.ts';
import type { Known } from '../incident/names.ts';
import { findVersionTable, migrationLockIds } from '../migrations/version-table.ts';
import type { Session } from './connect.ts';
import { MAINTENANCE_DATABASES } from './lock.ts';

/** Who is connected, what is prepared, and whether anybody migrates. `ours` is the name of our own connections. */
export async function readActivity(
  session: Session,
  { url, ours }: { readonly url: string; readonly ours: string },
): Promise<Activity> {
  const connections = await readConnections(session, ours);
  return {
    connections,
    openTransactions:
      connections.state === 'unknown'
        ? connections
        : { state: 'known', value: await readTransactions(session, ours) },
    preparedTransactions: await readPrepared(session),
    migrationLocks: await readMigrationLocks(session, url),
    lockDatabases: await readLockDatabases(session),
  };
}

async function readLockDatabases(session: Session): Promise<string[]> {
  const rows = await session.query(
    z.object({ name: z.string() }),
    `select datname::text as name
       from pg_database
      where datname = any ($1)
        and datallowconn
        and has_database_privilege(session_user, oid, 'connect')`,
    [MAINTENANCE_DATABASES],
  );
  return rows.map((row) => row.name);
}

/**
 * Sessions of clients in this database. The server shows the state of other users' sessions only to those who may
 * see it, and hides even that they are clients: counting what is visible would give zero.
 */
async function readConnections(session: Session, ours: string): Promise<Known<Connection[]>> {
  const [hidden] = await session.query(
    z.object({ count: z.number(), reader: z.string() }),
    `select count(*)::int as count, current_user::text as reader
       from pg_stat_activity
      where datname = current_database()
        and usesysid is not null
        and not pg_has_role(current_user, usesysid, 'usage')
        and not pg_has_role(current_user, 'pg_read_all_stats', 'usage')`,
  );
  if (hidden !== undefined && hidden.count > 0) {
    return {
      state: 'unknown',
      why: `${hidden.count} ${hidden.count === 1 ? 'session' : 'sessions'} of other users ${hidden.count === 1 ? 'is' : 'are'} connected, and the server hides what they do from ${hidden.reader}. \`grant pg_read_all_stats to ${hidden.reader}\` shows it.`,
    };
  }
  const value = await session.query(
    Connection.extend({ oldestTransactionSeconds: z.coerce.number().nullable() }),
    `select coalesce(application_name, '') as "applicationName",
            coalesce(usename, '')::text as user,
            coalesce(state, 'unknown') as state,
            count(*)::int as count,
            round(extract(epoch from clock_timestamp() - min(xact_start)))
              as "oldestTransactionSeconds"
       from pg_stat_activity
      where datname = current_database()
        and backend_type = 'client backend'
        and pid <> pg_backend_pid()
        and application_name is distinct from $1
      group by 1, 2, 3
      order by 4 desc, 1, 2, 3`,
    [ours],
  );
  return { state: 'known', value };
}

/** Of clients and prepared ones; a session that has begun one and does nothing holds its locks all the same. */
async function readTransactions(session: Session, ours: string): Promise<OpenTransaction[]> {
  const rows = await session.query(
    z.object({ transaction: OpenTransaction }),
    `select json_build_object(
              'kind', 'session',
              'pid', pid,
              'user', coalesce(usename, '')::text,
              'applicationName', coalesce(application_name, ''),
              'state', coalesce(state, 'unknown'),
              'seconds', round(extract(epoch from clock_timestamp() - xact_start))) as transaction,
            xact_start as since
       from pg_stat_activity
      where datname = current_database()
        and backend_type = 'client backend'
        and xact_start is not null
        and pid <> pg_backend_pid()
        and application_name is distinct from $1
     union all
     select json_build_object(
              'kind', 'prepared',
              'gid', gid,
              'user', owner::text,
              'seconds', round(extract(epoch from clock_timestamp() - prepared))),
            prepared
       from pg_prepared_xacts
      where database = current_database()
      order by since`,
    [ours],
  );
  return rows.map(({ transaction }) => transaction);
}

async function readPrepared(session: Session): Promise<Known<string[]>> {
  const rows = await session.query(
    z.object({ gid: z.string() }),
    `select gid
       from pg_prepared_xacts
      where database = current_database()
      order by prepared`,
  );
  return { state: 'known', value: rows.map(({ gid }) => gid) };
}

/** Holders of golang-migrate's lock, in the form of its CLI or of its library: they do not exclude each other. */
async function readMigrationLocks(
  session: Session,
  url: string,
): Promise<Activity['migrationLocks']> {
  const ids = migrationLockIds(url, await findVersionTable(session, url));
  const value = await session.query(
    z.object({ id: z.string(), pid: z.number(), applicationName: z.string() }),
    `select objid::text as id,
            pg_locks.pid,
            coalesce(nullif(application_name, ''), 'a session without a name') as "applicationName"
       from pg_locks
       left join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
      where locktype = 'advisory'
        and granted
        and classid = 0
        and objsubid = 1
        and objid::text = any($1)
        and database = (select oid from pg_database where datname = current_database())
      order by 1, 2`,
    [[ids.cli, ids.library]],
  );
  return { state: 'known', value };
}
