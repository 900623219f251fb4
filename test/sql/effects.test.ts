import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effects } from '../../src/sql/effects.ts';

test.each([
  [
    'alter table users drop column email',
    'drops-column',
    'users.email',
    'Drops the column `users.email` with everything in it.',
  ],
  [
    'alter table only app.users drop email cascade',
    'drops-column',
    'app.users.email',
    'Drops the column `app.users.email` with everything in it, and whatever depends on it.',
  ],
  [
    'alter table users rename mail to email',
    'renames-column',
    'users.mail',
    'Renames the column `users.mail` to `email`.',
  ],
  [
    'alter table users rename to people',
    'renames-table',
    'users',
    'Renames the table `users` to `people`.',
  ],
  [
    'alter table users alter mail set not null',
    'sets-not-null',
    'users.mail',
    'Forbids NULL in `users.mail`. It fails if a row has one.',
  ],
  [
    'alter table users alter mail drop not null',
    'drops-not-null',
    'users.mail',
    'Allows NULL in `users.mail`.',
  ],
  [
    'alter table users alter price type numeric(10,2)',
    'changes-type',
    'users.price',
    'Changes the type of `users.price` to numeric(10,2) and converts what is in it.',
  ],
  [
    'alter table users alter tags type text[]',
    'changes-type',
    'users.tags',
    'Changes the type of `users.tags` to text[] and converts what is in it.',
  ],
  [
    'alter table users add age int not null default 0',
    'adds-column',
    'users.age',
    'Adds the column `users.age` (int4).',
  ],
  [
    'alter table users alter age drop default',
    'changes-default',
    'users.age',
    'Removes the default of `users.age`.',
  ],
  [
    'alter table users add constraint u unique (mail)',
    'adds-constraint',
    'u',
    'Adds the unique constraint `u` to `users`. It fails if a row breaks it.',
  ],
  [
    'alter table users drop constraint u',
    'drops-constraint',
    'u',
    'Drops the constraint `u` of `users`.',
  ],
  [
    'alter table users enable row level security',
    'other',
    'users',
    'Changes `users` (enable row security).',
  ],
  [
    'drop table app.users',
    'drops-table',
    'app.users',
    'Drops the table `app.users` with all its rows.',
  ],
  ['drop index concurrently app.i', 'drops-index', 'app.i', 'Drops the index `app.i`.'],
  ['drop materialized view m', 'drops-view', 'm', 'Drops the materialized view `m`.'],
  [
    'drop schema app cascade',
    'drops-other',
    'app',
    'Drops the schema `app`, and whatever depends on it.',
  ],
  ['drop trigger t on app.users', 'drops-other', 't', 'Drops the trigger `t` of `app.users`.'],
  ['drop function f(int)', 'drops-other', 'f', 'Drops the function `f`.'],
  ['drop type mood', 'drops-other', 'mood', 'Drops the type `mood`.'],
  ['create table users (id int)', 'creates-table', 'users', 'Creates the table `users`, empty.'],
  [
    'create unique index i on users (id)',
    'creates-index',
    'i',
    'Builds the unique index `i` on `users`.',
  ],
  ['create view v as select 1', 'creates-view', 'v', 'Creates or replaces the view `v`.'],
  ["update users set mail = ''", 'updates-rows', 'users', 'Changes all rows of `users`.'],
  ['delete from users where id = 1', 'deletes-rows', 'users', 'Deletes some rows of `users`.'],
  ['insert into users values (1)', 'inserts-rows', 'users', 'Adds rows to `users`.'],
  [
    'truncate users cascade',
    'truncates',
    'users',
    'Deletes all rows of `users` and of every table that refers to it.',
  ],
  [
    'do $$ begin end $$',
    'opaque',
    'a DO block',
    'Runs a block of code. What it does cannot be read from the file.',
  ],
  [
    "select setval('s', 1)",
    'opaque',
    'a function',
    "Calls functions: `select setval('s', 1)`. What they do cannot be read from the file.",
  ],
  [
    'grant select on users to anna',
    'other',
    'grant select on users to anna',
    'Runs `grant select on users to anna`.',
  ],
  [
    'alter table users rename constraint a to b',
    'other',
    'users.a',
    'Renames the constraint `users.a` to `b`.',
  ],
  ['alter index i rename to j', 'other', 'i', 'Renames the index `i` to `j`.'],
] as const)('%s', (sql, kind, object, say) => {
  expect(effects(sql)).toMatchObject([{ kind, object, say }]);
});

test('every part of a statement is named, in the order of the file', () => {
  const found = effects(`
    begin;
    alter table users drop a, drop b;
    truncate users, teams;
    with gone as (delete from old returning *) insert into new select * from gone on conflict (id) do update set x = 1;
    commit;`);
  expect(found.map(({ kind, object }) => `${kind} ${object}`)).toEqual([
    'drops-column users.a',
    'drops-column users.b',
    'truncates users',
    'truncates teams',
    'deletes-rows old',
    'inserts-rows new',
    'updates-rows new',
  ]);
});

test('a file that does nothing has no effects, and one that cannot be read is opaque', () => {
  expect(effects('-- nothing')).toEqual([]);
  expect(effects('drop tabel x')).toMatchObject([{ kind: 'opaque', object: 'the file' }]);
});

test('every statement of PostgreSQL has a sentence', () => {
  const statement = fc.constantFrom(
    'create extension x',
    'alter domain d drop not null',
    'drop domain d',
    'comment on table a is null',
    'alter table a owner to b',
    'alter sequence s restart',
    'drop sequence s',
    'create role r',
    'lock table a',
    'alter view v rename to w',
    "alter type t rename value 'a' to 'b'",
    'alter function f() rename to g',
    'drop operator + (int, int)',
    'drop cast (int as text)',
    'alter schema a rename to b',
    'drop owned by a',
    'create policy p on t',
    'alter table t attach partition p default',
    'merge into t using s on true when matched then delete',
    'values (1)',
    'table a',
    'explain select 1',
    'copy a from stdin',
    'select 1 into x',
    'drop access method a',
    'call p()',
  );
  fc.assert(
    fc.property(statement, (sql) => {
      for (const { say, object } of effects(sql)) {
        expect(say).toMatch(/^[A-Z].*\.$/s);
        expect(object).not.toBe('');
      }
    }),
  );
});
