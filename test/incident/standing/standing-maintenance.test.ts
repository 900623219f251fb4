import { describe, expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import type { Standing } from '../../../src/incident/standing/standing.ts';
import { standing } from '../../../src/incident/standing/standing.ts';
import type { Story } from '../../support/incidents.ts';
import { aStoryAt } from '../../support/incidents.ts';

function at(story: Story): Standing {
  return standing(story.incident, story.target, story.now);
}

describe('maintenance', () => {
  const on = { job: 'set-maintenance', wanted: 'on', configured: true } as const;
  const off = { job: 'set-maintenance', wanted: 'off', configured: true } as const;
  const ill = { outcome: 'failed', says: 'web is NOT healthy.' } as const;
  const toChecks = (): Story =>
    aStoryAt('running')
      .ends('maintenance-on', { result: on })
      .ends('pause-writers')
      .ends('run-down')
      .ends('verify')
      .ends('resume-services');
  const resumed = (story: Story, attempt: number): Story =>
    story
      .happens(event('resume-asked', { round: 1, attempt, version: 'previous' }))
      .ends('resume-services');

  test('services that are not healthy keep it on, and the card says so', () => {
    const story = toChecks().ends('check-services', ill);

    expect(at(story)).toMatchObject({
      stage: 'needs-a-person',
      headline: 'web is NOT healthy.',
      moves: [{ verb: 'resume', label: 'Check again' }, { verb: 'page' }],
    });
    expect(at(story).more[0]).toContain('Maintenance is ON');
    expect(at(story).outage.until).toBeNull();
  });

  test('whoever asks a second time ends it, whatever the checks say', () => {
    const again = resumed(toChecks().ends('check-services', ill), 2).ends('check-services', ill);
    expect(at(again).stage).toBe('needs-a-person');
    expect(at(again).moves[0]?.label).toBe('Maintenance off anyway');
    expect(at(again).next).toContain('whatever the checks say');

    const ended = resumed(again, 3)
      .ends('check-services', ill)
      .ends('check-performance')
      .ends('maintenance-off', { result: off });
    expect(at(ended).stage).toBe('rolled-back');
    expect(at(ended).headline).toContain('NOT found healthy');
    expect(at(ended).outage.until).toBeNull();
  });

  test('the outage lasts until it is off, not until the services are healthy', () => {
    const healthy = toChecks().ends('check-services');
    expect(at(healthy).outage.until).toBeNull();

    const stuck = healthy
      .ends('check-performance')
      .ends('maintenance-off', { outcome: 'failed', says: 'Its command failed.' });
    expect(at(stuck).outage.until).toBeNull();
    expect(at(stuck).moves[0]?.label).toBe('Switch maintenance off');
    expect(at(stuck).more[0]).toContain('Maintenance is ON');

    const over = resumed(stuck, 2)
      .ends('check-services')
      .ends('check-performance')
      .ends('maintenance-off', { result: off });
    expect(at(over).stage).toBe('rolled-back');
    expect(at(over).outage.until).toBe(
      over.incident.operations.findLast((one) => one.step === 'maintenance-off')?.endedAt,
    );
  });

  test('a look at queries that fails keeps nobody out', () => {
    const story = toChecks()
      .ends('check-services')
      .ends('check-performance', { outcome: 'failed', says: 'No answer in time.' })
      .ends('maintenance-off', { result: off });

    expect(at(story).stage).toBe('rolled-back');
  });
});
