import type { Node } from 'libpg-query';
import { parse, type RawStatement } from './parser.ts';

/** Where PostgreSQL lets a statement run. */
type Place =
  | 'anywhere'
  /** In a transaction, but what it does has to be committed, or forgotten, before the next file begins. */
  | 'own-transaction'
  | 'outside-transactions'
  /** It begins or ends a transaction, or runs code that may. */
  | 'controls-transactions';

interface Statement {
  /** The parser's name for it, such as `AlterTableStmt`. */
  readonly kind: string;
  readonly text: string;
  readonly place: Place;
}

/** A file that does something. */
export interface StatementsRead {
  readonly state: 'statements';
  readonly statements: readonly Statement[];
  /**
   * The file without a BEGIN at its start and the COMMIT at its end: the same work, for a transaction that somebody
   * else begins and ends.
   */
  readonly body: string;
  /** Every statement of the body can run inside one transaction: a failure leaves nothing half done. */
  readonly transactional: boolean;
  /** Nothing in it reaches beyond its own transaction: it can share one with other files. */
  readonly joinable: boolean;
  /** It begins a transaction that it does not end. */
  readonly leavesTransactionOpen: boolean;
}

export type Reading =
  | StatementsRead
  | { readonly state: 'nothing'; readonly why: 'empty' | 'only-comments' }
  | { readonly state: 'unparsable'; readonly say: string };

/** What a migration file holds. Any text gets an answer; nothing is thrown. */
export function readStatements(sql: string): Reading {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return parsed;
  if (sql.trim() === '') return { state: 'nothing', why: 'empty' };
  if (parsed.statements.length === 0) return { state: 'nothing', why: 'only-comments' };

  const leavesOpen = leavesTransactionOpen(parsed.statements);
  if (!leavesOpen && parsed.statements.every(isBareBracket)) {
    return { state: 'nothing', why: 'only-comments' };
  }

  const bytes = Buffer.from(sql);
  const statements = parsed.statements.map((statement) => {
    const text = textOf(bytes, statement);
    return { kind: kindOf(statement.node), text, place: placeOf(statement.node, text) };
  });
  const wrapped = isWrapped(parsed.statements);
  const inner = wrapped ? statements.slice(1, -1) : statements;
  return {
    state: 'statements',
    statements,
    body: wrapped ? inner.map(({ text }) => text).join(';\n') : sql,
    transactional: inner.every(({ place }) => place === 'anywhere' || place === 'own-transaction'),
    joinable: inner.every(({ place }) => place === 'anywhere'),
    leavesTransactionOpen: leavesOpen,
  };
}

/** `begin; commit` around nothing. */
function isBareBracket({ node }: RawStatement): boolean {
  if (!('TransactionStmt' in node)) return false;
  const { kind } = node.TransactionStmt;
  return kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START' || kind === 'TRANS_STMT_COMMIT';
}

