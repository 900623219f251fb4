import type { Node } from 'libpg-query';
import { dropEffects } from './drop-and-rename.ts';
import { tableName } from './effect.ts';
import { parse } from './parser.ts';
import { kindOf, textOf } from './statements.ts';

/**
 * Whether a file is made to change the schema: where it is the same afterwards, the file did not do its work. Code
 * that cannot be read counts when a word in it says so.
 */
export function changesSchema(sql: string): boolean {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return false;
  const bytes = Buffer.from(sql);
  const passing = new Set(parsed.statements.flatMap(({ node }) => madeForPassing(node)));
  return parsed.statements.some((statement) => {
    const { node } = statement;
    if (madeForPassing(node).length > 0) return false;
    if ('DropStmt' in node)
      return !dropEffects(node.DropStmt).every((one) => passing.has(one.object));
    if ('IndexStmt' in node) return !passing.has(tableName(node.IndexStmt.relation));
    if ('SelectStmt' in node) return node.SelectStmt.intoClause !== undefined;
    if ('DoStmt' in node || 'CallStmt' in node) return DDL.test(textOf(bytes, statement));
    return !LEAVES_SCHEMA.has(kindOf(node));
  });
}

const DDL = /\b(?:create|alter|drop|rename)\b/i;

/** Temporary tables go by themselves. */
function madeForPassing(node: Node): readonly string[] {
  const relation =
    'CreateStmt' in node
      ? node.CreateStmt.relation
      : 'CreateTableAsStmt' in node
        ? node.CreateTableAsStmt.into?.rel
        : 'SelectStmt' in node
          ? node.SelectStmt.intoClause?.rel
          : undefined;
  return relation?.relpersistence === 't' ? [tableName(relation)] : [];
}

/** Data, the session, and what the fingerprint does not hold. */
const LEAVES_SCHEMA: ReadonlySet<string> = new Set([
  'AlterDatabaseSetStmt',
  'AlterRoleSetStmt',
  'AlterRoleStmt',
  'AlterSystemStmt',
  'CheckPointStmt',
  'ClosePortalStmt',
  'ClusterStmt',
  'CommentStmt',
  'ConstraintsSetStmt',
  'CopyStmt',
  'CreateRoleStmt',
  'DeallocateStmt',
  'DeclareCursorStmt',
  'DeleteStmt',
  'DiscardStmt',
  'DropRoleStmt',
  'ExecuteStmt',
  'ExplainStmt',
  'FetchStmt',
  'GrantRoleStmt',
  'InsertStmt',
  'ListenStmt',
  'LoadStmt',
  'LockStmt',
  'MergeStmt',
  'NotifyStmt',
  'PrepareStmt',
  'RefreshMatViewStmt',
  'ReindexStmt',
  'SecLabelStmt',
  'TransactionStmt',
  'TruncateStmt',
  'UnlistenStmt',
  'UpdateStmt',
  'VacuumStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);
