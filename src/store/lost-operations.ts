/** Operations whose worker is gone: taken to be looked at, and settled by what was found. */
import type { Found } from '../define-job.ts';
import { event } from '../incident/events.ts';
import type { Incident } from '../incident/incident.ts';
import { IncidentId, OperationId } from '../incident/names.ts';
import { z } from 'zod';
import { appendToIncident, lockIncident } from './append.ts';
import type { Db, StoreConnection } from './connect.ts';
import type { Claim, Taking, TargetOf } from './operations.ts';
import {
  claimOf,
  endOperation,
  handOver,
  LEASE_SECONDS,
  OPERATION_COLUMNS,
  OperationRow,
} from './operations.ts';

/** A worker that died this often in the same read-only job has something to do with that job. */
const TRIES_MAX = 4;

const Abandoned = z.object({ id: OperationId, state: z.enum(['running', 'lost']) });
export type Abandoned = z.infer<typeof Abandoned>;

/** Operations whose worker has said nothing for too long, and lost ones that nobody is looking at. */
export async function abandonedOperations(db: Db): Promise<readonly Abandoned[]> {
  return db.rows(
    Abandoned,
    `select id, state from backout.operations
    where state in ('running', 'lost') and lease_until < clock_timestamp()
    order by queued_at`,
  );
}

/** Declares the worker gone and takes the operation, to look at what it left. Null when it lives after all. */
export async function takeLost(
  store: StoreConnection,
  given: Taking,
): Promise<{ readonly claim: Claim; readonly incident: Incident } | null> {
  const owner = IncidentId.parse(given.id.split('/')[0]);
  const { leaseSeconds = LEASE_SECONDS } = given;
  return store.transaction(async (tx) => {
    const { incident, events } = await lockIncident(tx, owner);
    if (incident === null) return null;
    const rows = await tx.rows(
      OperationRow,
      `update backout.operations
      set state = 'lost', fence = fence + 1, worker = $2,
        lease_until = clock_timestamp() + make_interval(secs => $3)
      where id = $1 and state in ('running', 'lost') and lease_until < clock_timestamp()
      returning ${OPERATION_COLUMNS}`,
      [given.id, given.worker, leaseSeconds],
    );
    const row = rows[0];
    if (row === undefined) return null;
    const known = incident.operations.find((one) => one.id === row.id);
    if (known?.state === 'lost') return { claim: claimOf(row, leaseSeconds), incident };
    const after = await appendToIncident(tx, {
      id: owner,
      before: events,
      events: [
        event('operation-lost', {
          operation: row.id,
          why: 'Its worker is gone. What it did is unknown until it has been looked at.',
        }),
      ],
      target: given.targetOf(incident.target),
      by: { kind: 'system', part: 'reconciler' },
    });
    return { claim: claimOf(row, leaseSeconds), incident: after.incident };
  });
}

/** What the reconciler found, put into the store. */
export async function settle(
  store: StoreConnection,
  claim: Claim,
  given: { readonly found: Found; readonly targetOf: TargetOf },
): Promise<void> {
  const { found, targetOf } = given;
  switch (found.state) {
    case 'going-on':
      await lookAgainSoon(store, claim);
      return;
    case 'ended':
      await endOperation(store, claim, { report: found.report, foundOut: true, targetOf });
      return;
    case 'not-begun':
      if (claim.tries < TRIES_MAX) {
        await handOver(store, claim, 'died');
        return;
      }
      await endOperation(store, claim, {
        report: {
          outcome: 'failed',
          says: `Its worker died ${claim.tries} times while doing this. Look into the worker's log before trying again.`,
          evidence: [],
        },
        foundOut: true,
        targetOf,
      });
  }
}

/** It stays lost, and the next sweep need not wait for the lease to run out. */
async function lookAgainSoon(db: Db, claim: Claim): Promise<void> {
  await db.run(
    `update backout.operations set lease_until = clock_timestamp()
    where id = $1 and fence = $2 and state = 'lost'`,
    [claim.id, claim.fence],
  );
}
