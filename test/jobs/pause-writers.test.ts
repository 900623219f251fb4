import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { event } from '../../src/incident/events.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { approved, endedIn, evidenceIn, hurriedClock, resultIn } from '../support/hands.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const BOTH_RAN = [
  { service: 'web', was: 'running' },
  { service: 'worker', was: 'running' },
];

test('the services are stopped, and that nobody of them is connected any more is seen on the server', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const report = await hands.run('pause-writers');

  expect(report.outcome).toBe('succeeded');
  expect(resultIn(report, 'pause-writers')).toMatchObject({
    services: BOTH_RAN,
    remainingConnections: 0,
  });
  expect(await site.standing()).toEqual(['web stopped', 'worker stopped']);
  expect(evidenceIn(report, ITEMS.scaledDown)?.verdict).toBe('proven');
  expect(hands.recorded).toEqual({ services: BOTH_RAN });
});

test('what was stopped before is remembered as stopped, and left alone', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  await site.write({ 'services/worker/pid': '' });
  const report = await hands.run('pause-writers', {}, { now: hurriedClock() });

  expect(hands.recorded).toEqual({
    services: [
      { service: 'web', was: 'running' },
      { service: 'worker', was: 'stopped' },
    ],
  });
  expect(await site.calls()).not.toContain('stop worker');
  // Its connection is there all the same, whatever its status command says.
  expect(report.says).toContain('1 connection of worker');
});

test('after a crash it still knows what was, although everything is stopped by now', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  await hands.run('pause-writers');
  const again = await hands.run('pause-writers');

  expect(again.outcome).toBe('succeeded');
  expect(resultIn(again, 'pause-writers').services).toEqual(BOTH_RAN);
});

test('a service that does not stop is named, and the run goes no further', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  await site.write({ 'services/web/deaf': '' });
  const report = await hands.run('pause-writers', {}, { now: hurriedClock() });

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/web was told to stop and is still running.*not touched/);
  expect(resultIn(report, 'pause-writers')).toMatchObject({
    services: BOTH_RAN,
    remainingConnections: null,
  });
});

test('a stop command that fails is shown with what it said', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  await site.write({ 'broken/stop-web': '' });
  const report = await hands.run('pause-writers');

  expect(report.outcome).toBe('failed');
  expect(report.tail).toContain('stop web: no');
});

test('connections that stay, idle transactions and prepared ones are each named', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const stays = await site.session('web');
  const idle = await site.session('report');
  await idle.query('begin; select 1');
  const preparing = await site.session('two-phase');
  await preparing.query("begin; create table x (); prepare transaction 'left over'");
  const report = await hands.run('pause-writers', {}, { now: hurriedClock() });
  await preparing.query("rollback prepared 'left over'");
  await stays.end();

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('1 connection of web');
  expect(report.says).toMatch(/an open transaction in a session of report \(pid \d+/);
  expect(report.says).toContain('the prepared transaction left over');
});

test('whoever is writing at this moment is an open transaction too, whatever its session is called', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const busy = await site.session('batch-import');
  const writing = busy
    .query('create table kept (id int); select pg_sleep(60)')
    .catch(() => 'ended');
  const report = await hands.run('pause-writers', {}, { now: hurriedClock() });

  expect(report.outcome).toBe('failed');
  const [, pid] = /session of batch-import \(pid (\d+), user \w+, active\)/.exec(report.says) ?? [];
  expect(report.says).toContain(`\`select pg_terminate_backend(${pid})\``);
  const ending = await site.session('dba');
  await ending.query('select pg_terminate_backend($1)', [pid]);
  expect(await writing).toBe('ended');
});

test('a transaction that has been open for seconds is named before any service is stopped', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  await site.write({ calls: '' });
  const idle = await site.session('report');
  await idle.query('begin');
  // Its age is the server's to say: nothing else makes it older than time.
  await idle.query('select pg_sleep(5.6)');
  const report = await hands.run('pause-writers');
  await idle.query('rollback');

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/^No service was stopped: .*session of report/);
  expect(resultIn(report, 'pause-writers').services).toEqual([]);
  expect((await site.calls()).filter((one) => one.startsWith('stop'))).toEqual([]);
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);

  hands.story = hands.story.ends('pause-writers', report);
  const back = await hands.run('resume-services', { version: 'same' });
  expect(back.says).toBe('No service was stopped, so none is started.');
});

test('connections of a service whose application names nobody configured are not proven gone', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const [web, worker] = site.target.services;
  if (web === undefined || worker === undefined) throw new Error('there are two');
  const target = { ...site.target, services: [{ ...web, applicationNames: [] }, worker] };
  const report = await hands.run('pause-writers', {}, { target });

  expect(report.outcome).toBe('succeeded');
  expect(resultIn(report, 'pause-writers').remainingConnections).toBe(null);
  expect(evidenceIn(report, ITEMS.scaledDown)).toMatchObject({ verdict: 'found' });
  expect(evidenceIn(report, ITEMS.scaledDown)?.says).toMatch(/NOT proven.*for web,/);
});

test('without services there are no connections to look for, and open transactions still count', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const target = { ...site.target, services: [] };
  // The demo services still run: they are strangers now, and hold no transaction open.
  const report = await hands.run('pause-writers', {}, { target });
  expect(evidenceIn(report, ITEMS.scaledDown)).toMatchObject({ verdict: 'not-applicable' });

  const idle = await site.session('report');
  await idle.query('begin; select 1');
  const barred = await hands.run('pause-writers', {}, { target, now: hurriedClock() });
  await idle.query('rollback');
  expect(barred.outcome).toBe('failed');
});

test('aborted in the middle, what the services were is not forgotten', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  const stopping = await site.gate('stop-worker');
  const aborting = new AbortController();
  const running = hands.run('pause-writers', {}, { signal: aborting.signal });
  await stopping.arrived();
  aborting.abort(new Fault('stopped', 'It was aborted.'));
  const report = await running;
  await stopping.open();

  expect(report.outcome).toBe('stopped');
  expect(resultIn(report, 'pause-writers').services).toEqual(BOTH_RAN);
});

test('aborted while nobody was at it, it ends with what it had kept', async () => {
  await using site = await aSite();
  const hands = await approved(site);
  expect(await hands.look('pause-writers')).toEqual({ state: 'not-begun' });

  hands.story = hands.story.begins('pause-writers').happens(event('abort-asked', {}));
  hands.recorded = { services: BOTH_RAN };
  const report = endedIn(await hands.look('pause-writers'));
  expect(report.outcome).toBe('stopped');
  expect(resultIn(report, 'pause-writers').services).toEqual(BOTH_RAN);
});
