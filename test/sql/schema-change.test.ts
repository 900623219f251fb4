import { expect, test } from 'vitest';
import { changesSchema } from '../../src/sql/schema-change.ts';

test.each([
  'drop table if exists people',
  'update people set name = lower(name); alter table people drop column email',
  'create index concurrently i on people (name)',
  "do $$ begin execute 'drop table people'; end $$",
  'select * into copy_of_people from people',
  'create temporary table kept as select 1; drop table kept, people',
  'create or replace view v as select 1',
  'alter type mood add value $$sad$$',
])('%j is made to change the schema', (sql) => {
  expect(changesSchema(sql)).toBe(true);
});

test.each([
  '',
  '-- nothing',
  'update people set name = lower(name)',
  "begin; set local lock_timeout = '1s'; delete from people; commit",
  "select setval('people_id_seq', 7)",
  'do $$ begin update people set name = null; end $$',
  'create temporary table kept as select 1; create index on kept (a); update people set id = 1; drop table kept',
  'vacuum people',
  'truncate people',
])('%j is not', (sql) => {
  expect(changesSchema(sql)).toBe(false);
});
