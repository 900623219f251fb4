/** The bot: hears people in Slack, and draws what is true where they look. */
import type { Command } from './define-command.ts';
import type { Config } from './config.ts';
import { openDesk } from './handle.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';
import type { QueueSource } from './routes.ts';
import { botRoutes } from './routes.ts';
import { openSlackApp } from './slack/app.ts';
import type { Pace } from './slack/pace.ts';
import { openProjection } from './slack/projection.ts';
import type { StoreConnection } from './store/connect.ts';
import type { Metrics } from './web/metrics.ts';
import { asCustomRoutes, serve } from './web/serve.ts';
import { startLoop } from './work/loop.ts';

export interface Bot {
  readonly port: number | null;
  wake(): void;
  stop(): Promise<void>;
}

export async function startBot(given: {
  readonly config: Config;
  readonly store: StoreConnection;
  /** Where a worker runs in the same process. */
  readonly queue: QueueSource | null;
  readonly log: Log;
  /** Of this process: it holds the leases. */
  readonly name: string;
  readonly commands: readonly Command[];
  readonly metrics: Metrics;
  /** For how long one process draws without a word of it, before another one does. */
  readonly leaseSeconds?: number | undefined;
  /** How fast it draws; as fast as Slack allows, when it is left out. */
  readonly pace?: Pace | undefined;
}): Promise<Bot> {
  const { config, store, queue, log, name, commands, metrics, leaseSeconds, pace } = given;
  if (config.slack === null) throw new Error('the bot needs SLACK_BOT_TOKEN');
  const names = Object.fromEntries(
    Object.entries(config.people).map(([id, person]) => [id, person.name]),
  );
  const desk = openDesk({ store, commands, targets: config.targets, people: names, log });
  const routes = botRoutes({ config, store, queue, metrics });
  const onError = (problem: unknown): void =>
    log.warn({ error: describeError(problem) }, 'a page could not be answered');
  const acknowledged = metrics.histogram({
    name: 'backout_slack_ack_seconds',
    help: 'From Slack’s request to our acknowledgement.',
    labels: ['kind'],
  });
  const app = openSlackApp({
    config: {
      people: config.people,
      targets: config.targets,
      port: config.port,
      slack: config.slack,
    },
    ...desk,
    commands,
    store,
    routes: asCustomRoutes(routes, onError),
    log,
    onAcknowledged: (kind, tookMs) => acknowledged.observe({ kind }, tookMs / 1000),
  });
  const port = await app.start();
  // In Socket Mode nothing listens for Slack; our own pages are served all the same.
  const web = app.mode === 'socket' ? await serve({ routes, port: config.port, onError }) : null;
  const projection = openProjection({
    store,
    web: app.web.drawing,
    whoAreWe: app.whoAreWe,
    targets: config.targets,
    people: config.people,
    homeChannel: config.homeChannel,
    log,
    pace,
  });
  const drawing = startLoop({
    name: 'draw',
    store,
    holder: name,
    log,
    shared: true,
    leaseSeconds,
    round: (signal) => projection.drawOnce(signal),
  });
  return {
    port: port ?? web?.port ?? null,
    wake: () => drawing.wake(),
    stop: async () => {
      await app.stop();
      await drawing.stop();
      await web?.close();
    },
  };
}
