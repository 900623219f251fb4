import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openDoorsOf } from '../../src/open-doors.ts';
import { backUp } from '../../jobs/back-up.ts';
import { pgEnvironment } from '../../src/programs/pg-environment.ts';
import { run } from '../../src/programs/run.ts';
import { aTarget } from '../support/targets.ts';
import { aContext } from './context.ts';
import type { Measured } from './main.ts';
import { makeDatabase, middle, query, timed } from './place.ts';
import type { Place } from './place.ts';

const ROWS = 2_000_000;
const TIMES = 3;

/** The whole job, with its snapshot, digests and reading back, against `pg_dump` and `pg_restore` by hand. */
export async function benchBackUp(place: Place): Promise<readonly Measured[]> {
  const url = await makeDatabase(place, 'bench_backup');
  await query(
    url,
    `create table events as select g as id, md5(g::text) as name, now() as at from generate_series(1, ${ROWS}) g;
    analyze`,
  );
  const ours: number[] = [];
  const plain: number[] = [];
  const dumps: number[] = [];
  for (let round = 0; round < TIMES; round += 1) {
    ours.push(await timed(() => byJob(place, url, round)));
    const folder = path.join(place.folder, `plain-${round}`);
    const dump = await timed(() =>
      program(url, ['pg_dump', '-Fd', '-j2', '-Z', '3', '-f', folder]),
    );
    const read = await timed(() => program(url, ['pg_restore', '-f', '/dev/null', folder]));
    dumps.push(dump);
    plain.push(dump + read);
  }
  const what = `back-up of ${ROWS.toLocaleString('en-US')} rows`;
  return [
    { what: `${what}, dumped and read back`, oursMs: middle(ours), plainMs: middle(plain) },
    { what: `${what}, against the dump alone`, oursMs: middle(ours), plainMs: middle(dumps) },
  ];
}

async function byJob(place: Place, url: string, round: number): Promise<void> {
  const backupFolder = path.join(place.folder, `ours-${round}`);
  await mkdir(backupFolder);
  const target = aTarget({ name: 'bench' });
  const opened = await openDoorsOf({
    databaseUrls: { bench: url },
    backupFolder,
    folder: place.folder,
    pagerDutyUrl: 'http://127.0.0.1:9',
    environment: {},
  })(target);
  try {
    const report = await backUp.run({ exports: [] }, opened.doors, aContext(target));
    if (report.outcome !== 'succeeded') throw new Error(report.says);
  } finally {
    await opened.close();
  }
}

async function program(url: string, [file = '', ...args]: readonly string[]): Promise<void> {
  const { env } = pgEnvironment(url, { applicationName: 'bench' });
  const { exitCode, tail } = await run({
    file,
    args: [...args],
    env,
    timeoutMs: 600_000,
    signal: new AbortController().signal,
  });
  if (exitCode !== 0) throw new Error(tail);
}
