import { expect, test } from 'vitest';
import { approved, containing, planned, started } from '../support/conversation.ts';
import { maintenance, paused, resumed, wentDown } from '../support/worlds.ts';

test('before a run, an abort takes back the approvals', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');

  talk.type('ben', 'abort we found another way');

  expect(talk.incident().approvals).toMatchObject([{ state: 'voided' }]);
  expect(talk.incident().abortedAt).toBeDefined();
  expect(talk.events().at(-1)).toMatchObject({ data: { why: 'we found another way' } });
});

test('a backup that is being taken can be aborted', () => {
  expect(started().type('anna', 'abort')).toMatchObject({ kind: 'decision' });
});

test('after a down that left the version row dirty, an abort does not say that nothing has been changed', () => {
  const talk = approved();
  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  talk.finish('run-down', { outcome: 'failed', result: wentDown('unchanged', true) });
  talk.finish('resume-services', { result: resumed('same') });
  talk.finish('maintenance-off', { result: maintenance('off') });

  expect(talk.type('anna', 'abort')).toMatchObject({
    reply: {
      text: containing('Aborted. The schema is as it was; the version row was left dirty.'),
    },
  });
});

test('where nothing runs and nothing is approved, there is nothing to abort', () => {
  expect(planned().type('anna', 'abort')).toMatchObject({ code: 'nothing-to-abort' });
});

test('during a run, what was stopped comes back and nothing more is done', () => {
  const talk = approved();
  talk.finish('maintenance-on', { result: maintenance('on') });

  const heard = talk.type('anna', 'abort');

  expect(heard).toMatchObject({
    reply: { text: containing('while the services are being stopped') },
  });
  talk.finish('resume-services', { result: resumed('same') });
  talk.finish('maintenance-off', { result: maintenance('off') });
  expect(talk.incident().operations.some((one) => one.step === 'run-down')).toBe(false);
});

test('while the database is being changed, the abort says that it looks before it speaks', () => {
  const talk = approved();
  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  talk.begin('run-down');

  expect(talk.type('anna', 'abort')).toMatchObject({
    reply: { text: containing('Then the database is looked at') },
  });
  expect(talk.type('anna', 'abort')).toMatchObject({ code: 'already-aborted' });
});

test('a rolled-back database is not aborted', () => {
  const talk = approved();
  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  talk.finish('run-down', { result: wentDown('rolled-back') });

  expect(talk.type('anna', 'abort')).toMatchObject({ code: 'past-the-point' });
  talk.finish('verify', { outcome: 'failed' });
  expect(talk.type('anna', 'abort')).toMatchObject({ code: 'past-the-point' });
});

test('where the run has stopped for a person, an abort says what is open instead', () => {
  const talk = approved();
  talk.finish('maintenance-on', { outcome: 'failed' });
  expect(talk.type('anna', 'abort')).toMatchObject({ code: 'resume-under-way' });

  talk.finish('resume-services', { outcome: 'failed', result: resumed('same') });
  expect(talk.type('anna', 'abort')).toMatchObject({
    code: 'needs-a-person',
    next: containing('/rollback resume'),
  });
});
