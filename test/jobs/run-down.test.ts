import { afterEach, expect, test, vi } from 'vitest';
import type { Target } from '../../src/incident/target.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { openTarget } from '../../src/target/target.ts';
import { evidenceIn, paused, resultIn } from '../support/hands.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('the database goes down to the version before, and only looking at it says so', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('succeeded');
  const result = resultIn(report, 'run-down');
  expect(result).toMatchObject({ schema: 'rolled-back', drift: [] });
  expect(result.after).not.toBe(result.before);
  expect(await site.version()).toBe('2');
  expect(await site.calls()).toContain('migrate');
  expect(evidenceIn(report, ITEMS.down)?.verdict).toBe('proven');
  expect(evidenceIn(report, ITEMS.currentVersion)?.says).toContain('2');
});

test('a down that changes data only is a rollback too, with the schema as before', async () => {
  await using site = await aSite();
  await site.write({ 'migrations/3_mail.down.sql': 'update people set email = lower(email)' });
  const { hands, input } = await paused(site);
  const report = await hands.run('run-down', input);

  expect(resultIn(report, 'run-down')).toMatchObject({ schema: 'rolled-back' });
  expect(report.says).toContain('as before, which the down files allow');
});

const policyOf = (target: Target): Target => ({
  ...target,
  policy: { ...target.policy, lockTimeoutMs: 1 },
});

test.each([
  ['the current version', 'update schema_migrations set version = 2', /current version/],
  ['the version row, dirty', 'update schema_migrations set dirty = true', /3 is dirty/],
  ['no version at all', 'truncate schema_migrations', /no version is recorded/],
])('drift in %s stops it, by name, before anything runs', async (_, sql, named) => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  await site.sql(sql);
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(named);
  expect(resultIn(report, 'run-down')).toMatchObject({ schema: 'unchanged' });
  expect(resultIn(report, 'run-down').drift).toHaveLength(1);
  expect(await site.calls()).not.toContain('migrate');
  expect(hands.recorded).toBeNull();
});

test('a down file, a backup and a policy that changed since the approval are each named', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  await site.write({ 'migrations/3_mail.down.sql': 'drop table people;' });
  await site.remove('backups');
  const over = { target: policyOf(site.target) };
  const report = await hands.run('run-down', input, over);

  const { drift } = resultIn(report, 'run-down');
  expect(drift).toEqual(['the down file 3_mail.down.sql', 'the backup', 'the policy']);
  expect(report.says).toMatch(/The backup app-.* is gone\./);
  expect(await site.version()).toBe('3');
});

test('another service in the plan than was approved is named', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const target = { ...site.target, services: site.target.services.slice(0, 1) };
  const { drift } = resultIn(await hands.run('run-down', input, { target }), 'run-down');

  expect(drift).toEqual(['the services to stop']);
});

test('while somebody else holds the lock on the database nothing runs, and it is said who', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const other = openTarget({ url: site.database.url });
  const lock = await other.lock('backout/INC-99/op-1');
  const report = await hands.run('run-down', input);
  if ('release' in lock) await lock.release();
  await other.close();

  expect(report.says).toContain('backout/INC-99/op-1');
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
  expect(await site.calls()).not.toContain('migrate');
});

test('behind an idle transaction it gives up after the lock timeout, with everything as it was', async () => {
  await using site = await aSite({ policy: { lock_timeout_ms: 300 } });
  const { hands, input } = await paused(site);
  const idle = await site.session('forgotten');
  await idle.query('begin; select * from people limit 1');
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/waited for a lock/);
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
  expect(evidenceIn(report, ITEMS.dirtyState)?.says).toContain('migrate force 3');
});

test('a file that fails is undone whole, and what repairs the dirty row is said', async () => {
  await using site = await aSite();
  await site.write({
    'migrations/3_mail.down.sql': 'alter table people rename column email to name; select 1/0;',
  });
  const { hands, input } = await paused(site);
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
  expect(report.tail).toContain('division by zero');
  expect(await site.version()).toBe('2 dirty');
  expect(report.says).toContain('The version row is left dirty');
});

test('two steps of which the second fails: it is said which is done, and a person is asked', async () => {
  await using site = await aSite();
  await site.write({
    'migrations/3_mail.down.sql': 'update people set email = lower(email)',
    'migrations/2_teams.down.sql': 'drop table teams; select 1/0;',
  });
  const { hands, input } = await paused(site, { to: '1' });
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(resultIn(report, 'run-down')).toMatchObject({ schema: 'unknown', standsAt: '2' });
  expect(report.says).toMatch(/Version 3 is undone and stays so.*version row says 1 \(dirty\)/);
  expect(evidenceIn(report, ITEMS.dirtyState)?.says).toContain('`migrate force 2`');
  expect(await site.version()).toBe('1 dirty');
});

test('a down that ended well and changed nothing is not a rollback', async () => {
  await using site = await aSite();
  await site.write({ 'migrations/3_mail.down.sql': 'drop table if exists peoples;' });
  const { hands, input } = await paused(site);
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(resultIn(report, 'run-down')).toMatchObject({ schema: 'unknown', standsAt: '3' });
  expect(report.says).toContain('the schema did not');
  expect(evidenceIn(report, ITEMS.down)?.verdict).toBe('refuted');
  expect(await site.version()).toBe('2');
});

test('what fails before anything began has changed nothing, and is said to have changed nothing', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  await site.remove('migrations');
  const report = await hands.run('run-down', input);

  expect(report.outcome).toBe('failed');
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
});
