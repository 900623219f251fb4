import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { event } from '../../src/incident/events.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { prospectOf } from '../../src/incident/plan/prospect.ts';
import { standing } from '../../src/incident/standing/standing.ts';
import { saySize } from '../../src/incident/text.ts';
import type { Hands } from '../support/hands.ts';
import { endedIn, evidenceIn, handsAt, planned, resultIn } from '../support/hands.ts';
import type { Site } from '../support/site.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const OLD_PG_DUMP = join(import.meta.dirname, '../programs/fixtures/clients/pg_dump-old');
const PEOPLE = { name: 'people', source: { kind: 'table', table: 'people' } } as const;
const ODD = {
  name: 'odd',
  source: { kind: 'query', sql: 'select id, email as mail from people where id % 2 = 1' },
} as const;
const NOSUCH = { name: 'nosuch', source: { kind: 'table', table: 'nosuch' } } as const;

function folders(site: Site): Promise<readonly string[]> {
  return readdir(join(site.folder, 'backups', 'app'));
}

test('a backup is a whole dump with the digest of every file, read back in full', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('back-up', { exports: [] });
  const { backup } = resultIn(report, 'back-up');

  expect(report.outcome).toBe('succeeded');
  expect(backup).toMatchObject({ database: site.database.name, version: '3' });
  expect(await folders(site)).toEqual([backup.folder]);
  const folder = join(site.folder, 'backups', 'app', backup.folder);
  for (const { file, sha256 } of backup.files) {
    const content = await readFile(join(folder, file));
    expect(sha256).toBe(`sha256:${createHash('sha256').update(content).digest('hex')}`);
  }
  expect(evidenceIn(report, ITEMS.backup)).toMatchObject({ digest: backup.manifestSha256 });
});

test('what people named is exported from the very snapshot of the dump', async () => {
  await using site = await aSite();
  const dumping = await site.gate('pg_dump');
  const running = handsAt(site).run('back-up', { exports: [PEOPLE, ODD] });
  await dumping.arrived();
  await site.sql("insert into people values (1000, 'came too late')");
  await dumping.open();
  const { backup } = resultIn(await running, 'back-up');

  expect(backup.exports.map(({ name, columns, rows }) => ({ name, columns, rows }))).toEqual([
    { name: 'people', columns: ['id', 'email'], rows: 50 },
    { name: 'odd', columns: ['id', 'mail'], rows: 25 },
  ]);
  const csv = await readFile(
    join(site.folder, 'backups', 'app', backup.folder, 'people.csv'),
    'utf8',
  );
  expect(csv).not.toContain('came too late');
});

test('what a dead worker left half done is begun again, and the finished one is found', async () => {
  await using site = await aSite();
  const hands = handsAt(site);
  const dumping = await site.gate('pg_dump');
  const dying = new AbortController();
  const first = hands.run('back-up', { exports: [] }, { signal: dying.signal }).catch(() => null);
  await dumping.arrived();
  const half = await folders(site);
  expect(half).toEqual([expect.stringMatching(/\.partial$/)]);
  expect(await hands.look('back-up', { exports: [] })).toEqual({ state: 'not-begun' });
  expect(await folders(site)).toEqual([]);
  dying.abort();
  await first;
  await dumping.open();

  const report = await hands.run('back-up', { exports: [] });
  const { backup } = resultIn(report, 'back-up');
  expect(await folders(site)).toEqual([backup.folder]);
  const found = endedIn(await hands.look('back-up', { exports: [] }));
  expect(resultIn(found, 'back-up').backup).toEqual(backup);
});

test('how far a dump is shows no total that is a guess over tables that nobody has counted', async () => {
  await using site = await aSite();
  await site.sql(`create table counted (id int); insert into counted select generate_series(1, 100);
    analyze counted;
    create table uncounted (id int, text text) with (autovacuum_enabled = off);
    insert into uncounted select n, repeat(md5(n::text), 9) from generate_series(1, 100000) as n`);
  const dumping = await site.gate('pg_dump-done');
  const hands = handsAt(site);
  const running = hands.run('back-up', { exports: [] });
  const totals = () =>
    hands.progress.filter((one) => one.what === 'dumping').map((one) => one.total);
  await dumping.arrived();
  await vi.waitFor(() => expect(totals()).not.toEqual([]), 10_000);
  await dumping.open();
  await running;

  expect(new Set(totals())).toEqual(new Set([null]));
});

