/** Reads now and then which versions of each target are applied, so that the form of a start can offer them at once. */
import { Fault } from '../doors.ts';
import { appliedOf } from '../incident/facts/applied.ts';
import type { Target } from '../incident/target.ts';
import { describeError } from '../log.ts';
import { storeClock } from '../store/append.ts';
import { openTargets } from '../store/incidents.ts';
import { rememberVersions } from '../store/seen-versions.ts';
import type { Workshop } from './workshop.ts';
import { withDoors } from './workshop.ts';

const AGAIN_MS = 10 * 60_000;

/** Makes the sweep over all targets. A target that cannot be read holds up nothing: it is read again later. */
export function versionWatch(
  shop: Workshop,
  targets: readonly Target[],
): (signal: AbortSignal) => Promise<void> {
  const lookedAt = new Map<string, number>();

  return async (signal) => {
    const open = await openTargets(shop.store);
    // An incident reads its database itself, and leaves it another one than it was.
    for (const name of open) lookedAt.delete(name);
    const isDue = ({ name }: Target): boolean =>
      !open.includes(name) && Date.now() - (lookedAt.get(name) ?? -AGAIN_MS) >= AGAIN_MS;
    const due = targets.filter(isDue);
    for (const { name } of due) lookedAt.set(name, Date.now());
    await Promise.race([Promise.all(due.map((one) => look(shop, one, signal))), aborted(signal)]);
  };
}

async function look(shop: Workshop, target: Target, signal: AbortSignal): Promise<void> {
  try {
    const applied = await withDoors(shop, target, async (doors) => {
      const row = await doors.target.version();
      return appliedOf(row, (await doors.migrations.readFolder()).migrations);
    });
    if (signal.aborted) return;
    await shop.store.transaction(async (tx) => {
      const at = await storeClock(tx);
      const by = { kind: 'system', part: 'versions' } as const;
      await rememberVersions(tx, { target: target.name, applied, at, by });
    });
  } catch (error) {
    const why = error instanceof Fault ? error.say : describeError(error);
    shop.log.info({ target: target.name, why }, 'its versions could not be read; later again');
  }
}

/** What is being read ends by itself; nobody waits for it at the end. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
