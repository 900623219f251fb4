/**
 * Waits until the demo is gone, however it went, and then removes the folders that it left behind.
 * Arguments: the demo's process id, and the folders in which its own are. The pipe from the demo closes when it ends.
 */
import { readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

import { removeLeftOvers } from '../servers/folders.ts';

const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 100;

const [owner, ...parents] = process.argv.slice(2);

// What ends the demo from a terminal must not end us before it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

process.stdin
  .on('end', () => void clean())
  .on('error', () => void clean())
  .resume();

/** Servers may still be writing while they end: what is there again is removed again. */
async function clean(): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  do {
    for (const parent of parents) removeLeftOvers(parent);
    await wait(LOOK_EVERY_MS);
  } while (hasLeftOvers() && Date.now() < until);
  process.exit(0);
}

function hasLeftOvers(): boolean {
  const names = parents.flatMap((parent) => readdirSync(parent));
  return names.some((name) => name.startsWith('backout-') && name.includes(`-${owner}-`));
}
