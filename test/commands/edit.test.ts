import { expect, test } from 'vitest';
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
