import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Fault, type TargetLock } from '../doors.ts';
import type { Identity } from '../incident/facts/facts.ts';
import { connect, type Session } from './connect.ts';

/** Not the target itself: a session there would stand in the way of renaming and of copying it as a template. */
export const MAINTENANCE_DATABASES = ['postgres', 'template1'] as const;
const KEEP_ALIVE_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 5_000;
/** The server forgets a holder whose machine has vanished after about 20 seconds. */
const SERVER_KEEP_ALIVE = {
  tcp_keepalives_idle: 10,
  tcp_keepalives_interval: 5,
  tcp_keepalives_count: 2,
} as const;

interface Holding {
  readonly identity: Pick<Identity, 'systemIdentifier' | 'database'>;
  /** Seen by the others, as application name. */
  readonly holder: string;
}

/** Takes the one right to change this database, or says who has it. The server frees it when its connection ends. */
export async function lockTarget(
  url: string,
  { identity, holder }: Holding,
): Promise<TargetLock | { readonly heldBy: string }> {
  const session = await connectToMaintenance(url, holder);
  try {
    const key = lockKey(identity);
    const heldBy = await tryLock(session, key);
    if (heldBy !== null) {
      await session.end();
      return { heldBy };
    }
    return held(session, key);
  } catch (error) {
    await session.end();
    throw error;
  }
}

/** Ends the session that holds this database's lock under this name; its owner learns it as a lost connection. */
export async function breakLock(url: string, { identity, holder }: Holding): Promise<void> {
  const session = await connectToMaintenance(url, `${holder}/break`);
  try {
    await session.query(
      z.unknown(),
      `select pg_terminate_backend(pid) from (${HOLDERS}) as holders where name = $2`,
      [lockKey(identity), holder],
    );
  } finally {
    await session.end();
  }
}

/** A bigint, as text, from what stays the same when the database's address changes. */
export function lockKey(identity: Pick<Identity, 'systemIdentifier' | 'database'>): string {
  const digest = createHash('sha256')
    .update(`backout\0${identity.systemIdentifier}\0${identity.database}`)
    .digest();
  return digest.readBigInt64BE().toString();
}

function held(session: Session, key: string): TargetLock {
  // Also through a firewall that forgets connections which say nothing.
  const keepAlive = setInterval(() => {
    session.execute('select 1').catch(() => undefined);
  }, KEEP_ALIVE_MS);
  keepAlive.unref();
  const stop = (): void => clearInterval(keepAlive);
  session.lost.addEventListener('abort', stop, { once: true });
  return {
    lost: session.lost,
    async release() {
      stop();
      await session
        .query(z.unknown(), 'select pg_advisory_unlock($1)', [key])
        .catch(() => undefined);
      await session.end();
    },
  };
}

const HOLDERS = `
  select pid, coalesce(nullif(application_name, ''), 'a session without a name') as name
    from pg_locks
    join pg_stat_activity using (pid)
   where locktype = 'advisory'
     and granted
     and objsubid = 1
     and (classid::bigint << 32 | objid::bigint) = $1::bigint
     and database = (select oid from pg_database where datname = current_database())`;

/** Null when it is ours now. */
async function tryLock(session: Session, key: string): Promise<string | null> {
  const [row] = await session.query(
    z.object({ locked: z.boolean() }),
    'select pg_try_advisory_lock($1) as locked',
    [key],
  );
  if (row?.locked === true) return null;
  const [holder] = await session.query(z.object({ name: z.string() }), HOLDERS, [key]);
  return holder?.name ?? 'somebody who has just let it go';
}

async function connectToMaintenance(url: string, holder: string): Promise<Session> {
  const faults: Fault[] = [];
  for (const database of MAINTENANCE_DATABASES) {
    try {
      return await connect(url, {
        applicationName: holder,
        database,
        readOnly: true,
        statementTimeoutMs: STATEMENT_TIMEOUT_MS,
        settings: SERVER_KEEP_ALIVE,
      });
    } catch (error) {
      // Some servers have no `postgres`, or do not let everybody in.
      const isClosed =
        error instanceof Fault && ['not-found', 'not-permitted', 'refused'].includes(error.why);
      if (!isClosed) throw error;
      faults.push(error);
    }
  }
  throw new Fault(
    'refused',
    `The lock of this database lies in \`${MAINTENANCE_DATABASES.join('` or `')}\` on the same server, and neither lets us in. ${faults[0]?.say ?? ''}`,
  );
}
