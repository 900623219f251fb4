import { expect, test } from 'vitest';
import { changesSchema, writesData } from '../../src/sql/schema-change.ts';

test.each([
  'drop table if exists people',
  'update people set name = lower(name); alter table people drop column email',
  'create index concurrently i on people (name)',
  'select * into copy_of_people from people',
  'create temporary table kept as select 1; drop table kept, people',
  'alter type mood add value $$sad$$',
  'alter table people rename email to mail; alter table people alter mail drop not null',
  'alter table people alter age type int, alter age set not null, alter age set default 0',
  'alter table people drop column full_name, add column first_name text, add column last_name text',
  'drop trigger t on people; drop function f(); drop policy p on people',
  'drop table parts cascade',
  'alter table p detach partition p1; drop table p1; drop table p',
  "do $$ begin execute 'drop table teams'; end $$; alter table people add primary key (id)",
  'drop function if exists total(int); drop function if exists total(bigint)',
  'drop table if exists a.orders; drop table if exists b.orders',
  'drop function if exists f(int), f(bigint)',
  'drop index if exists a.i; drop index if exists b.i',
  'drop table if exists status; drop type if exists status',
  'alter table people drop constraint if exists email, drop column if exists email',
  'alter table a.users drop column if exists x; alter table b.users drop column if exists x',
  'drop table if exists orders; alter table if exists orders_old rename to orders',
  "drop table if exists log; do $$ begin raise notice 'logged'; end $$",
  'drop cast if exists (text as mood)',
  'alter domain mail drop constraint if exists has_at',
  'alter table if exists people alter name type text using lower(name)',
  "do $$ begin execute 'drop table people'; end $$",
  'do $$ begin if exists (select) then alter table users drop column nickname; end if; end $$',
  "do $$ begin execute 'alter table people add x int'; end $$; alter table people drop x",
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
])('%j is not made for that', (sql) => {
  expect(changesSchema(sql)).toBe(false);
});

test.each([
  'alter table people disable trigger all; update people set name = 1; alter table people enable trigger all',
  "create function fix() returns void language sql as 'update people set name = 1'; select fix(); drop function fix()",
  'insert into people values (7); alter sequence people_id_seq restart with 8; alter table people alter id restart with 8',
  'alter table people alter name set statistics 500',
  "alter database app set work_mem = '5MB'",
  'do $$ begin /* do not drop anything */ update people set name = 1; end $$',
  'create or replace view v as select 1',
  'alter table people alter name type text using lower(name)',
  'alter table people owner to current_user',
  'drop index if exists i; create index i on people (name)',
  'drop index people_name_idx; create index on people (name)',
  'alter table people drop constraint people_team_fkey; alter table people add foreign key (team) references teams',
  'alter table people alter name drop not null; update people set name = 1; alter table people alter name set not null',
  'alter table people add column tmp int; update people set tmp = 1; alter table people drop column tmp',
  'create table kept (); alter table kept add column a int; drop table kept',
  'drop schema public cascade; create schema public',
  'drop view v cascade; create view v as select 1; create view w as select 1 from v',
  'drop table t; create table t (id int); create index i on t (id)',
  'create table kept (); drop table if exists kept',
  'do $$ begin -- drop nothing\n update people set name = 1; end $$',
])('%j can end well with the schema as it was', (sql) => {
  expect(changesSchema(sql)).toBe(false);
});

test.each([
  ['drop table people; create table teams (id int)', false],
  ['alter table people drop column email; drop index i; select 1', false],
  ['drop table people; update teams set id = 1', true],
  ['with gone as (delete from people returning *) select * from gone', true],
  ["select setval('people_id_seq', 7)", true],
  ['do $$ begin null; end $$', true],
  ['alter table people alter name type text using lower(name)', true],
  ['truncate people', true],
])('%j can write data: %j', (sql, writes) => {
  expect(writesData(sql)).toBe(writes);
});
