import { afterEach, expect, test, vi } from 'vitest';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { openTarget } from '../../src/target/target.ts';
import type { Hands } from '../support/hands.ts';
import { evidenceIn, paused, resultIn } from '../support/hands.ts';
import type { Site, SiteOptions } from '../support/site.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

async function rolledBack(options: SiteOptions = {}): Promise<{ site: Site; hands: Hands }> {
  const site = await aSite(options);
  const { hands, input } = await paused(site);
  await hands.does('run-down', input);
  return { site, hands };
}

/** As an earlier assessment would have seen it: the schema of version 2 is what it is now. */
async function know(site: Site, hands: Hands): Promise<void> {
  const target = openTarget({ url: site.database.url });
  const fingerprint = await target.fingerprint();
  await target.close();
  hands.know('2', fingerprint);
}

test('a version whose schema was never seen is said to be seen for the first time', async () => {
  const { site, hands } = await rolledBack();
  await using _ = site;
  const report = await hands.run('verify');

  expect(report.outcome).toBe('succeeded');
  expect(resultIn(report, 'verify').schema).toBe('first-seen');
  expect(report.says).toContain('first time');
  expect(evidenceIn(report, ITEMS.validation)?.verdict).toBe('not-applicable');
});

test('the schema known for the version is recognised', async () => {
  const { site, hands } = await rolledBack();
  await using _ = site;
  await know(site, hands);
  const report = await hands.run('verify');

  expect(resultIn(report, 'verify')).toMatchObject({ schema: 'as-known', differences: [] });
  expect(evidenceIn(report, ITEMS.verification)?.verdict).toBe('proven');
  expect(evidenceIn(report, ITEMS.dirtyState)?.says).toBe('The version row is not dirty, at 2.');
});

test('another schema than the known one is refuted, with the objects named', async () => {
  const { site, hands } = await rolledBack();
  await using _ = site;
  await know(site, hands);
  await site.sql('alter table people add column stray int; drop table teams');
  const report = await hands.run('verify');
  const { schema, differences } = resultIn(report, 'verify');

  expect(report.outcome).toBe('failed');
  expect(schema).toBe('differs');
  expect(differences.some((one) => one.startsWith('new: ') && one.includes('stray'))).toBe(true);
  expect(differences.some((one) => one.startsWith('missing: ') && one.includes('teams'))).toBe(
    true,
  );
  expect(report.says).toContain('/rollback resume');
});

test('a schema that is still that of before does not verify, when the files were to change it', async () => {
  await using site = await aSite();
  await site.write({ 'migrations/3_mail.down.sql': 'drop table if exists peoples;' });
  const { hands, input } = await paused(site);
  await hands.does('run-down', input);
  const report = await hands.run('verify');

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('still exactly the one from before');
  expect(evidenceIn(report, ITEMS.verification)?.verdict).toBe('refuted');
});

test('a schema that is still that of before verifies, when the files change data only', async () => {
  await using site = await aSite();
  await site.write({ 'migrations/3_mail.down.sql': 'update people set email = lower(email)' });
  const { hands, input } = await paused(site);
  await hands.does('run-down', input);

  expect((await hands.run('verify')).outcome).toBe('succeeded');
});

test('what was not wrong before the rollback and is now is named, each', async () => {
  const { site, hands } = await rolledBack();
  await using _ = site;
  await site.sql(`insert into teams values (1, 'same'), (2, 'same')`);
  await site.sql('create unique index concurrently titles on teams (title)').catch(() => undefined);
  await site.sql('alter table people add constraint positive check (id > 0) not valid');
  await site.sql('create table people_backup as select * from people');
  const report = await hands.run('verify');
  const { newTrouble } = resultIn(report, 'verify');

  expect(report.outcome).toBe('failed');
  expect(newTrouble.join('\n')).toMatch(/invalid index: .*titles/);
  expect(newTrouble.join('\n')).toMatch(/constraint not validated: .*positive/);
  expect(newTrouble).toHaveLength(2);
  expect(evidenceIn(report, ITEMS.constraints)?.verdict).toBe('refuted');
  expect(evidenceIn(report, ITEMS.leftovers)?.verdict).toBe('refuted');
});

test('in the schema that is known for the version, a constraint that is not validated belongs to it', async () => {
  await using site = await aSite();
  await site.write({
    'migrations/3_mail.down.sql': `alter table people rename column email to name;
      create table people_backup as select * from people;
      alter table people add constraint positive check (id > 0) not valid;`,
  });
  const { hands, input } = await paused(site);
  await hands.does('run-down', input);
  await know(site, hands);
  const report = await hands.run('verify');

  expect(report.outcome).toBe('succeeded');
  expect(evidenceIn(report, ITEMS.leftovers)?.says).toContain('public.people_backup');
});

test('what was wrong before is not held against the rollback', async () => {
  const site = await aSite();
  await using _ = site;
  await site.sql('alter table people add constraint positive check (id > 0) not valid');
  const { hands, input } = await paused(site);
  await hands.does('run-down', input);
  const report = await hands.run('verify');

  expect(report.outcome).toBe('succeeded');
  expect(evidenceIn(report, ITEMS.constraints)?.says).toBe(
    'Not valid or switched off, as before the rollback: constraint public.people: positive.',
  );
});

test('a version that is not the planned one, or dirty, does not verify', async () => {
  const { site, hands } = await rolledBack();
  await using _ = site;
  await site.sql('update schema_migrations set version = 1, dirty = true');
  const report = await hands.run('verify');

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/the version is 1, and not 2.*dirty/);
});

test('the team’s own validation file has to run to its end', async () => {
  const { site, hands } = await rolledBack({ validation: 'select name from people limit 1;' });
  await using _ = site;
  const good = await hands.run('verify');
  expect(evidenceIn(good, ITEMS.validation)?.verdict).toBe('proven');

  await site.write({
    'validation.sql': "select 'first'; select email from people; select 'last';",
  });
  const bad = await hands.run('verify');
  expect(bad.outcome).toBe('failed');
  expect(evidenceIn(bad, ITEMS.validation)?.verdict).toBe('refuted');
  expect(bad.tail).toContain('email');
  expect(bad.tail).not.toContain('last');
});
