import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { event } from '../../src/incident/events.ts';
import { ITEMS } from '../../src/incident/evidence.ts';
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
  expect(report.says).toContain('an open transaction of report');
  expect(report.says).toContain('the prepared transaction left over');
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