test('two backups stand beside each other, and the newer tells of the older', async () => {
  await using site = await aSite();
  const hands: Hands = handsAt(site);
  const at = (second: number) => ({ now: () => new Date(Date.UTC(2026, 10, 22, 3, 0, second)) });
  const first = resultIn(await hands.run('back-up', { exports: [] }, at(1)), 'back-up');
  hands.recorded = null;
  await site.sql('delete from people');
  const report = await hands.run('back-up', { exports: [] }, at(2));
  const second = resultIn(report, 'back-up');

  expect(await folders(site)).toEqual([first.backup.folder, second.backup.folder]);
  const kept = `${first.backup.folder} (2026-11-22 03:00 UTC, ${saySize(first.backup.sizeBytes)}, version 3)`;
  expect(report.says).toContain(`Kept beside it, the newest first: ${kept}.`);
  expect(evidenceIn(report, ITEMS.backup)?.says).toContain(`1 earlier one is kept beside it`);
  hands.recorded = { name: first.backup.folder };
  const still = endedIn(await hands.look('back-up', { exports: [] }));
  expect(resultIn(still, 'back-up').backup.manifestSha256).toBe(first.backup.manifestSha256);
});

test('a table that somebody has locked for long is named', async () => {
  await using site = await aSite();
  const other = await site.session('long lock');
  await other.query('begin; lock table teams in access exclusive mode');
  const running = handsAt(site).run('back-up', { exports: [] });
  await expect(running).rejects.toThrow('public.teams');
  expect(await folders(site)).toEqual([]);
});

test('an older pg_dump than the server is refused, and leaves nothing behind', async () => {
  await using site = await aSite();
  await site.write({ 'bin/pg_dump': await readFile(OLD_PG_DUMP, 'utf8') });
  const running = handsAt(site).run('back-up', { exports: [] });
  await expect(running).rejects.toThrow('older than the server');
  expect(await folders(site)).toEqual([]);
});

test('a name that cannot be exported is said before anything is dumped, with what to type', async () => {
  await using site = await aSite();
  const hands = handsAt(site);
  const exports = [
    PEOPLE,
    NOSUCH,
    { ...ODD, source: { kind: 'query', sql: 'select nix from people' } },
  ];
  const report = await hands.run('back-up', { exports });

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('There is no table `nosuch`');
  expect(report.says).toContain('`as odd`: The database said: column "nix" does not exist');
  expect(report.says).toContain('`/rollback back-up no-exports`');
  expect(hands.said).toEqual([]);
  expect(await folders(site)).toEqual([]);
});

test('an export that fails is named with its reason, and the backup stands without it', async () => {
  await using site = await aSite();
  await site.sql('create sequence counter');
  const hands = await planned(site);
  const query = (name: string, sql: string) => ({ name, source: { kind: 'query', sql } }) as const;
  const exports = [
    query('parts', 'select 1 / (id - 40) as part from people'),
    PEOPLE,
    query('next', "select nextval('counter')"),
  ];
  hands.story = hands.story.happens(event('back-up-asked', { round: 2, exports }));
  const report = await hands.does('back-up', { exports });
  const { backup } = resultIn(report, 'back-up');

  expect(report.outcome).toBe('succeeded');
  expect(backup.exports).toMatchObject([{ file: 'people.csv', rows: 50 }]);
  expect(backup.files.map((one) => one.file)).not.toContain('parts.csv');
  expect(report.says).toMatch(
    /NOT exported: `parts`: .*division by zero\. `next`: .*read-only transaction\. The/,
  );
  expect(evidenceIn(report, ITEMS.export)?.verdict).toBe('refuted');
  expect(evidenceIn(report, ITEMS.export)?.says).toContain('`/rollback back-up no-exports`');
  expect(evidenceIn(report, ITEMS.backup)?.verdict).toBe('proven');
  expect(prospectOf(hands.story.incident, site.target)).toMatchObject({
    state: 'ready',
    plan: { backupManifest: backup.manifestSha256 },
  });
  const { more } = standing(hands.story.incident, site.target, hands.story.now);
  expect(more.join()).toContain('NOT exported: `parts`');
  const found = endedIn(
    await hands.look('back-up', { exports }, { recorded: { name: backup.folder } }),
  );
  expect(found.says).toContain('NOT exported: `parts`');
});

test('a backup that failed over a name leaves the one before as good as it was', async () => {
  await using site = await aSite();
  const hands = await planned(site);
  const { plan } = hands.story.incident;
  hands.story = hands.story.happens(event('back-up-asked', { round: 2, exports: [NOSUCH] }));
  await hands.does('back-up', { exports: [NOSUCH] });

  expect(hands.story.incident.operations.at(-1)?.state).toBe('failed');
  expect(prospectOf(hands.story.incident, site.target)).toMatchObject({
    state: 'ready',
    plan: plan?.plan,
  });
  const { more } = standing(hands.story.incident, site.target, hands.story.now);
  expect(more.join()).toMatch(/No new backup was taken.*`nosuch`.*stands on the one before/);
});
