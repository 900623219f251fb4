/** Bot, worker or both in this process. Everything is built here, once, by hand. */
import { commands } from '../commands/index.ts';
import type { Bot } from './bot.ts';
import { startBot } from './bot.ts';
import type { Config, ProcessRole } from './config.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';
import { inTime } from './deadline.ts';
import type { QueueSource } from './routes.ts';
import { commonRoutes } from './routes.ts';
import { CHANGED } from './store/append.ts';
import type { Pace } from './slack/pace.ts';
import { connectStore } from './store/connect.ts';
import type { StoreConnection } from './store/connect.ts';
import { releaseLeases } from './store/leases.ts';
import { migrateStore } from './store/migrate.ts';
import { metricsRegistry } from './web/metrics.ts';
import type { Metrics } from './web/metrics.ts';
import { serve } from './web/serve.ts';
import type { Worker } from './worker.ts';
import { processName, startWorker } from './worker.ts';

const CONNECTIONS_MAX = 10;
const STATEMENT_TIMEOUT_MS = 10_000;
/** Leases run out by themselves: whoever leaves does not wait long for a store that is away. */
const RELEASE_MS = 2_000;

export interface Backout {
  /** What is listened on; null in Socket Mode with nothing to serve. */
  readonly port: number | null;
  stop(): Promise<void>;
}

interface Part {
  wake(): void;
  stop(): Promise<void>;
}

export async function startBackout(given: {
  readonly config: Config;
  readonly role: ProcessRole;
  readonly log: Log;
  /** How long a worker may be silent before it is taken to be gone. */
  readonly leaseSeconds?: number | undefined;
  /** How fast the bot draws in Slack; as fast as Slack allows, when it is left out. */
  readonly pace?: Pace | undefined;
}): Promise<Backout> {
  const { config, role, log, leaseSeconds, pace } = given;
  const { applied, appMayChangeHistory } = await migrateStore({
    ownerUrl: config.storeOwnerUrl,
    appUrl: config.storeUrl,
  });
  if (applied.length > 0) log.info({ applied: applied.join(', ') }, 'the store was migrated');
  if (appMayChangeHistory) {
    log.warn(
      {},
      'The role of STORE_URL owns the history and could change it: give the owner’s role as STORE_OWNER_URL and another role as STORE_URL',
    );
  }
  const store = openStore(config, log, role);
  const name = processName();
  const registry = metricsRegistry();
  const parts: Part[] = [];
  let bot: Bot | null = null;
  let worker: Worker | null = null;
  let queue: QueueSource | null = null;
  if (role !== 'bot') {
    worker = startWorker({ config, store, log: log.child({ part: 'worker' }), name, leaseSeconds });
    const { hearsQueue } = worker;
    queue = { answers: hearsQueue, isNeeded: role === 'worker' };
    parts.push(worker);
  }
  if (role !== 'worker') {
    bot = await startBot({
      config,
      store,
      queue,
      log: log.child({ part: 'bot' }),
      name,
      commands,
      metrics: registry,
      leaseSeconds,
      pace,
    });
    parts.push(bot);
  }
  const web = bot === null ? await serveWorker({ config, store, queue, registry, log }) : null;
  const unlisten = await store.listen(CHANGED, () => parts.forEach((part) => part.wake()));
  return {
    port: bot?.port ?? web?.port ?? null,
    stop: async () => {
      await Promise.all([unlisten(), ...parts.map((part) => part.stop())]);
      await web?.close();
      await inTime(releaseLeases(store, name), RELEASE_MS).catch((error: unknown) =>
        log.warn({ error: describeError(error) }, 'leases were not given back; they run out'),
      );
      await store.close();
    },
  };
}

function openStore(config: Config, log: Log, role: ProcessRole): StoreConnection {
  return connectStore({
    url: config.storeUrl,
    applicationName: `backout/${role}`,
    connectionsMax: CONNECTIONS_MAX,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    onError: (error) => log.warn({ error: describeError(error) }, 'the store is away'),
  });
}

/** A worker has no Slack side: it only says that it is well. */
async function serveWorker(given: {
  readonly config: Config;
  readonly store: StoreConnection;
  readonly queue: QueueSource | null;
  readonly registry: Metrics;
  readonly log: Log;
}): Promise<{ readonly port: number; close(): Promise<void> }> {
  const { config, store, queue, registry, log } = given;
  return serve({
    routes: commonRoutes({ store, queue, metrics: registry }),
    port: config.port,
    onError: (problem) =>
      log.warn({ error: describeError(problem) }, 'a page could not be answered'),
  });
}
