import { randomBytes } from 'node:crypto';
import { chownSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makePrivateFolder, removeFolder } from './folders.ts';
import { startOwned, type OwnedChild, type Tie } from './owned-child.ts';
import { freePort } from './ports.ts';
import { foundPrograms } from './programs.ts';
import { serverUser } from './user.ts';

const READY_TIMEOUT_MS = 20_000;
const STOP_GRACE_MS = 5_000;
const START_ATTEMPTS_MAX = 5;

/** How many logical databases a private Redis has. */
export const REDIS_DATABASES = 512;

export interface RedisOptions {
  readonly appendOnly?: boolean;
  readonly tie?: Tie;
}

export interface RedisServer {
  readonly port: number;
  /** With its password; logical database 0. */
  readonly url: string;
  readonly pid: number;
  readonly dataFolder: string;
  stop(): Promise<void>;
}

/** A private Redis that never evicts, on a free port of 127.0.0.1, gone when this process is gone. */
export async function startRedis({
  appendOnly = false,
  tie,
}: RedisOptions = {}): Promise<RedisServer> {
  const user = serverUser();
  const folder = makePrivateFolder('redis', user);
  const password = randomBytes(18).toString('base64url');
  const file = join(folder, 'redis.conf');
  const start = async (port: number): Promise<OwnedChild> => {
    writeFileSync(file, configuration({ port, password, folder, appendOnly }), { mode: 0o600 });
    if (user !== null) chownSync(file, user.uid, user.gid);
    return startOwned({
      file: foundPrograms().redisServer,
      args: [file],
      env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
      cwd: folder,
      user,
      signalOnDeath: 'SIGKILL',
      folder,
      ...(tie === undefined ? {} : { tie }),
    });
  };

  try {
    const { port, child } = await startOnFreePort(start);
    return {
      port,
      url: `redis://:${password}@127.0.0.1:${port}`,
      pid: child.pid,
      dataFolder: folder,
      async stop() {
        await child.end('SIGTERM', STOP_GRACE_MS);
        removeFolder(folder);
      },
    };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

async function startOnFreePort(
  start: (port: number) => Promise<OwnedChild>,
): Promise<{ readonly port: number; readonly child: OwnedChild }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = await start(port);
    if (await child.says(/Ready to accept connections/, READY_TIMEOUT_MS)) return { port, child };
    await child.end('SIGKILL', STOP_GRACE_MS);
    const log = child.lines().join('\n');
    if (!log.includes('Address already in use') || attempt >= START_ATTEMPTS_MAX) {
      throw new Error(`Redis did not start. It said:\n${log}`);
    }
  }
}

/** In a file, because arguments can be read by everyone on the machine. */
function configuration(options: {
  readonly port: number;
  readonly password: string;
  readonly folder: string;
  readonly appendOnly: boolean;
}): string {
  return [
    'bind 127.0.0.1',
    `port ${options.port}`,
    `requirepass ${options.password}`,
    `dir ${options.folder}`,
    'daemonize no',
    'save ""',
    `appendonly ${options.appendOnly ? 'yes' : 'no'}`,
    'maxmemory-policy noeviction',
    `databases ${REDIS_DATABASES}`,
    '',
  ].join('\n');
}
