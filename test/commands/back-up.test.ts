import { expect, test } from 'vitest';
import { approved, planned, started } from '../support/conversation.ts';
import { backedUp } from '../support/worlds.ts';

test('tables and queries are named to be saved beside the next backup', () => {
  const talk = planned();

  talk.type('anna', 'back-up people public.orders query="select id, name from people" as names');

  expect(talk.incident().exports).toEqual([
    { name: 'people', source: { kind: 'table', table: 'people' } },
    { name: 'public.orders', source: { kind: 'table', table: 'public.orders' } },
    { name: 'names', source: { kind: 'query', sql: 'select id, name from people' } },
  ]);
  expect(talk.incident().operations.at(-1)).toMatchObject({ step: 'back-up', round: 2 });
});

test('what was named stays named, until somebody names something else or nothing', () => {
  const talk = planned();
  talk.type('anna', 'back-up people');
  talk.finish('back-up', { result: backedUp('3', 'm2') });

  talk.type('anna', 'back-up');
  expect(talk.incident().exports).toMatchObject([{ name: 'people' }]);
  talk.finish('back-up', { result: backedUp('3', 'm3') });

  talk.type('anna', 'back-up no-exports');
  expect(talk.incident().exports).toEqual([]);
});

test.each([
  'people; drop',
  'people people',
  'query="delete from people" as gone',
  'query="select 1; select 2" as two',
  'query="select 1"',
  '../../etc',
])('what names nothing is refused: %s', (words) => {
  const talk = planned();

  expect(talk.type('anna', `back-up ${words}`)).toMatchObject({ code: 'bad-input' });
  expect(talk.incident().exports).toEqual([]);
});

test('a new backup makes a new plan, and what was approved no longer counts', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');

  talk.type('ben', 'back-up');
  talk.finish('back-up', { result: backedUp('3', 'm2') });

  expect(talk.incident().plans).toHaveLength(2);
  expect(talk.incident().approvals).toMatchObject([{ state: 'voided' }]);
});

test('one backup at a time, and none in the middle of a run', () => {
  expect(started().type('anna', 'back-up')).toMatchObject({ code: 'backing-up' });
  expect(approved().type('anna', 'back-up')).toMatchObject({ code: 'running' });
});
