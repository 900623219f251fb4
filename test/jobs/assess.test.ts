import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { rowOf } from '../../src/incident/reports/dirty.ts';
import { event } from '../../src/incident/events.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { latestResult } from '../../src/incident/incident.ts';
import { courseOf, prospectOf } from '../../src/incident/plan/prospect.ts';
import { migrationLockIds } from '../../src/migrations/version-table.ts';
import { evidenceIn, handsAt, planned, resultIn } from '../support/hands.ts';
import { freshRole } from '../support/postgres.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('an assessment knows the version, the files, the programs and who is connected', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('assess');
  const { facts } = resultIn(report, 'assess');

  expect(report.outcome).toBe('succeeded');
  expect(facts.version).toEqual({ state: 'at', version: '3', dirty: false });
  expect(facts.versionTable).toBe('"public"."schema_migrations"');
  expect(facts.folder.problems).toEqual([]);
  expect(facts.folder.migrations.map((one) => one.version)).toEqual(['1', '2', '3']);
  expect(facts.clients.migrate.state).toBe('known');
  expect(facts.identity).toMatchObject({ database: site.database.name, isReplica: false });
  expect(facts.activity.migrationLocks).toEqual({ state: 'known', value: [] });
  expect(evidenceIn(report, ITEMS.services)?.says).toContain('web: 1 connection; worker: 1');
  expect(evidenceIn(report, ITEMS.causingVersion)?.says).toContain('3 (mail)');
});

test('who may not see the other sessions does not say that nobody is there', async () => {
  await using role = await freshRole();
  await using site = await aSite();
  await site.sql(`grant select on all tables in schema public to ${role.name}`);
  const url = role.urlOf(site.database);
  const report = await handsAt({
    ...site,
    config: (more) => site.config({ ...more, APP_URL: url }),
  }).run('assess');
  const { facts } = resultIn(report, 'assess');

  expect(facts.activity.connections).toMatchObject({ state: 'unknown' });
  const services = evidenceIn(report, ITEMS.services);
  expect(services).toMatchObject({ verdict: 'found' });
  expect(services?.says).toContain('unknown');
});

test('a migration that keeps the schema from being read is named, with how to end it', async () => {
  await using site = await aSite();
  const other = await site.session('');
  const { cli } = migrationLockIds(site.database.url, {
    schema: 'public',
    table: 'schema_migrations',
  });
  await other.query(`begin; select pg_advisory_lock(${cli}); alter table people add phone text`);

  await expect(handsAt(site).run('assess')).rejects.toThrow(
    /^Somebody keeps everybody else out .* has locked public\.people, perhaps a migration under way\./,
  );
});

test('a dirty version row is said, and nothing is planned on it', async () => {
  await using site = await aSite();
  await site.sql('update schema_migrations set dirty = true');
  const hands = await planned(site);
  const { incident } = hands.story;

  expect(prospectOf(incident, site.target)).toMatchObject({
    state: 'blocked',
    blocks: [{ code: 'dirty' }],
  });
  expect(incident.plan).toBeUndefined();
});

test('a database without a version is said to have none', async () => {
  await using site = await aSite();
  await site.sql('truncate schema_migrations');
  const report = await handsAt(site).run('assess');

  expect(resultIn(report, 'assess').facts.version).toEqual({ state: 'none' });
  expect(evidenceIn(report, ITEMS.preview)?.verdict).toBe('not-applicable');
});

test('each file that cannot be rolled back by is named with what is wrong', async () => {
  await using site = await aSite();
  await site.write({
    'migrations/1_people.down.sql': '',
    'migrations/2_teams.down.sql': '-- nothing to see',
    'migrations/4-more.down.sql': 'select 1;',
    'migrations/3_again.down.sql': 'select 1;',
    'migrations/3_again.up.sql': 'select 1;',
  });
  await rm(join(site.folder, 'migrations', '3_mail.down.sql'));
  const report = await handsAt(site).run('assess');
  const { facts } = resultIn(report, 'assess');
  const problems = facts.folder.problems.map((one) => `${one.kind}: ${one.file}`);

  expect(problems).toContain('empty: 1_people.down.sql');
  expect(problems).toContain('only-comments: 2_teams.down.sql');
  expect(problems.some((one) => one === 'misnamed: 4-more.down.sql')).toBe(true);
  expect(problems.some((one) => one.startsWith('duplicate:'))).toBe(true);
  // People read it, and not only a number.
  for (const { say } of facts.folder.problems.slice(0, 5)) expect(report.says).toContain(say);
});

test('however many migrations there are, the version before the suspected one is found', async () => {
  await using site = await aSite();
  const newer = Array.from({ length: 60 }, (_, index) => String(index + 4));
  const files = newer.flatMap((version) => [
    [`migrations/${version}_step.up.sql`, `create table step_${version} ();`] as const,
    [`migrations/${version}_step.down.sql`, `drop table step_${version};`] as const,
  ]);
  await site.write(Object.fromEntries(files));
  await site.sql('update schema_migrations set version = 63');
  const hands = handsAt(site);
  await hands.does('assess');
  const suspect = event('details-edited', { suspectedVersion: '4' });
  const { incident } = hands.story.happens(suspect);
  const facts = latestResult(incident, 'assess')?.facts;
  if (facts === undefined) throw new Error('it was assessed');

  expect(courseOf(incident, facts)).toMatchObject({ state: 'set', from: '63', to: '3' });
  const kept = facts.folder.migrations.filter((one) => one.down?.sha256 !== undefined);
  expect(kept).toHaveLength(63);
  expect(kept.filter((one) => one.down?.sql !== '')).toHaveLength(10);
});

test('a row that was dirty from the start is compared with what this target’s history knows', async () => {
  await using site = await aSite();
  const { hash } = resultIn(await handsAt(site).run('assess'), 'assess').facts.fingerprint;
  await site.write({
    'migrations/4_roles.up.sql': 'create table roles (id int); select 1/0;',
    'migrations/4_roles.down.sql': 'drop table roles;',
  });
  await site.sql('update schema_migrations set version = 4, dirty = true');
  const hands = handsAt(site);
  hands.know('3', { hash, lines: [] });
  await hands.does('assess');

  expect(rowOf(hands.story.incident)).toMatchObject({ state: 'dirty', force: '3', meanings: [] });
});
