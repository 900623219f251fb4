/** Backout as it runs for real: a bot and a worker, each a process of its own, with the environment they are documented with. */
import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import { z } from 'zod';

import { startOwned, type OwnedChild } from '../servers/owned-child.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'main.ts');
const START_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 30_000;
const LOOK_EVERY_MS = 300;
const STARTS_MAX = 20;

export type Role = 'bot' | 'worker';
export type Variables = Readonly<Record<string, string>>;

export interface BackoutProcess {
  /** Where it serves its own pages now: another place after each start. */
  url(): string;
  /** The last lines of its log. */
  readonly log: () => readonly string[];
  stop(): Promise<void>;
}

export interface BackoutOptions {
  readonly role: Role;
  /** The whole environment. */
  readonly environment: Variables;
  readonly folder: string;
  /** Told at each start where it is: when it dies, it is started again, as any supervisor would. */
  onStart(url: string): void;
  say(line: string): void;
}

export async function startBackout(options: BackoutOptions): Promise<BackoutProcess> {
  let running = await start(options);
  let isEnding = false;
  options.onStart(running.url);

  const keep = async (): Promise<void> => {
    for (let starts = 1; starts < STARTS_MAX; starts += 1) {
      await endOf(running.child);
      if (isEnding) return;
      options.say(`Backout's ${options.role} has died. It is started again.`);
      running = await start(options);
      options.onStart(running.url);
    }
  };
  const kept = keep().catch((error: unknown) => options.say(String(error)));
  return {
    url: () => running.url,
    log: () => running.child.lines(),
    async stop() {
      isEnding = true;
      await running.child.end('SIGTERM', STOP_GRACE_MS);
      await kept;
    },
  };
}

async function endOf(child: OwnedChild): Promise<void> {
  while (!child.hasEnded()) await wait(LOOK_EVERY_MS);
}

interface Running {
  readonly child: OwnedChild;
  readonly url: string;
}

async function start({ role, environment, folder }: BackoutOptions): Promise<Running> {
  const child = await startOwned({
    file: process.execPath,
    args: [PROGRAM, role],
    env: { ...environment, PORT: '0' },
    cwd: folder,
    user: null,
    // Its store and its queue are gone in the same moment: there is nothing to end in order.
    signalOnDeath: 'SIGKILL',
    folder,
  });
  const isUp = await child.says(/"msg":"Backout is running"/, START_TIMEOUT_MS);
  const port = child
    .lines()
    .map(portIn)
    .findLast((one) => one !== null);
  if (isUp && port !== null && port !== undefined) {
    return { child, url: `http://127.0.0.1:${port}` };
  }
  await child.end('SIGKILL', 0);
  throw new Error(`Backout's ${role} did not start. It said:\n${child.lines().join('\n')}`);
}

const Started = z.object({ msg: z.literal('Backout is running'), port: z.number() });

function portIn(line: string): number | null {
  if (!line.startsWith('{')) return null;
  const read = Started.safeParse(JSON.parse(line));
  return read.success ? read.data.port : null;
}
