/** The worker: performs operations, and runs the loops that keep the store and the world together. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { jobs } from '../jobs/index.ts';
import type { Config } from './config.ts';
import type { Target } from './incident/target.ts';
import type { Log } from './log.ts';
import { openDoorsOf } from './open-doors.ts';
import type { Hands, Offers } from './queue.ts';
import { openHands, openOffers } from './queue.ts';
import type { StoreConnection } from './store/connect.ts';
import { toOffer } from './store/operations.ts';
import { fireTimers } from './store/timers.ts';
import type { Loop } from './work/loop.ts';
import { startLoop } from './work/loop.ts';
import { performOperation } from './work/perform.ts';
import { reconciler } from './work/reconcile.ts';
import { versionWatch } from './work/versions.ts';
import type { Workshop } from './work/workshop.ts';

/** Most of an operation is waiting for a program or a server. */
const CONCURRENCY = 16;
/** An offer that Redis lost is made again after this long. */
const OFFER_AGAIN_SECONDS = 5;
/** How long work that can begin again may take to end after we were asked to stop; then it is handed over. */
const FINISH_MS = 8_000;

/** `host/pid/…`: unique for each start, also of two in one process and of a pid that is used again. */
export function processName(): string {
  return `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
}

function targetFinder(targets: readonly Target[]): (name: string) => Target {
  return (name) => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined) throw new Error(`the target ${name} is not in this configuration`);
    return target;
  };
}

export interface Worker {
  /** Whether the queue answers now. Without it the worker still finds its work, in the store. */
  readonly hearsQueue: () => Promise<boolean>;
  /** Something changed in the store. */
  wake(): void;
  /** No new work; what runs is finished or handed over. */
  stop(): Promise<void>;
}

export function startWorker(given: {
  readonly config: Config;
  readonly store: StoreConnection;
  readonly log: Log;
  readonly name: string;
  /** How long a worker may be silent before it is taken to be gone, and for how long one process runs the loops. */
  readonly leaseSeconds?: number | undefined;
}): Worker {
  const { config, store, log, name, leaseSeconds } = given;
  const leaving = new AbortController();
  const shop: Workshop = {
    store,
    jobs,
    targetOf: targetFinder(config.targets),
    openDoors: openDoorsOf(config),
    worker: name,
    log,
    leaving: leaving.signal,
    leaseSeconds,
  };
  const offers = openOffers({ redisUrl: config.redisUrl, log });
  const hands = openHands({
    redisUrl: config.redisUrl,
    log,
    concurrency: CONCURRENCY,
    perform: (operation) => performOperation(shop, operation),
  });
  const loops = startLoops({ shop, offers, hands, holder: name, targets: config.targets });
  return {
    hearsQueue: () => offers.answers(),
    wake: () => loops.forEach((loop) => loop.wake()),
    stop: () => stop({ loops, hands, offers, leaving }),
  };
}

function startLoops(given: {
  readonly shop: Workshop;
  readonly offers: Offers;
  readonly hands: Hands;
  readonly holder: string;
  readonly targets: readonly Target[];
}): readonly Loop[] {
  const { shop, offers, hands, holder, targets } = given;
  const { store, log, targetOf, leaseSeconds } = shop;
  const loop = (name: string, round: (signal: AbortSignal) => Promise<void>): Loop =>
    startLoop({ name, store, holder, log, round, shared: true, leaseSeconds });
  return [
    loop('offer', async () => {
      const queued = await toOffer(store, { afterSeconds: OFFER_AGAIN_SECONDS });
      await Promise.all(
        // The queue only wakes workers: when it is away, this one is awake.
        queued.map(({ id }) => offers.offer(id).catch(() => hands.take(id))),
      );
    }),
    loop('reconcile', reconciler(shop)),
    loop('versions', versionWatch(shop, targets)),
    loop('timers', async () => {
      await fireTimers(store, targetOf);
    }),
  ];
}

async function stop(given: {
  readonly loops: readonly Loop[];
  readonly hands: Hands;
  readonly offers: Offers;
  readonly leaving: AbortController;
}): Promise<void> {
  const { loops, hands, offers, leaving } = given;
  const timer = setTimeout(() => leaving.abort(), FINISH_MS);
  await Promise.all([hands.close(), ...loops.map((loop) => loop.stop())]);
  clearTimeout(timer);
  leaving.abort();
  await offers.close();
}
