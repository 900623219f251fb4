import type { Node } from 'libpg-query';
import { callsFunctions } from './effects.ts';
import { parse } from './parser.ts';
import { schemaActions, type SchemaAction } from './schema-actions.ts';
import { textOf } from './statements.ts';

/**
 * Whether a file is sure to change the schema: where it is the same afterwards, the file did not do its work. What
 * may find nothing to do, what is undone further on in the file, and code that cannot be read, is not sure.
 */
export function changesSchema(sql: string): boolean {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return false;
  const bytes = Buffer.from(sql);
  const actions = parsed.statements.flatMap(({ node }) => schemaActions(node));
  const code = parsed.statements
    .filter(({ node }) => 'DoStmt' in node)
    .map((statement) => textOf(bytes, statement))
    .join('\n');
  return actions.some(
    (action) =>
      action.isSure &&
      !action.names.some((name) => mentions(code, name)) &&
      !actions.some((other) => other !== action && mayCancel(other, action)),
  );
}

function mayCancel(other: SchemaAction, action: SchemaAction): boolean {
  if (other.names.some((name) => action.names.includes(name))) return true;
  if (action.within.some((name) => other.names.includes(name))) return true;
  // What is made again may have gone with something else, such as an index with its column.
  const sharesPlace = other.within.some((name) => action.within.includes(name));
  if (action.does !== 'makes') return other.names.length === 0 && sharesPlace;
  return other.does === 'takes-with-the-rest' || (other.does === 'takes' && sharesPlace);
}

function mentions(code: string, name: string): boolean {
  const [own = name] = name.split('/');
  const last = own.split('.').at(-1) ?? own;
  return last !== '' && code.toLowerCase().includes(last.toLowerCase());
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
