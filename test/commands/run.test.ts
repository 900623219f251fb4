import { expect, test } from 'vitest';
import { approved, containing, planned, started } from '../support/conversation.ts';
import { aTarget, maintenance, paused, resumed, wentDown } from '../support/worlds.ts';

const BY_HAND = aTarget({ policy: { start: 'by_hand' } });

test('with both keys turned, any of the team starts the run', () => {
  const talk = approved(BY_HAND);

  talk.type('pat', 'run');

  expect(talk.incident().runs).toMatchObject([{ round: 1, approvers: ['anna', 'dora'] }]);
  expect(talk.type('anna', 'run')).toMatchObject({ code: 'running' });
});

test('one key is not enough', () => {
  const talk = planned(BY_HAND);
  talk.type('anna', 'approve all-done');

  expect(talk.type('anna', 'run')).toMatchObject({
    code: 'not-approved',
    say: 'This plan is not approved: the database administrator is missing.',
    next: 'Ask {person:dora} or {person:dev} to press Approve.',
  });
});

test('two keys that are not there at the same time are not enough', () => {
  const talk = planned(BY_HAND);
  talk.type('anna', 'approve all-done');
  talk.later(29);
  talk.type('dora', 'approve');
  talk.later(2);

  expect(talk.type('anna', 'run')).toMatchObject({ code: 'approval-expired' });
});

test('an old button does not start the new plan', () => {
  expect(approved(BY_HAND).type('anna', 'run 00000000')).toMatchObject({ code: 'plan-changed' });
});

test('there is nothing to run before there is a plan, or after it was declined', () => {
  expect(started().type('anna', 'run')).toMatchObject({ code: 'no-plan' });
  const talk = planned();
  talk.type('dora', 'decline no');
  expect(talk.type('anna', 'run')).toMatchObject({ code: 'declined' });
});

test('a run that was put back can be started again with the same two keys', () => {
  const talk = approved();
  talk.finish('maintenance-on', { outcome: 'failed', says: 'The command exited with 1.' });
  talk.finish('resume-services', { result: resumed('same') });
  talk.finish('maintenance-off', { result: maintenance('off') });

  expect(talk.incident().runs).toHaveLength(1);
  expect(talk.type('anna', 'approve')).toMatchObject({
    code: 'already-approved',
    next: containing('/rollback run'),
  });
  talk.type('anna', 'run');
  expect(talk.incident().runs).toMatchObject([{ round: 1 }, { round: 2 }]);
});

test('a run that is done, or that needs a person, is not started again', () => {
  const stuck = approved();
  stuck.finish('maintenance-on', { result: maintenance('on') });
  stuck.finish('pause-writers', { result: paused() });
  stuck.finish('run-down', {
    outcome: 'failed',
    result: wentDown('unknown'),
    says: 'The connection was lost.',
  });
  expect(stuck.type('anna', 'run')).toMatchObject({
    code: 'needs-a-person',
    say: 'The run has stopped: The connection was lost.',
  });

  const done = approved();
  done.finish('maintenance-on', { result: maintenance('on') });
  done.finish('pause-writers', { result: paused() });
  done.finish('run-down', { result: wentDown('rolled-back') });
  done.finish('verify');
  done.finish('resume-services', { result: resumed('previous') });
  done.finish('check-services');
  done.finish('check-performance');
  done.finish('maintenance-off', { result: maintenance('off') });
  expect(done.type('anna', 'run')).toMatchObject({ code: 'already-done' });
});
