import { expect, test } from 'vitest';
import type { Incident } from '../../src/incident/incident.ts';
import { sha256, THE_BACKUP } from '../../src/incident/plan.ts';
import { aStoryAt, type Story } from '../support/incidents.ts';

function drifted(...drift: readonly string[]): Story {
  return aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', {
      outcome: 'failed',
      result: {
        job: 'run-down',
        schema: 'unchanged',
        version: { state: 'at', version: '8', dirty: false },
        before: sha256('schema of 8'),
        tookMs: 0,
        drift: [...drift],
      },
    });
}

function asked({ operations }: Incident): readonly string[] {
  return operations
    .filter((one) => one.state === 'queued' && ['assess', 'back-up'].includes(one.step))
    .map((one) => `${one.step} ${one.round}`);
}

test('a backup that is gone is taken again, and the database is looked at again, once', () => {
  const story = drifted(THE_BACKUP);
  expect(asked(story.incident)).toEqual(['assess 2', 'back-up 2']);

  const after = story
    .ends('assess')
    .ends('back-up')
    .ends('resume-services')
    .ends('maintenance-off');
  expect(asked(after.incident)).toEqual([]);
  expect(after.incident.rounds).toMatchObject({ assess: 2, backUp: 2 });
  expect(after.incident.approvals.every((one) => one.state === 'voided')).toBe(true);
});

test('anything else that changed is looked at again, and the backup stays', () => {
  expect(asked(drifted('the policy').incident)).toEqual(['assess 2']);
});
