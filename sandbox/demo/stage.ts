/** Everything that the demo needs, from PostgreSQL to Backout itself; all of it ends with this process. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';

import { makePrivateFolder, removeFolder } from '../servers/folders.ts';
import { startPostgres } from '../servers/postgres.ts';
import { foundPrograms } from '../servers/programs.ts';
import { startRedis } from '../servers/redis.ts';
import type { ExtraRoute } from '../slack/server.ts';
import { startSlack, type StandInSlack } from '../slack/slack.ts';
import { startWorld, type World } from '../world/world.ts';
import { startBackout, type BackoutProcess, type Role, type Variables } from './backout.ts';
import type { Endings } from './endings.ts';
import { makeStore, type StoreUrls } from './store.ts';
import { demoWorkspace, HOME_CHANNEL } from './workspace.ts';

const PAGE = join(import.meta.dirname, '..', 'page');
const FIRST_PORT = 4400;
const PORTS_MAX = 100;

/** Where the page listens; without a port the first free one from 4400 on. */
export interface Address {
  readonly host: string;
  readonly port: number | null;
}

export interface Stage {
  readonly slack: StandInSlack;
  readonly world: World;
  readonly bot: BackoutProcess;
  readonly worker: BackoutProcess;
}

export interface StageOptions {
  readonly endings: Endings;
  readonly address: Address;
  /** Of the channel, after an incident was closed. */
  readonly archiveAfterMinutes: number;
  /** What the page asks of the demo. */
  readonly routes: (stage: () => Stage | null) => readonly ExtraRoute[];
  readonly say: (line: string) => void;
}

export async function buildStage(options: StageOptions): Promise<Stage> {
  const { endings, say } = options;
  endings.keep(callJanitor(), dismiss);
  const folder = endings.keep(makePrivateFolder('demo', null), removeFolder);
  say('Starting a private PostgreSQL and a private Redis …');
  const [postgres, redis] = await Promise.all([
    // Nobody would miss its data.
    startPostgres({ quick: true }).then((server) => endings.keep(server, (begun) => begun.stop())),
    startRedis().then((server) => endings.keep(server, (begun) => begun.stop())),
  ]);
  say('Filling the database `auth` with 300,000 rows, and breaking it with a migration …');
  const { superuserUrl } = postgres;
  const [world, store] = await Promise.all([
    startWorld({ superuserUrl, homeChannel: HOME_CHANNEL }).then((started) =>
      endings.keep(started, (begun) => begun.stop()),
    ),
    makeStore(superuserUrl),
  ]);
  let stage: Stage | null = null;
  const slack = endings.keep(
    await openPage(
      options,
      options.routes(() => stage),
    ),
    (begun) => begun.close(),
  );
  say('Starting Backout: a bot and a worker …');
  const configFile = writeConfig(folder, world, options.archiveAfterMinutes);
  const variables = variablesOf({ slack, world, store, folder, configFile, redisUrl: redis.url });
  const begin = async (role: Role, onStart: (url: string) => void): Promise<BackoutProcess> =>
    endings.keep(
      await startBackout({ role, environment: variables[role], folder, onStart, say }),
      (begun) => begun.stop(),
    );
  const bot = await begin('bot', (url) => {
    slack.deliverTo(`${url}/slack/events`);
    world.pager.deliverTo(`${url}/pagerduty/webhook`);
  });
  // The bot migrates the store; the worker's role may not.
  const worker = await begin('worker', () => undefined);
  stage = { slack, world, bot, worker };
  return stage;
}

/** Folders of servers that are killed together with us have nobody else to remove them. */
function callJanitor(): ChildProcess {
  const program = join(import.meta.dirname, 'janitor.ts');
  const folders = [...new Set([tmpdir(), '/tmp'])];
  return spawn(process.execPath, [program, String(process.pid), ...folders], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  });
}

/** When we end in order there is nothing left to do for it. */
async function dismiss(janitor: ChildProcess): Promise<void> {
  if (janitor.exitCode !== null) return;
  janitor.kill('SIGKILL');
  await once(janitor, 'close');
}

async function openPage(
  { address: { host, port } }: StageOptions,
  extraRoutes: readonly ExtraRoute[],
): Promise<StandInSlack> {
  const open = (at: number): Promise<StandInSlack> =>
    startSlack({ ...demoWorkspace(), pageFolder: PAGE, extraRoutes, host, port: at });
  if (port !== null) {
    return open(port).catch((cause: unknown) => {
      throw new Error(`The page cannot listen on ${host}:${port}. Choose another SANDBOX_PORT.`, {
        cause,
      });
    });
  }
  for (let at = FIRST_PORT; at < FIRST_PORT + PORTS_MAX; at += 1) {
    try {
      return await open(at);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!isTaken) throw error;
    }
  }
  return open(0);
}

const WithPolicies = z.looseObject({
  targets: z.record(z.string(), z.looseObject({ policy: z.looseObject({}) })),
});

/** The world's own configuration; only when channels are archived is for the demo to say. */
function writeConfig(
  folder: string,
  { backoutConfig }: World,
  archiveAfterMinutes: number,
): string {
  const { targets, ...rest } = WithPolicies.parse(parse(backoutConfig));
  const changed = Object.entries(targets).map(([name, target]) => {
    const policy = { ...target.policy, archive_after_minutes: archiveAfterMinutes };
    return [name, { ...target, policy }] as const;
  });
  const file = join(folder, 'backout.yaml');
  writeFileSync(file, stringify({ ...rest, targets: Object.fromEntries(changed) }));
  return file;
}

function variablesOf(given: {
  readonly slack: StandInSlack;
  readonly world: World;
  readonly store: StoreUrls;
  readonly folder: string;
  readonly configFile: string;
  readonly redisUrl: string;
}): Readonly<Record<Role, Variables>> {
  const { slack, world, store, folder, configFile, redisUrl } = given;
  const temporary = join(folder, 'temporary');
  mkdirSync(temporary);
  const both: Variables = {
    PATH: pathWithPrograms(),
    TMPDIR: temporary,
    BACKOUT_CONFIG: configFile,
    STORE_URL: store.applicationUrl,
    REDIS_URL: redisUrl,
    BACKUP_DIR: join(folder, 'backups'),
    LOG_LEVEL: 'info',
    ...world.environment,
  };
  return {
    bot: {
      ...both,
      STORE_OWNER_URL: store.ownerUrl,
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.botToken,
      SLACK_SIGNING_SECRET: slack.signingSecret,
    },
    worker: both,
  };
}

function pathWithPrograms(): string {
  const { migrate, postgres } = foundPrograms();
  const folders = [...(migrate === null ? [] : [dirname(migrate)]), postgres];
  return [...folders, process.env['PATH'] ?? '/usr/bin:/bin'].join(':');
}
