/** Makes a loop run in one process at a time. A lease that is not renewed passes on by itself. */
import { z } from 'zod';
import type { Db } from './connect.ts';

/** True while this holder has the lease: taken, renewed, or taken over from one that ran out. */
export async function holdLease(
  db: Db,
  lease: { readonly name: string; readonly holder: string; readonly seconds: number },
): Promise<boolean> {
  const rows = await db.rows(
    z.object({ holder: z.string() }),
    `insert into backout.leases as held (name, holder, until)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (name) do update set holder = excluded.holder, until = excluded.until
    where held.holder = excluded.holder or held.until < clock_timestamp()
    returning holder`,
    [lease.name, lease.holder, lease.seconds],
  );
  return rows.length > 0;
}

/** On a graceful stop, so that the next process need not wait. */
export async function releaseLeases(db: Db, holder: string): Promise<void> {
  await db.run('delete from backout.leases where holder = $1', [holder]);
}
