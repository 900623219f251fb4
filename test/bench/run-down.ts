import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { MigrationsDoor } from '../../src/doors.ts';
import { builtIn } from '../../src/migrations/built-in.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import { baseEnvironment, run } from '../../src/programs/run.ts';
import type { Measured } from './main.ts';
import { makeDatabase, middle, timed } from './place.ts';
import type { Place } from './place.ts';

const TIMES = 5;

/** Down by one, through our doors with the private copy and the checks, against `migrate down 1` by hand. */
export async function benchRunDown(place: Place): Promise<readonly Measured[]> {
  const folder = path.join(place.folder, 'migrations');
  await mkdir(folder);
  for (const [file, sql] of Object.entries(FILES)) await writeFile(path.join(folder, file), sql);
  const url = await makeDatabase(place, 'bench_down');
  const plain: number[] = [];
  const ours = { 'golang-migrate': [] as number[], 'built-in': [] as number[] };
  for (let round = 0; round < TIMES; round += 1) {
    await migrate({ url, folder }, 'up');
    plain.push(await timed(() => migrate({ url, folder }, 'down', '1')));
    for (const door of [golangMigrate({ url, folder }), builtIn({ url, folder })]) {
      await migrate({ url, folder }, 'up');
      ours[door.tool].push(await timed(() => down(door)));
    }
  }
  return (['golang-migrate', 'built-in'] as const).map((tool) => ({
    what: `one migration down by ${tool}`,
    oursMs: middle(ours[tool]),
    plainMs: middle(plain),
  }));
}

const FILES = {
  '1_people.up.sql': 'create table people (id int primary key, name text)',
  '1_people.down.sql': 'drop table people',
  '2_rename.up.sql': 'alter table people rename column name to full_name',
  '2_rename.down.sql': 'alter table people rename column full_name to name',
};

async function down(door: MigrationsDoor): Promise<void> {
  const migrations = (await door.readFolder()).migrations;
  const sha256 = migrations.find((one) => one.version === '2')?.down?.sha256;
  if (sha256 === undefined) throw new Error('the down file is not there');
  const result = await door.down({
    from: '2',
    to: '1',
    nothingToUndo: [],
    files: { '2': sha256 },
    lockTimeoutMs: 5_000,
    statementTimeoutMs: 60_000,
    applicationName: 'bench',
    onOutput: () => undefined,
    signal: new AbortController().signal,
  });
  if (result.state !== 'ended' || result.exitCode !== 0) throw new Error(JSON.stringify(result));
}

async function migrate(
  at: { readonly url: string; readonly folder: string },
  ...words: readonly string[]
): Promise<void> {
  const url = new URL(at.url);
  const password = decodeURIComponent(url.password);
  url.password = '';
  url.searchParams.set('sslmode', 'disable');
  const { exitCode, tail } = await run({
    file: 'migrate',
    args: ['-path', at.folder, '-database', url.href, ...words],
    env: { ...baseEnvironment(), PGPASSWORD: password },
    timeoutMs: 60_000,
    signal: new AbortController().signal,
    secrets: [password],
  });
  if (exitCode !== 0) throw new Error(tail);
}
