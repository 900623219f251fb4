import { expect, test } from 'vitest';
import type { Ending } from '../support/conversation.ts';
import { approved, containing, planned } from '../support/conversation.ts';
import { aTarget, maintenance, paused, resumed, wentDown } from '../support/worlds.ts';

test('a person answers what only a person can answer', () => {
  const talk = planned();

  talk.type('dev', 'check 2.1 done only the name column was written');

  expect(talk.incident().answers['2.1']).toMatchObject({
    answer: 'done',
    by: 'dev',
    note: 'only the name column was written',
  });
  expect(talk.type('dev', 'check 2.1 done')).toMatchObject({
    kind: 'answer',
    reply: { text: '2.1 is answered already, as {person:dev} said.' },
  });
});

test('an item alone, as its button says it, asks what is so and shows what helps', () => {
  const talk = planned();

  expect(talk.type('dev', 'check 2.2')).toMatchObject({
    kind: 'needs-form',
    help: { intro: containing('*2.2*'), presets: { item: '2.2', answer: 'done' } },
  });
  expect(talk.incident().answers).toEqual({});
});

test('an answer can be taken back', () => {
  const talk = planned();
  talk.type('dev', 'check 2.4 na');
  expect(talk.incident().answers['2.4']).toMatchObject({ answer: 'not-applicable' });

  talk.type('ben', 'check 2.4 open');

  expect(talk.incident().answers).toEqual({});
  expect(talk.type('ben', 'check 2.4 open').kind).toBe('answer');
});

test('what was said at the start is edited, not opened again', () => {
  expect(planned().type('anna', 'check 1.1 open')).toMatchObject({
    kind: 'answer',
    reply: { text: containing('/rollback edit') },
  });
});

test.each([
  { said: 'check 4.1 done', code: 'proven-item' },
  { said: 'check 12.9 done', code: 'unknown-item' },
  { said: 'check 2.1 na', code: 'always-applies' },
  { said: 'check 2.1 not done yet', code: 'bad-input' },
  { said: 'check two', code: 'bad-input' },
])('$said is refused as $code', ({ said, code }) => {
  const talk = planned();

  expect(talk.type('anna', said)).toMatchObject({ kind: 'refusal', code });
  expect(talk.incident().answers).toEqual({});
});

test('who was called by phone is answered where nobody can be paged, and not while they are', () => {
  const unpaged = aTarget({ roles: { dba: { people: ['dora'] }, on_call: { people: ['anna'] } } });
  const talk = planned(unpaged);
  expect(talk.type('anna', 'check 11.3')).toMatchObject({
    kind: 'needs-form',
    help: { intro: containing('Who was called by hand') },
  });
  talk.type('anna', 'check 11.3 done called dora by phone');
  expect(talk.incident().answers['11.3']).toMatchObject({ note: 'called dora by phone' });

  expect(planned().type('anna', 'check 11.3 done')).toMatchObject({ code: 'proven-item' });
});

test('the form offers the open items first', () => {
  expect(planned().type('anna', 'check')).toMatchObject({
    kind: 'needs-form',
    help: { presets: { item: '1.3', answer: 'done' } },
  });
});

test('what is left to do afterwards is answered afterwards', () => {
  const talk = planned();
  talk.finish('page-1');
  talk.type('anna', 'close abandoned');

  expect(talk.type('anna', 'check 2.1 done')).toMatchObject({ code: 'closed' });
  talk.type('anna', 'check 12.4 done Thursday at ten');
  expect(talk.incident().answers['12.4']).toMatchObject({ note: 'Thursday at ten' });
});

test('once it is closed, the form offers what can still be answered and nothing else', () => {
  const talk = planned();
  talk.finish('page-1');
  talk.type('anna', 'close abandoned');

  const heard = talk.type('anna', 'check');

  const { choices, presets } = heard.kind === 'needs-form' ? heard.help : {};
  expect(choices?.['item']?.every(({ value }) => value.startsWith('12.'))).toBe(true);
  expect(talk.say('anna', 'check', presets)).toMatchObject({ kind: 'decision' });
});

const RUN: readonly (readonly [string, Ending?])[] = [
  ['maintenance-on', { result: maintenance('on') }],
  ['pause-writers', { result: paused() }],
  ['run-down', { result: wentDown('rolled-back') }],
  ['verify'],
  ['resume-services', { result: resumed('previous') }],
  ['check-services'],
  [
    'check-performance',
    { evidence: [{ item: '10.1', verdict: 'refuted', says: 'One query is slow.' }] },
  ],
  ['maintenance-off', { result: maintenance('off') }],
];

test('a word about what was found not to be so stands beside it, and it stays so', () => {
  const talk = approved();
  for (const [step, ending] of RUN) talk.finish(step, ending);

  expect(talk.type('dora', 'check 10.1 done looked myself')).toMatchObject({
    reply: {
      text: containing('Your word stands beside what was found. 10.1 stays ✗: '),
    },
  });
  expect(talk.type('dora', 'check 10.1 done')).toMatchObject({
    kind: 'answer',
    reply: { text: containing('10.1 stays ✗') },
  });
});

test('answers can be given while it runs', () => {
  const talk = approved(aTarget());

  expect(talk.type('anna', 'check 9.4 done nothing new in the logs').kind).toBe('decision');
});
