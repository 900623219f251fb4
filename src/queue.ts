/**
 * BullMQ wakes workers; it decides nothing and knows nothing but an operation's id.
 * It may be emptied, repeat itself or be away: the store is asked before anything is done.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { OperationId } from './incident/names.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';

const QUEUE = 'backout-operations';
/** BullMQ says good-bye to Redis, and would wait for one that is away for as long as it is. */
const GOOD_BYE_MS = 2_000;
const Offered = z.object({ operation: OperationId });

export interface Offers {
  /** Puts an operation before the workers. Fails fast when Redis is away; the next sweep offers it again. */
  offer(operation: OperationId): Promise<void>;
  isReady(): boolean;
  close(): Promise<void>;
}

export function openOffers(given: { readonly redisUrl: string; readonly log: Log }): Offers {
  const connection = connect(given, {
    // An offer that waits for Redis would hold up the sweep; the next one comes in a second.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
  });
  const queue = new Queue(QUEUE, { connection });
  queue.on('error', (error) =>
    given.log.warn({ error: describeError(error) }, 'the queue is away'),
  );
  return {
    offer: async (operation) => {
      // Without a job id of ours: two offers are harmless, an offer that Redis takes for an old one is lost.
      await queue.add(
        'operation',
        { operation },
        { attempts: 1, removeOnComplete: true, removeOnFail: true },
      );
    },
    isReady: () => connection.status === 'ready',
    close: async () => {
      await sayGoodBye(queue.close(), connection);
    },
  };
}

export interface Hands {
  /** No new work; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export function openHands(given: {
  readonly redisUrl: string;
  readonly log: Log;
  readonly concurrency: number;
  readonly perform: (operation: OperationId) => Promise<void>;
}): Hands {
  const connection = connect(given, { maxRetriesPerRequest: null });
  const underWay = new Set<Promise<void>>();
  const worker = new Worker(
    QUEUE,
    async (job) => {
      const offered = Offered.safeParse(job.data);
      if (!offered.success) return;
      const performing = given.perform(offered.data.operation);
      underWay.add(performing);
      await performing.finally(() => underWay.delete(performing));
    },
    {
      connection,
      concurrency: given.concurrency,
      // A stalled job must never run again by itself: whether its work is over only the store can tell.
      maxStalledCount: 0,
      lockDuration: 60_000,
    },
  );
  worker.on('error', (error) =>
    given.log.warn({ error: describeError(error) }, 'the queue is away'),
  );
  return {
    close: async () => {
      // From here on it takes nothing new.
      const closing = worker.close();
      await Promise.allSettled(underWay);
      await sayGoodBye(closing, connection);
    },
  };
}

async function sayGoodBye(closing: Promise<void>, connection: Redis): Promise<void> {
  const enough = new AbortController();
  const late = wait(GOOD_BYE_MS, undefined, { signal: enough.signal }).catch(() => undefined);
  await Promise.race([closing.catch(() => undefined), late]);
  enough.abort();
  connection.disconnect();
}

function connect(
  given: { readonly redisUrl: string; readonly log: Log },
  options: { readonly enableOfflineQueue?: boolean; readonly maxRetriesPerRequest: number | null },
): Redis {
  const connection = new Redis(given.redisUrl, {
    ...options,
    retryStrategy: (times) => Math.min(200 * times, 2_000),
  });
  connection.on('error', (error) => given.log.debug({ error: describeError(error) }, 'redis'));
  return connection;
}
