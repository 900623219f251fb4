import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

const ARRIVES_WITHIN_MS = 30_000;

/** A place where a program waits: a FIFO, so that both sides know the moment without asking again and again. */
export interface Gate {
  /** Resolves when a program stands there. Nobody else is held up from then on. */
  arrived(): Promise<void>;
  /** Lets go on who waits there. */
  open(): Promise<void>;
}

export async function gateAt(path: string): Promise<Gate> {
  await mkdir(dirname(path), { recursive: true });
  await promisify(execFile)('mkfifo', [path]);
  const reaching = reached(path);
  reaching.catch(() => undefined);
  return {
    arrived: async () => {
      await reaching;
    },
    open: async () => {
      const handle = await reaching;
      await handle.write('go on\n').catch(() => undefined);
      await handle.close();
    },
  };
}

/** Opening a FIFO for writing waits for a reader. */
async function reached(path: string): ReturnType<typeof open> {
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    // A reader of our own, so that the waiting ends.
    void open(path, constants.O_RDONLY | constants.O_NONBLOCK).then((reader) => reader.close());
  }, ARRIVES_WITHIN_MS);
  const handle = await open(path, 'w');
  clearTimeout(timer);
  await rm(path);
  if (!isLate) return handle;
  await handle.close();
  throw new Error(`Nobody came to ${path} within ${ARRIVES_WITHIN_MS / 1_000} s.`);
}
