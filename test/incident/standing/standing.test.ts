import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import { fold } from '../../../src/incident/fold.ts';
import type { Standing } from '../../../src/incident/standing/standing.ts';
import { standing } from '../../../src/incident/standing/standing.ts';
import { anyHistory } from '../../support/any-event.ts';
import type { Stage, Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aTarget, someFacts } from '../../support/targets.ts';

function at(story: Story): Standing {
  return standing(story.incident, story.target, story.now);
}
const WEB = { service: 'web', ok: true, says: 'Running.', switched: false };
const verbs = (story: Story): readonly string[] => at(story).moves.map((one) => one.verb);

describe('the stage and what can be done', () => {
  test.each<[Stage, Standing['stage'], readonly string[]]>([
    ['opened', 'preparing', ['plan', 'page']],
    ['planned', 'awaiting-approval', ['approve', 'decline']],
    ['approved', 'approved', ['run', 'abort']],
    ['running', 'running', ['abort']],
    ['rolled-back', 'running', ['page']],
    ['done', 'rolled-back', ['close']],
    ['closed', 'closed', []],
  ])('%s', (stage, word, moves) => {
    expect(at(aStoryAt(stage)).stage).toBe(word);
    expect(verbs(aStoryAt(stage))).toEqual(moves);
  });

  test('what stands in the way is said with what to do about it', () => {
    const dirty = someFacts({ version: { state: 'at', version: '8', dirty: true } });
    const story = aStory()
      .ends('assess', { result: { job: 'assess', facts: dirty } })
      .ends('back-up');

    expect(at(story).stage).toBe('blocked');
    expect(at(story).headline).toContain('8 (dirty)');
    expect(at(story).next).toContain('A DBA compares the schema first');
  });

  test('whoever holds one key is not awaited for the other', () => {
    const both = aTarget({
      roles: { on_call: { people: ['anna', 'dora'] }, dba: { people: ['dora'] } },
    });
    const story = aStoryAt('planned', { target: both }).approves('dora', 'dba');

    expect(at(story).awaited).toEqual([
      { role: 'on_call', people: ['anna'], what: 'approval as on-call engineer' },
    ]);
  });

  test('a button carries the plan that stands beside it', () => {
    const story = aStoryAt('planned');

    expect(at(story).moves[0]?.input).toEqual({
      incident: 'INC-1',
      hash: story.incident.plan?.hash,
    });
  });
});

