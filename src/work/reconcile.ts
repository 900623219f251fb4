/** Operations whose worker is gone: nobody guesses; the world is looked at, and then the store is told. */
import { Fault } from '../doors.ts';
import type { OperationId } from '../incident/names.ts';
import { describeError } from '../log.ts';
import type { Abandoned } from '../store/lost-operations.ts';
import { abandonedOperations, settle, takeLost } from '../store/lost-operations.ts';
import { LEASE_SECONDS } from '../store/operations.ts';
import type { Held } from './held.ts';
import { contextOf, hold } from './held.ts';
import { unlessAborted } from './perform.ts';
import type { Workshop } from './workshop.ts';
import { jobOf, withDoors } from './workshop.ts';

const LOOK_TIMEOUT_MS = 120_000;
/** Of the lease: how long a silent worker may still speak up after the store has begun to answer again. */
const DOUBT = 0.2;

/** Makes the sweep over everything that was abandoned. */
export function reconciler(shop: Workshop): (signal: AbortSignal) => Promise<void> {
  const doubtMs = (shop.leaseSeconds ?? LEASE_SECONDS) * 1_000 * DOUBT;
  let silentSince: ReadonlyMap<OperationId, number> = new Map();

  return async (signal) => {
    const found = await abandonedOperations(shop.store);
    const now = Date.now();
    silentSince = new Map(found.map(({ id }) => [id, silentSince.get(id) ?? now]));
    for (const one of found) {
      if (signal.aborted) return;
      // While the store was away nobody could say that they live: those who do say so now.
      const isDoubtful = now - (silentSince.get(one.id) ?? now) < doubtMs;
      if (one.state === 'running' && isDoubtful) continue;
      await lookAt(shop, one, signal);
    }
  };
}

async function lookAt(shop: Workshop, { id }: Abandoned, signal: AbortSignal): Promise<void> {
  const log = shop.log.child({ operation: id });
  try {
    const { store, worker, targetOf, leaseSeconds } = shop;
    const taken = await takeLost(store, { id, worker, targetOf, leaseSeconds });
    if (taken === null) return;
    log.warn({ job: taken.claim.job }, 'its worker is gone: looking at what it did');
    await look(shop, taken, signal);
  } catch (error) {
    // Still lost: when the lease has run out, somebody looks again. The others are looked at meanwhile.
    const why = error instanceof Fault ? error.say : 'the look itself broke';
    log.warn({ why, error: describeError(error) }, 'could not look; it stays unknown');
  }
}

async function look(
  shop: Workshop,
  { claim, incident }: NonNullable<Awaited<ReturnType<typeof takeLost>>>,
  signal: AbortSignal,
): Promise<void> {
  const { store, targetOf } = shop;
  const job = jobOf(shop, claim.job);
  const target = targetOf(incident.target);
  const held = hold(shop, claim, { timeoutMs: LOOK_TIMEOUT_MS, brokenOffBy: signal });
  const looked = new AbortController();
  letGoOf(held, { afterSeconds: shop.leaseSeconds ?? LEASE_SECONDS, unless: looked.signal });
  try {
    const context = contextOf(shop, { claim, incident, target, held });
    const found = await withDoors(shop, target, (doors) => job.look(claim.input, doors, context));
    shop.log.info({ operation: claim.id, found: found.state }, 'looked');
    await settle(store, claim, { found: unlessAborted(found, held.isCancelled()), targetOf });
  } finally {
    looked.abort();
    held.release();
  }
}

/** A look that was asked to end and has not may never end: the next worker takes the operation over. */
function letGoOf(
  held: Held,
  { afterSeconds, unless }: { readonly afterSeconds: number; readonly unless: AbortSignal },
): void {
  const wait = (): void => {
    const timer = setTimeout(() => held.release(), afterSeconds * 1_000);
    unless.addEventListener('abort', () => clearTimeout(timer));
  };
  if (held.signal.aborted) wait();
  else held.signal.addEventListener('abort', wait, { signal: unless });
}
