/** Operations whose worker is gone: nobody guesses; the world is looked at, and then the store is told. */
import type { Found } from '../define.ts';
import { Fault } from '../doors.ts';
import type { OperationId } from '../incident/names.ts';
import { describeError } from '../log.ts';
import { abandonedOperations, settle, takeLost } from '../store/lost-operations.ts';
import type { Workshop } from './perform.ts';
import { contextOf, hold, jobOf } from './perform.ts';

const LOOK_TIMEOUT_MS = 120_000;

/** One sweep over everything that was abandoned. */
export async function reconcile(shop: Workshop, signal: AbortSignal): Promise<void> {
  for (const id of await abandonedOperations(shop.store)) {
    if (signal.aborted) return;
    await lookAt(shop, id);
  }
}

async function lookAt(shop: Workshop, id: OperationId): Promise<void> {
  const { store, worker, targetOf } = shop;
  const taken = await takeLost(store, { id, worker, targetOf });
  if (taken === null) return;
  const { claim, incident } = taken;
  const job = jobOf(shop, claim.job);
  const log = shop.log.child({ operation: id, job: job.name });
  log.warn({}, 'its worker is gone: looking at what it did');

  const held = hold(shop, claim, LOOK_TIMEOUT_MS);
  const target = targetOf(incident.target);
  try {
    const opened = await shop.openDoors(target);
    try {
      const context = contextOf(shop, { claim, incident, target, held });
      const found = await job.look(claim.input, opened.doors, context);
      log.info({ found: found.state }, 'looked');
      await settle(store, claim, { found: unlessAborted(found, held.isCancelled()), targetOf });
    } finally {
      await opened.close();
    }
  } catch (error) {
    // Still lost: when the lease has run out, somebody looks again.
    const why = error instanceof Fault ? error.say : 'the look itself broke';
    log.warn({ why, error: describeError(error) }, 'could not look; it stays unknown');
  } finally {
    held.release();
  }
}

/** What has not begun and was aborted meanwhile does not begin. */
function unlessAborted(found: Found, isCancelled: boolean): Found {
  if (found.state !== 'not-begun' || !isCancelled) return found;
  return {
    state: 'ended',
    report: { outcome: 'stopped', says: 'It was aborted before it began.', evidence: [] },
  };
}