function isWrapped(statements: readonly RawStatement[]): boolean {
  const [first, last] = [statements[0]?.node, statements.at(-1)?.node];
  if (first === undefined || last === undefined) return false;
  if (!('TransactionStmt' in first) || !('TransactionStmt' in last)) return false;
  const { kind, options } = first.TransactionStmt;
  return (
    (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') &&
    options === undefined &&
    last.TransactionStmt.kind === 'TRANS_STMT_COMMIT' &&
    last.TransactionStmt.chain !== true
  );
}

export function kindOf(node: Node): string {
  return Object.keys(node)[0] ?? 'nothing';
}

/** The parser counts bytes, JavaScript counts UTF-16 units. */
export function textOf(bytes: Buffer, { startBytes, endBytes }: RawStatement): string {
  return bytes.subarray(startBytes, endBytes).toString().trim();
}

function placeOf(node: Node, text: string): Place {
  if ('TransactionStmt' in node) return 'controls-transactions';
  if ('CallStmt' in node) return 'controls-transactions';
  // `set transaction` has to come first in its transaction.
  if ('VariableSetStmt' in node && node.VariableSetStmt.kind === 'VAR_SET_MULTI') {
    return 'controls-transactions';
  }
  if ('DoStmt' in node) {
    return /\b(commit|rollback)\b/i.test(text) ? 'controls-transactions' : 'anywhere';
  }
  if (isRefusedInTransactions(node)) return 'outside-transactions';
  return leavesTraces(node, text) ? 'own-transaction' : 'anywhere';
}

/** The callers of PreventInTransactionBlock, as far as a file shows them. */
export function isRefusedInTransactions(node: Node): boolean {
  if ('IndexStmt' in node) return node.IndexStmt.concurrent === true;
  if ('DropStmt' in node) return node.DropStmt.concurrent === true;
  if ('VacuumStmt' in node) return node.VacuumStmt.is_vacuumcmd === true;
  if ('ClusterStmt' in node) return node.ClusterStmt.relation === undefined;
  if ('DiscardStmt' in node) return node.DiscardStmt.target === 'DISCARD_ALL';
  if ('AlterDatabaseStmt' in node) return hasOption(node.AlterDatabaseStmt.options, 'tablespace');
  if ('ReindexStmt' in node) {
    const { kind, params = [] } = node.ReindexStmt;
    return (
      (kind !== 'REINDEX_OBJECT_INDEX' && kind !== 'REINDEX_OBJECT_TABLE') ||
      hasOption(params, 'concurrently')
    );
  }
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).some(
      (command) =>
        'AlterTableCmd' in command &&
        command.AlterTableCmd.def !== undefined &&
        'PartitionCmd' in command.AlterTableCmd.def &&
        command.AlterTableCmd.def.PartitionCmd.concurrent === true,
    );
  }
  return ALWAYS_OUTSIDE.has(kindOf(node));
}

function hasOption(options: readonly Node[] | undefined, name: string): boolean {
  return (options ?? []).some((one) => 'DefElem' in one && one.DefElem.defname === name);
}

const ALWAYS_OUTSIDE: ReadonlySet<string> = new Set([
  'AlterSubscriptionStmt',
  'AlterSystemStmt',
  'CreateSubscriptionStmt',
  'CreatedbStmt',
  'CreateTableSpaceStmt',
  'DropSubscriptionStmt',
  'DropTableSpaceStmt',
  'DropdbStmt',
]);

/** What the next file would meet if both shared one transaction, and would not meet otherwise. */
function leavesTraces(node: Node, text: string): boolean {
  // A new enum value cannot be used before it is committed.
  if ('AlterEnumStmt' in node) return node.AlterEnumStmt.newVal !== undefined;
  if ('VariableSetStmt' in node) return node.VariableSetStmt.is_local === true;
  if ('ConstraintsSetStmt' in node || 'DeclareCursorStmt' in node) return true;
  // It may hold the version table: the files before it are not to be lost with it.
  if ('DropStmt' in node) return node.DropStmt.removeType === 'OBJECT_SCHEMA';
  if ('CreateStmt' in node)
    return (node.CreateStmt.oncommit ?? 'ONCOMMIT_NOOP') !== 'ONCOMMIT_NOOP';
  if ('CreateTableAsStmt' in node) {
    return (node.CreateTableAsStmt.into?.onCommit ?? 'ONCOMMIT_NOOP') !== 'ONCOMMIT_NOOP';
  }
  // Between two files it would be checked, and no longer deferred in the second.
  if (/\binitially\s+deferred\b/i.test(text)) return true;
  return 'SelectStmt' in node && /\bset_config\b/i.test(text);
}

function leavesTransactionOpen(statements: readonly RawStatement[]): boolean {
  let open = false;
  for (const { node } of statements) {
    if (!('TransactionStmt' in node)) continue;
    const { kind, chain = false } = node.TransactionStmt;
    if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') open = true;
    if (kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK') open = chain;
    if (kind === 'TRANS_STMT_PREPARE') open = false;
  }
  return open;
}
