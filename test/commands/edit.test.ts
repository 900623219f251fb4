import { expect, test } from 'vitest';
import { timelineOf } from '../../src/incident/history/timeline.ts';
import { approved, containing, planned, started } from '../support/conversation.ts';

test('what was said at the start can be changed afterwards', () => {
  const talk = planned();

  talk.type('anna', 'edit impact="half of all logins" why="the release takes an hour"');

  expect(talk.incident().details).toEqual({
    impact: 'half of all logins',
    whyNotFixForward: 'the release takes an hour',
  });
  expect(talk.type('anna', 'edit impact="half of all logins"').kind).toBe('answer');
});

test('another suspected migration makes another plan', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');

  talk.type('ben', 'edit suspected=2');

  expect(talk.incident().plan?.plan).toMatchObject({ from: '3', to: '1' });
  expect(talk.incident().approvals).toMatchObject([{ state: 'voided' }]);
});

test('only what is applied can be suspected, and only before the rollback', () => {
  expect(planned().type('anna', 'edit suspected=4')).toMatchObject({
    code: 'unknown-version',
    field: 'suspectedVersion',
    say: containing('Known: 3, 2 and 1.'),
  });
  expect(approved().type('anna', 'edit suspected=2')).toMatchObject({ code: 'too-late-to-change' });
  expect(approved().type('anna', 'edit impact="all logins"').kind).toBe('decision');
});

test('the form shows what is there', () => {
  expect(planned().type('anna', 'edit')).toMatchObject({
    kind: 'needs-form',
    help: { presets: { sentence: 'logins fail' }, choices: { suspectedVersion: [{}, {}, {}] } },
  });
  expect(started().type('anna', 'edit')).toMatchObject({ help: { without: ['suspectedVersion'] } });
});

test('what is emptied in the form is taken back, and the history says so', () => {
  const talk = planned();
  talk.type('anna', 'edit impact="half of all `logins`" why="a release takes an hour" suspected=2');
  const form = talk.type('ben', 'edit');
  const presets = form.kind === 'needs-form' ? form.help.presets : {};
  expect(talk.incident().details.impact).toBe('half of all `logins`');

  talk.say('ben', 'edit', { shown: presets?.['shown'], sentence: 'logins fail', impact: ' ' });

  expect(talk.incident().details).toEqual({});
  expect(talk.incident().said).toMatchObject({ sentence: { by: 'anna' } });
  expect(talk.incident().said.impact).toBeUndefined();
  expect(talk.incident().plan?.plan).toMatchObject({ from: '3', to: '2' });
  expect(timelineOf(talk.events()).map((one) => one.what)).toContain(
    'Took back: who notices, why not fix forward and the suspected migration.',
  );
});

test('a field that was empty when the form was opened is left to whoever fills it meanwhile', () => {
  const talk = started();
  const form = talk.type('ben', 'edit');
  const presets = form.kind === 'needs-form' ? form.help.presets : {};
  talk.type('anna', 'edit impact="all logins"');

  talk.say('ben', 'edit', { shown: presets?.['shown'], sentence: 'no logins at all' });

  expect(talk.incident()).toMatchObject({
    sentence: 'no logins at all',
    details: { impact: 'all logins' },
  });
});

test('a name with nothing behind it takes back what was said; what is wrong stays said', () => {
  const talk = started();
  talk.type('anna', 'edit impact="all logins"');

  talk.type('anna', 'edit impact=""');

  expect(talk.incident().details).toEqual({});
  expect(talk.type('anna', 'edit sentence=')).toMatchObject({ code: 'bad-input' });
});
