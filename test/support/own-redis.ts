import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { freePort } from '../../sandbox/servers/ports.ts';
import { foundPrograms } from '../../sandbox/servers/programs.ts';

/** A Redis that a test may stop and start again: it comes back empty, at the same address. */
export interface OwnRedis extends AsyncDisposable {
  readonly url: string;
  stop(): Promise<void>;
  start(): Promise<void>;
}

export async function ownRedis(): Promise<OwnRedis> {
  const port = await freePort();
  let stop = await startOn(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => stop(),
    async start() {
      stop = await startOn(port);
    },
    [Symbol.asyncDispose]: () => stop(),
  };
}

async function startOn(port: number): Promise<() => Promise<void>> {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const policy = ['--maxmemory-policy', 'noeviction'];
  const child = spawn(foundPrograms().redisServer, [...args, ...policy], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  await new Promise<void>((ready, reject) => {
    let log = '';
    child.stdout.on('data', (chunk: unknown) => {
      log += String(chunk);
      if (log.includes('Ready to accept')) ready();
    });
    ended.then(() => reject(new Error(`Redis ended: ${log}`)), reject);
  });
  return async () => {
    child.kill('SIGKILL');
    await ended;
  };
}
