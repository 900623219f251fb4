import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { effects } from '../../src/sql/effects.ts';
import { readStatements } from '../../src/sql/statements.ts';

function read(sql: string): Extract<ReturnType<typeof readStatements>, { state: 'statements' }> {
  const reading = readStatements(sql);
  if (reading.state !== 'statements') throw new Error(`It read as ${JSON.stringify(reading)}.`);
  return reading;
}

/** Parsers that broke are replaced in the background. */
async function untilReady(): Promise<void> {
  await vi.waitFor(() => read('select 1'));
}

test('statements come back with their own text, whatever the letters before them', () => {
  const { statements } = read(
    `-- Größe 🐘\nalter table "größe" drop "ö🐘"; drop table b ;\n/* ß */ drop view c`,
  );
  expect(statements.map(({ text }) => text)).toEqual([
    'alter table "größe" drop "ö🐘"',
    'drop table b',
    'drop view c',
  ]);
});

test('a semicolon inside a function is no end of a statement', () => {
  const { statements } = read(
    `create function f() returns int language plpgsql as $$ begin; return 1; end $$; select 1`,
  );
  expect(statements.map(({ kind }) => kind)).toEqual(['CreateFunctionStmt', 'SelectStmt']);
});

test.each([
  ['', 'empty'],
  [' \n\t\r\n', 'empty'],
  ['-- irreversible', 'only-comments'],
  ['begin; commit;', 'only-comments'],
  ['/* nothing /* nested */ */ ;; -- x', 'only-comments'],
])('%j does nothing', (sql, why) => {
  expect(readStatements(sql)).toEqual({ state: 'nothing', why });
});

test.each([
  ['drop tabel a', 'line 1'],
  ["select 1;\n\nselect 'ü' frob frob", 'line 3'],
  ['select 1\0', 'zero byte'],
  ['\uFEFFselect 1', 'byte order mark'],
  ['\\connect other', 'line 1'],
  [`select ${'1+'.repeat(60_000)}1`, 'nested'],
  ['(('.repeat(50_000), 'line 1'],
])('%.30j cannot be read, and it is said why', (sql, say) => {
  const reading = readStatements(sql);
  expect(reading.state).toBe('unparsable');
  expect(reading).toHaveProperty('say', expect.stringContaining(say));
});

test('a deep nesting is read or refused, and never thrown', () => {
  for (const depth of [500, 1_000, 2_000, 3_000, 5_000]) {
    const states = [
      `select ${'(select '.repeat(depth)}1${')'.repeat(depth)}`,
      `select ${'f('.repeat(depth)}1${')'.repeat(depth)}`,
      `select ${'a || '.repeat(depth)}b`,
    ].map((sql) => [readStatements(sql).state, effects(sql)[0]?.kind ?? 'none']);
    expect(
      states.flat().every((state) => /^(statements|unparsable|opaque|none)$/.test(state)),
    ).toBe(true);
  }
});

test('a text that breaks the parser does not spoil the ones after it', async () => {
  await untilReady();
  readStatements(`select ${'1+'.repeat(60_000)}1`);
  expect(read('drop table a').statements).toHaveLength(1);
});

test('any text is read or answered with a sentence', () => {
  const words = `select drop table a " ' $$ $x$ ; ( ) -- /* */ begin é \\ \0 \n`.split(' ');
  const word = fc.constantFrom(...words);
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word, { maxLength: 30 }).map((chosen) => chosen.join(' ')),
  );
  fc.assert(
    fc.property(texts, (sql) => {
      const reading = readStatements(sql);
      return reading.state !== 'unparsable' || /^[A-Z].*\.$/s.test(reading.say);
    }),
    { numRuns: 200 },
  );
});

describe('where a statement can run', () => {
  test.each([
    'create index concurrently i on t (a)',
    'drop index concurrently i',
    'reindex (concurrently) table t',
    'reindex table concurrently t',
    'reindex schema s',
    'vacuum t',
    'cluster',
    'create database d',
    'drop database d',
    'alter system set work_mem = 1',
    'discard all',
    'alter database d set tablespace s',
    "create tablespace s location '/x'",
    'alter table p detach partition q concurrently',
    "create subscription s connection '' publication p",
  ])('%s: only outside a transaction', (sql) => {
    expect(read(sql)).toMatchObject({
      statements: [{ place: 'outside-transactions' }],
      transactional: false,
      joinable: false,
    });
  });

  test.each([
    'begin; drop table a; commit; drop table b',
    'begin; drop table a; commit and chain',
    'begin; drop table a; rollback',
    'begin isolation level serializable; drop table a; commit',
    'drop table a; commit; drop table b',
    'call tidy_up()',
    'set transaction isolation level serializable',
    'do $$ begin delete from a; commit; end $$',
  ])('%s: it ends transactions itself', (sql) => {
    expect(read(sql)).toMatchObject({ transactional: false, joinable: false });
  });

  test.each([
    "alter type mood add value 'calm'",
    'set local statement_timeout = 0',
    "select pg_catalog.set_config('search_path', '', false)",
    'create temp table x (a int) on commit drop',
    'drop schema s cascade',
    'alter table a add foreign key (b) references c deferrable initially deferred',
  ])('%s: in a transaction of its own', (sql) => {
    expect(read(sql)).toMatchObject({ transactional: true, joinable: false });
  });

  test.each([
    'alter table a drop column b',
    'drop table a cascade',
    'create index i on t (a)',
    'analyze t',
    'refresh materialized view concurrently m',
    'do $$ begin drop table a; end $$',
    'create table x (a int)',
    'alter table p detach partition q',
    'reindex table t',
    'discard plans',
    'alter database d connection limit 5',
  ])('%s: anywhere', (sql) => {
    expect(read(sql)).toMatchObject({ transactional: true, joinable: true });
  });

  test('a file wrapped in BEGIN and COMMIT can run in a transaction of somebody else', () => {
    expect(read('-- é\nbegin;\ndrop table "é"; drop table b;\ncommit;')).toMatchObject({
      body: 'drop table "é";\ndrop table b',
      transactional: true,
      joinable: true,
    });
  });

  test.each([
    ['begin; drop table a', true],
    ['begin; drop table a; commit', false],
    ['begin; drop table a; commit and chain', true],
    ['begin; rollback; start transaction', true],
    ["begin; prepare transaction 'x'", false],
  ])('%s: leaves a transaction open: %s', (sql, open) => {
    expect(read(sql).leavesTransactionOpen).toBe(open);
  });
});
