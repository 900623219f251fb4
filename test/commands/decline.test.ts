import { expect, test } from 'vitest';
import { approved, containing, planned, started } from '../support/conversation.ts';

test('declining takes back the approvals that were given', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');

  talk.type('dora', 'decline the down file drops a column');

  expect(talk.incident().approvals).toMatchObject([{ state: 'voided' }]);
  expect(talk.incident().declined).toMatchObject({ why: 'the down file drops a column' });
});

test('a reason is asked for', () => {
  expect(planned().type('dora', 'decline')).toMatchObject({
    kind: 'needs-form',
    help: { intro: containing('from version 3 to 2') },
  });
});

test('a plan is declined once', () => {
  const talk = planned();
  talk.type('dora', 'decline no');

  expect(talk.type('dora', 'decline no')).toMatchObject({ code: 'declined' });
});

test('only whoever could approve can decline', () => {
  expect(planned().type('pat', 'decline no')).toMatchObject({ code: 'not-in-role' });
});

test('what is not there or runs already cannot be declined', () => {
  expect(started().type('anna', 'decline no')).toMatchObject({ code: 'no-plan' });
  expect(approved().type('anna', 'decline no')).toMatchObject({ code: 'running' });
});

test('an old button does not decline the new plan', () => {
  expect(planned().say('dora', 'decline', { hash: '00000000', why: 'no' })).toMatchObject({
    code: 'plan-changed',
  });
});
