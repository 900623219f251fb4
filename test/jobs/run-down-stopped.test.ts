import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { openTarget } from '../../src/target/target.ts';
import { endedIn, hurriedClock, paused, resultIn } from '../support/hands.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('aborted while the tool waits, it stops and says what the database is', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const migrating = await site.gate('migrate');
  const aborting = new AbortController();
  const running = hands.run('run-down', input, { signal: aborting.signal });
  await migrating.arrived();
  aborting.abort(new Fault('stopped', 'It was aborted.'));
  const report = await running;
  await migrating.open();

  expect(report.outcome).toBe('stopped');
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
  expect(await site.version()).toBe('3');
});

test('the tool’s session carries a name by which it is found and ended', async () => {
  await using site = await aSite();
  await site.write({
    'migrations/3_mail.down.sql': `alter table people rename column email to name;
      create table caller as select current_setting('application_name') as name;`,
  });
  const { hands, input } = await paused(site);
  await hands.run('run-down', input);

  expect(await site.sql('select name from caller')).toEqual([
    { name: `backout/${hands.operation()}/down` },
  ]);
});

test('stopped while the server is still at it: that is ended before anybody says what is', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const migrating = await site.gate('migrate');
  const aborting = new AbortController();
  const running = hands.run('run-down', input, { signal: aborting.signal });
  await migrating.arrived();
  const left = await site.session(`backout/${hands.operation()}/down`);
  await left.query('begin; alter table people rename column email to name');
  aborting.abort(new Fault('stopped', 'It was aborted.'));
  const report = await running;
  await migrating.open();

  await expect(left.query('commit')).rejects.toThrow();
  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
});

test('a server that does not end what it is at is not judged: it is looked at again', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const running = hands.run('run-down', input, {
    now: hurriedClock(),
    instead: ({ target }) => ({
      target: { ...target, sessionsNamed: async () => [{ pid: 1, state: 'active' }] },
    }),
  });

  await expect(running).rejects.toMatchObject({ why: 'unreachable' });
  expect(hands.recorded).not.toBeNull();
});

test('whoever lost the lock on the database does not judge it', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const migrating = await site.gate('migrate');
  const refused = expect(hands.run('run-down', input)).rejects.toMatchObject({
    why: 'unreachable',
  });
  await migrating.arrived();
  const other = openTarget({ url: site.database.url });
  await other.breakLock(`backout/${hands.operation()}`);
  await refused;
  await migrating.open();
  await other.close();

  expect(resultIn(endedIn(await hands.look('run-down', input)), 'run-down').schema).toBe(
    'unchanged',
  );
});

test('its worker died before it had kept anything: it has not begun', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);

  expect(await hands.look('run-down', input)).toEqual({ state: 'not-begun' });
});

test('its worker died before the tool started: found unchanged', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const dying = new AbortController();
  const migrating = await site.gate('migrate');
  const running = hands.run('run-down', input, { signal: dying.signal });
  await migrating.arrived();
  dying.abort();
  await running;
  await migrating.open();
  const report = endedIn(await hands.look('run-down', input));

  expect(resultIn(report, 'run-down').schema).toBe('unchanged');
  expect(report.says).toContain('Its worker died');
});

test('its worker died while the tool is at it: the session is ended first, then it is looked at', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  const first = await hands.run('run-down', input);
  const orphan = await site.session(`backout/${hands.operation()}/down`);
  await orphan.query('begin; drop table teams');

  expect(await hands.look('run-down', input)).toMatchObject({ state: 'going-on' });
  await expect(orphan.query('select 1')).rejects.toThrow();
  const report = endedIn(await hands.look('run-down', input));
  expect(resultIn(report, 'run-down')).toMatchObject({
    schema: 'rolled-back',
    before: resultIn(first, 'run-down').before,
  });
});

test('its worker died after the tool had ended: found rolled back, and not run again', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  await hands.run('run-down', input);
  const report = endedIn(await hands.look('run-down', input));

  expect(report.outcome).toBe('succeeded');
  expect(resultIn(report, 'run-down').schema).toBe('rolled-back');
  expect((await site.calls()).filter((one) => one === 'migrate')).toHaveLength(1);
});

test('a worker that only froze loses its lock before anybody says what is', async () => {
  await using site = await aSite();
  const { hands, input } = await paused(site);
  await hands.run('run-down', input);
  const frozen = openTarget({ url: site.database.url });
  const lock = await frozen.lock(`backout/${hands.operation()}`);
  if ('heldBy' in lock) throw new Error(lock.heldBy);
  const lost = new Promise((resolve) => lock.lost.addEventListener('abort', resolve));

  expect(await hands.look('run-down', input)).toMatchObject({ state: 'going-on' });
  await lost;
  expect(await hands.look('run-down', input)).toMatchObject({ state: 'ended' });
  await frozen.close();
});
