/**
 * `npm run bench`: what Backout adds to the plain tools, as ratios measured in one run.
 * Numbers of different runs or machines say little; the ratio column is what to watch.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startPostgres } from '../../sandbox/servers/postgres.ts';
import { benchAnswers } from './answers.ts';
import { benchBackUp } from './back-up.ts';
import { benchRunDown } from './run-down.ts';

/** One line of the table; the plain tool's time is null where nothing plain does the same. */
export interface Measured {
  readonly what: string;
  readonly oursMs: number;
  readonly plainMs: number | null;
}

const postgres = await startPostgres({ quick: true });
const folder = await mkdtemp(path.join(tmpdir(), 'backout-bench-'));
try {
  const place = { serverUrl: postgres.superuserUrl, folder };
  const measured = [
    ...(await benchBackUp(place)),
    ...(await benchRunDown(place)),
    ...(await benchAnswers(place)),
  ];
  print(measured);
} finally {
  await rm(folder, { recursive: true, force: true });
  await postgres.stop();
}

function print(rows: readonly Measured[]): void {
  console.log('| what | Backout | plain tool | ratio |');
  console.log('|---|---|---|---|');
  for (const { what, oursMs, plainMs } of rows) {
    const plain = plainMs === null ? '' : `${plainMs.toFixed(0)} ms`;
    const ratio = plainMs === null ? '' : (oursMs / plainMs).toFixed(2);
    console.log(`| ${what} | ${oursMs.toFixed(oursMs < 10 ? 1 : 0)} ms | ${plain} | ${ratio} |`);
  }
}
