import { expect, test } from 'vitest';
import type { Conversation } from '../support/conversation.ts';
import { approved, containing, planned, started } from '../support/conversation.ts';
import { assessed, backedUp, maintenance, paused, resumed, wentDown } from '../support/worlds.ts';

function rolledBack(): Conversation {
  const talk = approved();
  talk.finish('page-1');
  talk.finish('maintenance-on', { result: maintenance('on') });
  talk.finish('pause-writers', { result: paused() });
  talk.finish('run-down', { result: wentDown('rolled-back') });
  return talk;
}

function andBack(talk: Conversation): Conversation {
  talk.finish('verify');
  talk.finish('resume-services', { result: resumed('previous') });
  talk.finish('check-services');
  talk.finish('check-performance');
  talk.finish('maintenance-off', { result: maintenance('off') });
  return talk;
}

test('a rollback that went well is closed with one word', () => {
  const talk = andBack(rolledBack());
  const before = talk.now().getTime();

  talk.type('anna', 'close');

  expect(talk.incident().closed).toMatchObject({ outcome: 'rolled-back' });
  expect(Date.parse(talk.incident().closed?.archiveAt ?? '')).toBe(before + 60 * 60_000);
  expect(talk.type('anna', 'close')).toMatchObject({ code: 'closed' });
});

test('while anything runs, nothing is closed', () => {
  expect(rolledBack().type('anna', 'close')).toMatchObject({ code: 'running' });
  expect(started().type('anna', 'close')).toMatchObject({
    code: 'still-working',
    say: containing('Back up the database'),
  });
});

test('what was not rolled back is closed with an outcome', () => {
  const talk = planned();
  talk.finish('page-1');

  expect(talk.type('anna', 'close')).toMatchObject({
    kind: 'needs-form',
    help: { intro: containing('has not rolled this database back') },
  });
  expect(talk.type('anna', 'close rolled-back')).toMatchObject({
    code: 'needs-outcome',
    field: 'reason',
  });
  talk.type('anna', 'close fixed-another-way a view does it');
  expect(talk.incident().closed).toMatchObject({
    outcome: 'fixed-another-way',
    reason: 'a view does it',
  });
});

test('while services are down, a reason is asked for', () => {
  const talk = rolledBack();
  talk.finish('verify', { outcome: 'failed' });

  expect(talk.type('anna', 'close')).toMatchObject({
    kind: 'needs-form',
    help: {
      intro: containing('The services are still stopped. Maintenance mode may still be on.'),
      presets: { outcome: 'rolled-back' },
    },
  });
  expect(talk.type('anna', 'close abandoned')).toMatchObject({ code: 'needs-outcome' });
  expect(talk.type('anna', 'close abandoned moved to the standby').kind).toBe('decision');
});

test('where no maintenance mode is configured, none is missed', () => {
  const talk = approved();
  talk.finish('page-1');
  talk.finish('maintenance-on', { result: maintenance('on', false) });
  talk.finish('pause-writers', { result: paused() });
  talk.finish('run-down', { result: wentDown('rolled-back') });
  talk.finish('verify');
  talk.finish('resume-services', { result: resumed('previous') });
  talk.finish('check-services', { outcome: 'failed' });

  expect(talk.type('anna', 'close').kind).toBe('decision');
});

test('maintenance of which nobody knows whether it is on is not left without a word', () => {
  const talk = approved();
  talk.finish('page-1');
  talk.finish('maintenance-on', { outcome: 'failed' });
  talk.finish('resume-services', { result: resumed('same') });
  talk.finish('maintenance-off', { outcome: 'failed' });

  expect(talk.type('anna', 'close')).toMatchObject({
    kind: 'needs-form',
    help: { intro: containing('Maintenance mode may still be on.') },
  });
});

test('a dirty version row is not left without a word', () => {
  const talk = started();
  talk.finish('page-1');
  talk.finish('assess', { result: assessed({ isDirty: true }) });
  talk.finish('back-up', { result: backedUp() });

  expect(talk.type('anna', 'close abandoned')).toMatchObject({
    code: 'needs-outcome',
    say: containing('The version row is dirty.'),
  });
});

test('what is no outcome is refused', () => {
  expect(planned().type('anna', 'close please')).toMatchObject({ code: 'bad-input' });
});
