import type { Node } from 'libpg-query';
import { callsFunctions } from './effects.ts';
import { parse } from './parser.ts';
import { schemaActions, type SchemaAction } from './schema-actions.ts';
import { textOf } from './statements.ts';

/**
 * Whether a file is made to change the schema: where it is the same afterwards, the file did not do its work. What is
 * undone further on in the file is not; what ends well where it finds nothing to do, and code that speaks of changes,
 * is.
 */
export function changesSchema(sql: string): boolean {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return false;
  const bytes = Buffer.from(sql);
  const actions = parsed.statements.flatMap(({ node }) => schemaActions(node));
  return (
    actions.some((action) => action.isSure && !actions.some((other) => cancels(other, action))) ||
    parsed.statements.some(
      (statement) => isCode(statement.node) && DDL.test(withoutComments(textOf(bytes, statement))),
    )
  );
}

function isCode(node: Node): boolean {
  return 'DoStmt' in node || 'CallStmt' in node;
}

const DDL = /\b(?:create|alter|drop|rename)\b/i;

function withoutComments(code: string): string {
  return code.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ');
}

/** Two that may both find nothing to do cancel nothing: that nothing has changed is then no wonder, and no success. */
function cancels(other: SchemaAction, action: SchemaAction): boolean {
  return other !== action && !(other.isGuarded && action.isGuarded) && mayCancel(other, action);
}

function mayCancel(other: SchemaAction, action: SchemaAction): boolean {
  if (other.names.some((name) => action.names.includes(name))) return !isAlike(other, action);
  if (action.within.some((name) => other.names.includes(name))) return true;
  // What is made again may have gone with something else, such as an index with its column.
  const sharesPlace = other.within.some((name) => action.within.includes(name));
  if (action.does !== 'makes') return other.names.length === 0 && sharesPlace;
  return other.does === 'takes-with-the-rest' || (other.does === 'takes' && sharesPlace);
}

/** Both take, or both make: of one name, they are two things. */
function isAlike(one: SchemaAction, other: SchemaAction): boolean {
  const direction = ({ does }: SchemaAction): string => (does === 'makes' ? 'makes' : 'takes');
  return one.does !== 'changes' && other.does !== 'changes' && direction(one) === direction(other);
}

/** Whether a file can change values, as far as its statements tell: code that cannot be read can. */
export function writesData(sql: string): boolean {
  const parsed = parse(sql);
  return parsed.state === 'unparsable' || parsed.statements.some(({ node }) => writes(node));
}

function writes(node: Node): boolean {
  if ('SelectStmt' in node) {
    return node.SelectStmt.withClause !== undefined || callsFunctions(node);
  }
  if ('AlterTableStmt' in node) {
    return (node.AlterTableStmt.cmds ?? []).some(
      (command) =>
        'AlterTableCmd' in command && command.AlterTableCmd.subtype === 'AT_AlterColumnType',
    );
  }
  return WRITING.some((kind) => kind in node);
}

const WRITING = [
  'AlterSeqStmt',
  'CallStmt',
  'CopyStmt',
  'DeleteStmt',
  'DoStmt',
  'ExecuteStmt',
  'ExplainStmt',
  'InsertStmt',
  'MergeStmt',
  'RefreshMatViewStmt',
  'TruncateStmt',
  'UpdateStmt',
] as const;
