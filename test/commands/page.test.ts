import { expect, test } from 'vitest';
import { containing, planned } from '../support/conversation.ts';

test('each call of a role rings anew', () => {
  const talk = planned();
  talk.later(5);

  talk.type('eve', 'page dba the down file drops a column');

  expect(talk.incident().pages).toMatchObject([
    { role: 'dba', level: 1 },
    { role: 'dba', level: 2, reason: 'the down file drops a column' },
  ]);
  expect(talk.incident().operations.at(-1)).toMatchObject({ step: 'page-2' });
});

test('without a reason, the incident is the reason', () => {
  const talk = planned();
  talk.type('eve', 'page on-call');

  expect(talk.incident().pages.at(-1)).toMatchObject({
    role: 'on_call',
    reason: 'auth: logins fail',
  });
});

test('whoever presses twice calls once', () => {
  const talk = planned();
  talk.type('eve', 'page oncall');

  expect(talk.type('ben', 'page oncall')).toMatchObject({ code: 'just-paged' });
  talk.later(1);
  expect(talk.type('ben', 'page oncall').kind).toBe('decision');
});

test('a role without a page address is called by people', () => {
  expect(planned().type('eve', 'page platform')).toMatchObject({
    code: 'nobody-to-page',
    next: containing('Call {person:pat} yourself'),
  });
});

test('who is needed is asked for', () => {
  expect(planned().type('eve', 'page')).toMatchObject({
    kind: 'needs-form',
    help: { choices: { role: [{ about: '2 people' }, {}, { about: 'No page address is set' }] } },
  });
  expect(planned().type('eve', 'page everybody')).toMatchObject({ code: 'bad-input' });
});
