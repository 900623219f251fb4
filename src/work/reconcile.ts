/** Operations whose worker is gone: nobody guesses; the world is looked at, and then the store is told. */
import { Fault } from '../doors.ts';
import type { OperationId } from '../incident/names.ts';
import { describeError } from '../log.ts';
import { abandonedOperations, settle, takeLost } from '../store/lost-operations.ts';
import { contextOf, hold } from './held.ts';
import { unlessAborted } from './perform.ts';
import type { Workshop } from './workshop.ts';
import { jobOf, withDoors } from './workshop.ts';

const LOOK_TIMEOUT_MS = 120_000;

/** One sweep over everything that was abandoned. */
export async function reconcile(shop: Workshop, signal: AbortSignal): Promise<void> {
  for (const id of await abandonedOperations(shop.store)) {
    if (signal.aborted) return;
    await lookAt(shop, id);
  }
}

async function lookAt(shop: Workshop, id: OperationId): Promise<void> {
  const { store, worker, targetOf, leaseSeconds } = shop;
  const taken = await takeLost(store, { id, worker, targetOf, leaseSeconds });
  if (taken === null) return;
  const { claim, incident } = taken;
  const job = jobOf(shop, claim.job);
  const log = shop.log.child({ operation: id, job: job.name });
  log.warn({}, 'its worker is gone: looking at what it did');

  const held = hold(shop, claim, LOOK_TIMEOUT_MS);
  const target = targetOf(incident.target);
  const context = contextOf(shop, { claim, incident, target, held });
  try {
    const found = await withDoors(shop, target, (doors) => job.look(claim.input, doors, context));
    log.info({ found: found.state }, 'looked');
    await settle(store, claim, { found: unlessAborted(found, held.isCancelled()), targetOf });
  } catch (error) {
    // Still lost: when the lease has run out, somebody looks again.
    const why = error instanceof Fault ? error.say : 'the look itself broke';
    log.warn({ why, error: describeError(error) }, 'could not look; it stays unknown');
  } finally {
    held.release();
  }
}
