/** The bots and workers of a story: in this process, or in processes of their own where they have to be killed. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOwned } from '../../../sandbox/servers/owned-child.ts';
import type { StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startBackout } from '../../../src/backout.ts';
import type { ProcessRole } from '../../../src/config.ts';
import { readConfig } from '../../../src/config.ts';
import { openLog } from '../../../src/log.ts';
import { frontDoor } from './front-door.ts';
import { quickPace } from './pace.ts';

const READY_MS = 30_000;
const STOP_GRACE_MS = 12_000;
const MAIN = join(import.meta.dirname, 'process-main.ts');
/** A worker that says nothing for this long is taken to be gone. */
const LEASE_SECONDS = 2;

export type Where = 'here' | 'apart';

export interface Running {
  readonly role: ProcessRole;
  readonly port: number;
  /** In order: what runs is finished or handed over. */
  readonly stop: () => Promise<void>;
  /** Without a word, as a machine dies; only for a process of its own. */
  readonly kill: () => Promise<void>;
}

export interface Processes {
  readonly start: (role: ProcessRole, where?: Where) => Promise<Running>;
  /** The only one of this role, in order. */
  readonly stop: (role: ProcessRole) => Promise<void>;
  /** The only one of this role, which is a process of its own. */
  readonly kill: (role: ProcessRole) => Promise<void>;
  readonly ports: () => readonly number[];
}

/** Slack delivers to the bot that runs; to each in turn when there are several. */
export async function processesOf(
  stack: AsyncDisposableStack,
  given: {
    readonly environment: Readonly<Record<string, string>>;
    readonly slack: StandInSlack;
    readonly mode: 'http' | 'socket';
    /** Only for those in this process. */
    readonly isQuick: boolean;
  },
): Promise<Processes> {
  const { environment, slack, mode, isQuick } = given;
  const running = new Set<Running>();
  const ports = (): readonly number[] =>
    [...running].filter((one) => one.role !== 'worker').map((one) => one.port);
  const door = stack.use(await frontDoor(ports));
  stack.defer(async () => {
    await Promise.all([...running].map((one) => one.stop()));
  });
  const only = (role: ProcessRole): Running => {
    const [one, ...others] = [...running].filter((each) => each.role === role);
    if (one === undefined || others.length > 0) throw new Error(`There is not one ${role}.`);
    return one;
  };
  return {
    ports,
    stop: (role) => only(role).stop(),
    kill: (role) => only(role).kill(),
    start: async (role, where = 'here') => {
      const started =
        where === 'here'
          ? await startHere(role, environment, isQuick)
          : await startApart(role, environment);
      const one: Running = {
        ...started,
        stop: async () => {
          if (running.delete(one)) await started.stop();
        },
        kill: async () => {
          if (running.delete(one)) await started.kill();
        },
      };
      running.add(one);
      if (mode === 'http' && role !== 'worker') {
        slack.deliverTo(ports().length > 1 ? door.url : `http://127.0.0.1:${one.port}`);
      }
      return one;
    },
  };
}

type Environment = Readonly<Record<string, string>>;

async function startHere(
  role: ProcessRole,
  environment: Environment,
  isQuick: boolean,
): Promise<Running> {
  const config = readConfig(role, environment);
  const log = openLog({ level: config.logLevel, role });
  const pace = isQuick ? quickPace() : undefined;
  const backout = await startBackout({ config, role, log, pace, leaseSeconds: LEASE_SECONDS });
  return {
    role,
    port: backout.port ?? 0,
    stop: () => backout.stop(),
    kill: () => Promise.reject(new Error('It runs in this process and cannot be killed.')),
  };
}

async function startApart(role: ProcessRole, environment: Environment): Promise<Running> {
  const child = await startOwned({
    file: process.execPath,
    args: [MAIN, role],
    env: { ...environment, STORY_LEASE_SECONDS: String(LEASE_SECONDS) },
    cwd: tmpdir(),
    user: null,
    signalOnDeath: 'SIGKILL',
  });
  const isReady = await child.says(/^ready on port/, READY_MS);
  const port = /^ready on port (\d+)/m.exec(child.lines().join('\n'))?.[1];
  if (!isReady || port === undefined) {
    throw new Error(`The ${role} did not start. It said:\n${child.lines().join('\n')}`);
  }
  return {
    role,
    port: Number(port),
    stop: () => child.end('SIGTERM', STOP_GRACE_MS),
    kill: () => child.end('SIGKILL', STOP_GRACE_MS),
  };
}
