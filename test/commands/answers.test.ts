import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { aConversation, containing, planned, started } from '../support/conversation.ts';
import { aTarget } from '../support/worlds.ts';

test('help lists every verb with its usage, and nothing that is hidden', () => {
  const heard = aConversation().type('anna', 'help');
  const text = heard.kind === 'answer' ? heard.reply.text : '';

  for (const { verb, help, hidden } of commands) {
    expect(text.includes(`/rollback ${verb}`) && text.includes(help), verb).toBe(!hidden);
  }
});

test.each(commands.filter((one) => !one.hidden).map((one) => one.verb))(
  'help tells about %s',
  (verb) => {
    expect(aConversation().type('anna', `help ${verb}`)).toMatchObject({
      kind: 'answer',
      reply: { text: containing(`/rollback ${verb}`) },
    });
  },
);

test('a verb has the same other spellings in help as everywhere else', () => {
  for (const said of ['backup', 'Back_up', 'BACKUP.']) {
    expect(aConversation().type('anna', `help ${said}`)).toMatchObject({
      reply: { text: containing('/rollback back-up') },
    });
  }
});

test('the scenarios and the prevention list are there to read', () => {
  const talk = aConversation();

  expect(talk.type('anna', 'help scenarios')).toMatchObject({
    reply: { text: containing('Column Rename') },
  });
  expect(talk.type('anna', 'help prevention')).toMatchObject({
    reply: { text: containing('Always Test Rollbacks') },
  });
  expect(talk.type('anna', 'help me')).toMatchObject({ code: 'bad-input' });
});

test('a status without an incident lists those that are open', () => {
  expect(aConversation().type('anna', 'status')).toMatchObject({
    reply: { text: 'No incident is open. `/rollback start` opens one.' },
  });
  expect(started().type('anna', 'status')).toMatchObject({
    reply: { text: containing('INC-1 for auth'), show: 'status' },
  });
});

test('the bare command shows the panel', () => {
  expect(aConversation().type('anna', 'panel')).toMatchObject({ reply: { show: 'panel' } });
  expect(planned().type('anna', 'panel')).toMatchObject({
    reply: { text: containing('The plan is ready'), show: 'panel' },
  });
});

test('contacts are told with and without an incident', () => {
  expect(aConversation().type('anna', 'contacts')).toMatchObject({
    reply: {
      text: containing(
        '• database administrator: {person:dora} or {person:dev} (called by PagerDuty)',
      ),
    },
  });
  expect(planned().type('anna', 'contacts')).toMatchObject({ reply: { show: 'contacts' } });
});

test('contacts of several targets are all told when none is meant', () => {
  const talk = aConversation({ others: [aTarget({ name: 'billing' })] });

  expect(talk.type('anna', 'contacts')).toMatchObject({
    reply: { text: containing('Who answers for billing:') },
  });
});

test('history tells what happened in the order in which it happened, also afterwards', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');
  talk.type('ben', 'note the cache was emptied by hand');
  talk.type('anna', 'abort');
  talk.finish('page-1');
  talk.type('anna', 'close abandoned');

  const heard = talk.type('gus', 'history');
  const lines = heard.kind === 'answer' ? heard.reply.text.split('\n') : [];
  const said = lines.map((one) => one.replace(/^\{time:[^}]*\} /, ''));

  expect(said).toEqual([
    'What happened in INC-1:',
    '{person:anna}: Opened for auth: logins fail',
    '{person:anna}: Called the database administrator (call 1): A rollback of auth was started: logins fail',
    expect.stringMatching(/^Backout: Read the database .*: succeeded/),
    expect.stringMatching(/^Backout: Back up the database: succeeded/),
    expect.stringMatching(/^Backout: The plan `[0-9a-f]{8}` was made: 3 to 2\.$/),
    '{person:anna}: 1.3, 1.4, 2.1, 2.2, 2.3, 2.4, 3.2, 3.3 and 3.4: done.',
    expect.stringMatching(/^\{person:anna\}: Approved the plan/),
    '{person:ben}: Note: the cache was emptied by hand',
    '{person:anna}: Asked to abort.',
    expect.stringMatching(/^Backout: Call people: succeeded/),
    '{person:anna}: Closed: abandoned.',
  ]);
});

test('a note is kept as it was typed', () => {
  const talk = planned();

  talk.type('ben', 'note the index on “users”:\n  `create index "by  name"` is missing');
  talk.type('ben', 'check 1.3 Done. all "logins"  fail');

  expect(talk.incident().notes.at(-1)?.text).toBe(
    'the index on “users”:\n  `create index "by  name"` is missing',
  );
  expect(talk.incident().answers['1.3']?.note).toBe('all "logins"  fail');
});

test('a note needs its text', () => {
  expect(planned().type('anna', 'note')).toMatchObject({ kind: 'needs-form' });
  expect(planned().say('anna', 'note', { text: 'x'.repeat(2001) })).toMatchObject({
    kind: 'unreadable',
    problems: { text: 'At most 2000 characters.' },
  });
});

test('people’s own words mention nobody', () => {
  const talk = planned();
  talk.type('eve', 'note wake {person:dora}');

  const heard = talk.type('gus', 'history');

  expect(heard.kind === 'answer' && heard.reply.text.includes('wake {person:dora}')).toBe(false);
});
