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

test.each([
  ['größe', 'größe', 'grosse'],
  ['"Weird Täble"', 'Weird Täble', 'weird_table'],
  ['public."Weird Täble"', 'public."Weird Täble"', 'public.weird_table'],
  ['"S p"."T.dot"', '"S p"."T.dot"', 's_p.t.dot'],
  ['a.b.c', 'a.b.c', 'a.b.c'],
  ['日本', '日本', 'export'],
])(
  'a table of any name can be named, and its file is safe on every disk: %s',
  (said, table, name) => {
    const talk = planned();
    talk.type('anna', `back-up ${said}`);

    expect(talk.incident().exports).toEqual([{ name, source: { kind: 'table', table } }]);
  },
);

test('no two exports have the same file, on any disk', () => {
  const talk = planned();
  talk.type('anna', 'back-up users Users query="select 1 as one" AS Users');

  expect(talk.incident().exports.map((one) => one.name)).toEqual(['users', 'users-2', 'users-3']);
});

test('whether a query only reads is for PostgreSQL to say, not for its first word', () => {
  const talk = planned();
  talk.type('anna', `back-up query="-- late ones\n(select ';' as mark)" as late`);

  expect(talk.incident().exports).toEqual([
    { name: 'late', source: { kind: 'query', sql: "-- late ones\n(select ';' as mark)" } },
  ]);
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
  'query="select 1"',
  '../../etc',
  'people, orders',
  'public."unfinished',
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
