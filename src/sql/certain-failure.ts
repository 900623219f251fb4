import type { Node } from 'libpg-query';
import { parse, type RawStatement } from './parser.ts';
import { isRefusedInTransactions, kindOf } from './statements.ts';

/**
 * How a file reaches the server: as one message, which PostgreSQL takes for one transaction; cut at every semicolon;
 * or statement by statement where its statements need that.
 */
export type Sending = 'whole' | 'cut' | 'as-it-needs';

/** Why PostgreSQL is certain to refuse this file, whatever the database holds, and what to do; null when it is not. */
export function certainFailure(sql: string, sending: Sending): string | null {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return null;
  const { statements } = parsed;
  const bracketed = bracketedIn(statements);
  if (bracketed !== undefined) {
    return `\`${nameOf(bracketed)}\` cannot run between BEGIN and COMMIT. Take it out of them.`;
  }
  const lonely = statements.find(({ node }) => isAlwaysRefused(node))?.node;
  if (sending === 'whole' && lonely !== undefined && statements.length > 1) {
    return `golang-migrate sends a file as one, and \`${nameOf(lonely)}\` cannot run beside another statement. Set \`migrations.tool: built-in\`, or add \`x-multi-statement=true\` to the database URL, and restart; or leave it alone in its file.`;
  }
  const isCutApart = sql.split(';').some((piece) => parse(piece).state === 'unparsable');
  return sending === 'cut' && isCutApart
    ? 'with `x-multi-statement=true` golang-migrate cuts it at every semicolon, also at those inside a function or a text. Set `migrations.tool: built-in`, or take that out of the database URL, and restart.'
    : null;
}

function bracketedIn(statements: readonly RawStatement[]): Node | undefined {
  let isOpen = false;
  for (const { node } of statements) {
    if (isOpen && isAlwaysRefused(node)) return node;
    if (!('TransactionStmt' in node)) continue;
    const { kind, chain = false } = node.TransactionStmt;
    if (kind === 'TRANS_STMT_BEGIN' || kind === 'TRANS_STMT_START') isOpen = true;
    if (kind === 'TRANS_STMT_COMMIT' || kind === 'TRANS_STMT_ROLLBACK') isOpen = chain;
    if (kind === 'TRANS_STMT_PREPARE') isOpen = false;
  }
  return undefined;
}

function isAlwaysRefused(node: Node): boolean {
  return isRefusedInTransactions(node) && !SOMETIMES.has(kindOf(node));
}

/** It depends on their options and on the server. */
const SOMETIMES: ReadonlySet<string> = new Set([
  'AlterSubscriptionStmt',
  'CreateSubscriptionStmt',
  'DropSubscriptionStmt',
]);

function nameOf(node: Node): string {
  return NAMES[kindOf(node)] ?? kindOf(node);
}

const NAMES: Readonly<Record<string, string>> = {
  AlterDatabaseStmt: 'ALTER DATABASE … SET TABLESPACE',
  AlterSystemStmt: 'ALTER SYSTEM',
  AlterTableStmt: 'DETACH PARTITION … CONCURRENTLY',
  ClusterStmt: 'CLUSTER',
  CreatedbStmt: 'CREATE DATABASE',
  CreateTableSpaceStmt: 'CREATE TABLESPACE',
  DiscardStmt: 'DISCARD ALL',
  DropdbStmt: 'DROP DATABASE',
  DropStmt: 'DROP INDEX CONCURRENTLY',
  DropTableSpaceStmt: 'DROP TABLESPACE',
  IndexStmt: 'CREATE INDEX CONCURRENTLY',
  ReindexStmt: 'REINDEX',
  VacuumStmt: 'VACUUM',
};
