import { afterEach, expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { event } from '../../src/incident/events.ts';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import type { Hands } from '../support/hands.ts';
import { endedIn, evidenceIn, hurriedClock, paused, resultIn } from '../support/hands.ts';
import type { Site, SiteOptions } from '../support/site.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const PREVIOUS = { version: 'previous' };
const SAME = { version: 'same' };

async function stopped(options: SiteOptions = {}): Promise<{ site: Site; hands: Hands }> {
  const site = await aSite(options);
  const { hands } = await paused(site);
  await site.write({ calls: '' });
  return { site, hands };
}

test('after a rollback the services run in the version before', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const report = await hands.run('resume-services', PREVIOUS);

  expect(report.outcome).toBe('succeeded');
  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
  expect(evidenceIn(report, ITEMS.previousVersion)?.says).toContain('web and worker');
});

test('when nothing changed they run in the version they had', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const report = await hands.run('resume-services', SAME);

  expect(report.outcome).toBe('succeeded');
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
  expect(await site.calls()).toEqual(['start web', 'start worker']);
});

test('without a command for the version before they are started, and a person is told to look', async () => {
  const { site, hands } = await stopped({ without: ['previous'] });
  await using _ = site;
  const report = await hands.run('resume-services', PREVIOUS);

  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
  expect(evidenceIn(report, ITEMS.previousVersion)).toMatchObject({ verdict: 'found' });
});

test('after a rollback, a service that had crashed before it is started too', async () => {
  await using site = await aSite();
  await site.team('stop', 'web');
  const { hands } = await paused(site);
  const pause = hands.story.incident.operations.find((one) => one.step === 'pause-writers');
  expect(pause?.says).toContain('Stopped: worker. Stopped already: web.');
  hands.story = hands.story.ends('run-down');
  const report = await hands.run('resume-services', PREVIOUS);

  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
  expect(report.says).toBe('Back and running: web, worker.');
});

test('what was stopped before we came stays stopped', async () => {
  await using site = await aSite();
  const { hands } = await paused(site);
  hands.story = hands.story.happens(event('abort-asked', {}));
  const [pause] = hands.story.incident.operations.filter((one) => one.step === 'pause-writers');
  expect(pause?.state).toBe('succeeded');
  const report = await hands.run('resume-services', SAME, {
    incident: {
      ...hands.story.incident,
      operations: hands.story.incident.operations.map((one) =>
        one.step === 'pause-writers'
          ? {
              ...one,
              result: {
                job: 'pause-writers',
                services: [
                  { service: 'web', was: 'unknown' },
                  { service: 'worker', was: 'stopped' },
                ],
                remainingConnections: 0,
              },
            }
          : one,
      ),
    },
  });

  expect(report.outcome).toBe('succeeded');
  expect(await site.standing()).toEqual(['web running 2', 'worker stopped']);
  expect(report.says).toContain('NOT started, stopped before this began: worker.');
});

test('when nobody knows what was stopped, everything is started', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const { incident } = hands.story;
  const report = await hands.run('resume-services', SAME, {
    incident: {
      ...incident,
      operations: incident.operations.map(({ result, ...one }) =>
        one.step === 'pause-writers' || result === undefined ? one : { ...one, result },
      ),
    },
  });

  expect(report.outcome).toBe('succeeded');
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
});

test('one that does not start is said, and the other is started all the same', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  await site.write({ 'broken/start-web': '' });
  const report = await hands.run('resume-services', PREVIOUS);

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/NOT all services are back.*web.*\/rollback resume/);
  expect(await site.standing()).toEqual(['web stopped', 'worker running 1']);
});

test('the version before is told once, however often it is tried', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  hands.story = hands.story.ends('run-down').ends('verify');
  await site.write({ 'broken/start-web': '' });
  await hands.does('resume-services', PREVIOUS);
  await site.remove('broken');
  hands.story = hands.story.happens(
    event('resume-asked', { round: 1, attempt: 2, version: 'previous' }),
  );
  const report = await hands.run('resume-services', PREVIOUS);

  expect(report.outcome).toBe('succeeded');
  expect((await site.calls()).filter((one) => one.startsWith('previous'))).toEqual([
    'previous web',
    'previous worker',
  ]);
  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
});

test('after a crash the next worker neither switches nor starts a second time', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const starting = await site.gate('start-worker');
  const dying = new AbortController();
  const first = hands.run('resume-services', PREVIOUS, { signal: dying.signal });
  first.catch(() => undefined);
  await starting.arrived();
  dying.abort();
  await expect(first).rejects.toThrow();
  await starting.open();
  expect(await hands.look('resume-services', PREVIOUS)).toEqual({ state: 'not-begun' });
  const report = await hands.run('resume-services', PREVIOUS);

  expect(report.outcome).toBe('succeeded');
  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
  expect((await site.calls()).filter((one) => one === 'start web')).toHaveLength(1);
});

test('a switch of which nobody knows whether it happened is unknown, and not told again', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const switching = await site.gate('previous-worker');
  const dying = new AbortController();
  const first = hands.run('resume-services', PREVIOUS, { signal: dying.signal });
  first.catch(() => undefined);
  await switching.arrived();
  dying.abort();
  await expect(first).rejects.toThrow();
  await switching.open();
  const report = endedIn(await hands.look('resume-services', PREVIOUS));

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/worker.*UNKNOWN.*resume same/);
  expect(resultIn(report, 'resume-services').services).toMatchObject([
    { service: 'web', switched: true },
  ]);
  const again = await hands.run('resume-services', PREVIOUS);
  expect(again.says).toContain('UNKNOWN');

  hands.story = hands.story
    .ends('run-down')
    .ends('verify')
    .ends('resume-services', report)
    .happens(event('resume-asked', { round: 1, attempt: 2, version: 'same' }));
  hands.recorded = null;
  expect((await hands.run('resume-services', SAME)).outcome).toBe('succeeded');
  expect((await site.calls()).filter((one) => one.startsWith('previous'))).toEqual([
    'previous web',
    'previous worker',
  ]);
});

test('when its time is over it says which are back, and what was switched is kept', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  const starting = await site.gate('start-web');
  const late = new AbortController();
  const running = hands.run('resume-services', PREVIOUS, { signal: late.signal });
  await starting.arrived();
  late.abort(new Fault('timed-out', 'This took longer than 15 minutes and was stopped.'));
  const report = await running;
  await starting.open();

  expect(report.outcome).toBe('failed');
  expect(resultIn(report, 'resume-services').services[0]).toMatchObject({
    service: 'web',
    ok: false,
    switched: true,
  });
});

test('one that was started and does not run is not called back', async () => {
  const { site, hands } = await stopped();
  await using _ = site;
  await site.write({ 'services/web/unclear': '' });
  const report = await hands.run('resume-services', SAME, { now: hurriedClock() });

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('web: It was started and is not running after 60 s');
});