describe('when it does not go as planned', () => {
  const toDown = (): Story => aStoryAt('running').ends('maintenance-on').ends('pause-writers');

  test('a failed rollback that changed nothing puts everything back by itself', () => {
    const failed = toDown().ends('run-down', {
      outcome: 'failed',
      says: 'lock timeout',
      result: {
        job: 'run-down',
        schema: 'unchanged',
        version: { state: 'at', version: '8', dirty: false },
        before: 'sha256:aa',
        after: 'sha256:aa',
        tookMs: 10,
        drift: [],
      },
    });
    const back = failed
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [WEB] },
      })
      .ends('maintenance-off');

    expect(at(failed)).toMatchObject({ stage: 'restoring' });
    expect(at(back)).toMatchObject({
      stage: 'put-back',
      headline: 'The rollback did not happen, and everything is as it was before.',
      more: ['lock timeout', 'Back in the version they had: web.'],
    });
    expect(verbs(back)).toEqual(['run', 'close']);
    expect(verbs(back.waits(31 * 60_000))).toEqual(['approve', 'decline']);
  });

  test('a version row that the failure left dirty is set right before anything is tried again', () => {
    const back = toDown()
      .ends('run-down', { outcome: 'failed', says: 'lock timeout' })
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [] },
      })
      .ends('maintenance-off');

    expect(at(back)).toMatchObject({ stage: 'put-back', awaited: [{ role: 'dba' }] });
    expect(at(back).next).toContain('migrate force 8');
    expect(verbs(back)).toEqual(['plan', 'page']);
    const again = back.happens(event('assessment-asked', { round: 2 }));
    expect(at(again).headline).toContain('the version row was left dirty');
    expect(at(again).abortCost).not.toContain('Nothing has been changed');
    expect(back.incident.approvals.every((one) => one.state === 'given')).toBe(true);
  });

  test('when nobody knows what the database is, a DBA is awaited and nothing goes on', () => {
    const story = toDown().ends('run-down', {
      outcome: 'failed',
      result: {
        job: 'run-down',
        schema: 'unknown',
        version: { state: 'at', version: '7', dirty: true },
        before: 'sha256:aa',
        after: 'sha256:bb',
        tookMs: 10,
        drift: [],
      },
    });

    expect(at(story)).toMatchObject({ stage: 'needs-a-person', awaited: [{ role: 'dba' }] });
    expect(at(story).more.join(' ')).toContain('Do not force.');
    expect(at(story).more.join(' ')).toContain('Stopped by us: auth-service and gateway-service.');
    // Which version fits is not known, so the form asks.
    expect(at(story).moves[0]).toMatchObject({ verb: 'resume', input: { incident: 'INC-1' } });
  });

  test('of what the tool printed, the line that decides is on the card', () => {
    const failed = toDown().ends('run-down', {
      outcome: 'failed',
      says: 'The down failed.',
      tail: 'Start buffering 2/d\nerror: migration failed\npq: division by zero\n',
    });

    expect(at(failed).more).toContain('The tool said: pq: division by zero');
  });

  test('what was not told to start in the version before is not said to run in it', () => {
    const mixed = aStoryAt('rolled-back')
      .ends('verify')
      .ends('resume-services', {
        result: {
          job: 'resume-services',
          version: 'previous',
          services: [WEB, { ...WEB, service: 'worker', switched: true }],
        },
      });

    expect(at(mixed).more).toContain('Back in the previous version: worker.');
    expect(at(mixed).more).toContain('Back in the version they had: web.');
  });

  test('services that stopping never came to are not said to be stopped', () => {
    const story = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers', {
        outcome: 'failed',
        says: 'No service was stopped.',
        result: { job: 'pause-writers', services: [], remainingConnections: null },
      })
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [] },
      })
      .ends('maintenance-off');

    expect(at(story).more).toEqual(['No service was stopped.', 'The services were never stopped.']);
  });

  test('services that are not back are named', () => {
    const story = aStoryAt('rolled-back')
      .ends('verify')
      .ends('resume-services', { outcome: 'failed' });

    expect(at(story).stage).toBe('needs-a-person');
    expect(at(story).more).toContain(
      '*Not every service is back*: auth-service and gateway-service.',
    );
    expect(at(story).moves[0]).toMatchObject({ verb: 'resume', input: { version: 'previous' } });
  });

  test('a worker that died is looked after, not called a failure', () => {
    const story = toDown().begins('run-down').dies('run-down');

    expect(at(story).stage).toBe('running');
    expect(at(story).headline).toContain('What happened is being looked up.');
  });

  test('lost approvals say what changed', () => {
    const story = aStoryAt('planned').approves('dora', 'dba');
    const hash = story.incident.plan?.hash ?? 'sha256:none';
    const voided = story.happens(event('approvals-voided', { hash, fields: ['the down files'] }));

    expect(at(voided).more).toContain('Approvals were lost, because this changed: the down files.');
  });
});

describe('what aborting would cost', () => {
  test('is nothing before the run, a restart during it, and out of the question after it', () => {
    expect(at(aStoryAt('planned')).abortCost).toMatch(/costs nothing/);
    expect(at(aStoryAt('running')).abortCost).toMatch(/has not been touched/);
    expect(at(aStoryAt('rolled-back')).abortCost).toMatch(/too late/);
    expect(at(aStoryAt('done')).abortCost).toBeNull();
  });

  test('is said to be dangerous while a file runs that commits by itself', () => {
    const facts = someFacts();
    const migrations = facts.folder.migrations.map(({ down, ...rest }) => ({
      ...rest,
      ...(down === undefined ? {} : { down: { ...down, transactional: false } }),
    }));
    const loose = { ...facts, folder: { ...facts.folder, migrations } };
    const story = aStory()
      .ends('assess', { result: { job: 'assess', facts: loose } })
      .ends('back-up')
      .approves('anna', 'on_call')
      .approves('dora', 'dba')
      .ends('maintenance-on')
      .ends('pause-writers')
      .begins('run-down');

    expect(at(story).abortCost).toMatch(/may leave the database half-way/);
  });
});

describe('the outage', () => {
  test('runs from the opening until the services were seen healthy', () => {
    expect(at(aStoryAt('rolled-back')).outage.until).toBeNull();
    const { incident } = aStoryAt('done');
    const healthy = incident.operations.find((one) => one.step === 'check-services');

    expect(at(aStoryAt('done')).outage).toEqual({
      since: incident.openedAt,
      until: healthy?.endedAt,
    });
  });
});

test('any history stands somewhere, with at most two things to do', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const incident = fold(history);
      if (incident === null) throw new Error('no incident');
      const found = standing(incident, aTarget(), new Date('2026-11-22T03:10:00.000Z'));

      expect(found.moves.length).toBeLessThanOrEqual(2);
      expect(found.headline.trim()).not.toBe('');
      expect(found.next.trim()).not.toBe('');
    }),
  );
});
