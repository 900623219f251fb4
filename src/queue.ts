/**
 * BullMQ wakes workers; it decides nothing and knows nothing but an operation's id.
 * It may be emptied, repeat itself, fall silent or be away: the store is asked before anything is done.
 */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { z } from 'zod';
import { inTime } from './deadline.ts';
import { OperationId } from './incident/names.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';

const QUEUE = 'backout-operations';
/** Whoever puts an operation before the workers, or asks whether Redis is well, waits no longer. */
const ANSWER_MS = 1_500;
/**
 * A connection on which Redis owes an answer for this long is dead, even if nobody said so (a failover without
 * a reset). BullMQ asks for work with a patience of 5 s, and Redis is not late then.
 */
const SILENCE_MS = 8_000;
const RECONNECT_MS = 2_000;
/** BullMQ says good-bye to Redis, and would wait for one that is away for as long as it is. */
const GOOD_BYE_MS = 2_000;
const Offered = z.object({ operation: OperationId });

interface Opening {
  readonly redisUrl: string;
  readonly log: Log;
}

export interface Offers {
  /** Puts an operation before the workers. Rejects soon when Redis is away or silent. */
  offer(operation: OperationId): Promise<void>;
  /** Whether Redis answers now. */
  answers(): Promise<boolean>;
  close(): Promise<void>;
}

interface Line {
  readonly connection: Redis;
  readonly queue: Queue;
}

export function openOffers(given: Opening): Offers {
  const news = openNews(given.log);
  let line = openLine(given, news);

  const ask = async (what: (line: Line) => Promise<unknown>): Promise<void> => {
    const asked = line;
    if (news.isAway() && asked.connection.status !== 'ready') throw new Error('Redis is away');
    try {
      await inTime(what(asked), ANSWER_MS);
    } catch (error) {
      news.away(error);
      // What has fallen silent does not speak again, and BullMQ does not start twice: all is made anew.
      asked.connection.disconnect();
      if (line === asked) line = openLine(given, news);
      throw error;
    }
  };
  return {
    offer: async (operation) => {
      // Without a job id of ours: two offers are harmless, an offer that Redis takes for an old one is lost.
      const once = { attempts: 1, removeOnComplete: true, removeOnFail: true };
      await ask(({ queue }) => queue.add('operation', { operation }, once));
    },
    answers: () =>
      ask(({ connection }) => connection.ping()).then(
        () => true,
        () => false,
      ),
    close: () => sayGoodBye(line.queue.close(), line.connection),
  };
}

function openLine(given: Opening, news: News): Line {
  const connection = connect(given, news, { maxRetriesPerRequest: 1 });
  const queue = new Queue(QUEUE, { connection });
  queue.on('error', news.away);
  return { connection, queue };
}

export interface Hands {
  /** Performs what could not be offered. */
  take(operation: OperationId): void;
  /** No new work; resolves when what is under way has ended. */
  close(): Promise<void>;
}

export function openHands(
  given: Opening & {
    readonly concurrency: number;
    readonly perform: (operation: OperationId) => Promise<void>;
  },
): Hands {
  const news = openNews(given.log);
  const connection = connect(given, news, { maxRetriesPerRequest: null });
  const underWay = new Set<Promise<void>>();
  let isClosing = false;

  const take = async (operation: OperationId): Promise<void> => {
    if (isClosing) return;
    const performing = given.perform(operation);
    underWay.add(performing);
    await performing.finally(() => underWay.delete(performing));
  };
  const worker = new Worker(
    QUEUE,
    async (job) => {
      const offered = Offered.safeParse(job.data);
      if (offered.success) await take(offered.data.operation);
    },
    {
      connection,
      concurrency: given.concurrency,
      // A stalled job must never run again by itself: whether its work is over only the store can tell.
      maxStalledCount: 0,
      lockDuration: 60_000,
      runRetryDelay: RECONNECT_MS,
    },
  );
  worker.on('error', news.away);
  return {
    take: (operation) => void take(operation),
    close: async () => {
      isClosing = true;
      const closing = worker.close();
      await Promise.allSettled(underWay);
      await sayGoodBye(closing, connection);
    },
  };
}

async function sayGoodBye(closing: Promise<void>, connection: Redis): Promise<void> {
  await inTime(closing, GOOD_BYE_MS).catch(() => undefined);
  connection.disconnect();
}

function connect(
  given: Opening,
  news: News,
  options: { readonly maxRetriesPerRequest: number | null },
): Redis {
  const connection = new Redis(given.redisUrl, {
    ...options,
    socketTimeout: SILENCE_MS,
    retryStrategy: (times) => Math.min(200 * times, RECONNECT_MS),
  });
  connection.on('error', news.away);
  connection.on('ready', news.back);
  return connection;
}

interface News {
  readonly isAway: () => boolean;
  readonly away: (error: unknown) => void;
  readonly back: () => void;
}

/** Every attempt fails again: it is said once that Redis is away, and once that it is back. */
function openNews(log: Log): News {
  let isAway = false;
  return {
    isAway: () => isAway,
    away: (error) => {
      log.debug({ error: describeError(error) }, 'redis');
      if (isAway) return;
      isAway = true;
      log.warn(
        { error: describeError(error) },
        'the queue does not answer (REDIS_URL): what is to be done is found in the store meanwhile',
      );
    },
    back: () => {
      if (isAway) log.info({}, 'the queue answers again');
      isAway = false;
    },
  };
}
