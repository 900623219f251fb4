/** Who stands in the way when a lock was not given in time. */
import { z } from 'zod';
import { Fault } from '../doors.ts';
import { listedUpTo, sayDuration } from '../incident/text.ts';
import type { Session } from './connect.ts';
import { isLockTimeout } from './fault.ts';

const NAMED_MAX = 3;

const Blocker = z.object({
  pid: z.number(),
  user: z.string(),
  applicationName: z.string(),
  state: z.string(),
  seconds: z.coerce.number(),
  tables: z.array(z.string()),
  isMigrating: z.boolean(),
});
type Blocker = z.infer<typeof Blocker>;

/** Does the work; when it waits in vain for a lock, the Fault names whoever keeps everybody else out. */
export async function namingBlockers<Result>(
  session: Session,
  work: (session: Session) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(session);
  } catch (error) {
    if (!(error instanceof Fault) || !isLockTimeout(error)) throw error;
    const blockers = await readBlockers(session).catch((): readonly Blocker[] => []);
    if (blockers.length === 0) throw error;
    const said = listedUpTo(blockers.map(sayBlocker), NAMED_MAX);
    const ending = blockers
      .slice(0, NAMED_MAX)
      .map((one) => `select pg_terminate_backend(${one.pid});`)
      .join(' ');
    throw new Fault(
      error.why,
      `Somebody keeps everybody else out of what has to be read: ${said}. Wait until that is over, or end it (\`${ending}\`), then look again.`,
      { cause: error },
    );
  }
}

/** Holders of a lock that shuts out even whoever only reads. */
async function readBlockers(session: Session): Promise<readonly Blocker[]> {
  return session.query(
    Blocker,
    `select pg_locks.pid,
            coalesce(usename, '')::text as user,
            coalesce(application_name, '') as "applicationName",
            coalesce(state, 'in a state that is hidden from us') as state,
            coalesce(round(extract(epoch from clock_timestamp() - xact_start)), 0) as seconds,
            array_agg(distinct format('%I.%I', nspname, relname)) as tables,
            exists (select from pg_locks as advisory
                     where advisory.pid = pg_locks.pid
                       and advisory.locktype = 'advisory') as "isMigrating"
       from pg_locks
       join pg_class on pg_class.oid = pg_locks.relation and relkind in ('r', 'p', 'm', 'v')
       join pg_namespace on pg_namespace.oid = relnamespace
       left join pg_stat_activity on pg_stat_activity.pid = pg_locks.pid
      where pg_locks.locktype = 'relation'
        and pg_locks.mode = 'AccessExclusiveLock'
        and pg_locks.granted
        and pg_locks.database = (select oid from pg_database where datname = current_database())
        and pg_locks.pid <> pg_backend_pid()
      group by pg_locks.pid, usename, application_name, state, xact_start
      order by 5 desc, 1`,
  );
}

function sayBlocker(blocker: Blocker): string {
  const { pid, user, applicationName, state, seconds, tables, isMigrating } = blocker;
  const who = applicationName === '' ? `a session of ${user}` : `${applicationName} (${user})`;
  const migrates = isMigrating ? ', perhaps a migration under way' : '';
  const what = listedUpTo(tables, NAMED_MAX);
  return `${who}, process ${pid}, ${state} for ${sayDuration(seconds * 1000)}, has locked ${what}${migrates}`;
}
