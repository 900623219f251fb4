import type { Node } from 'libpg-query';
import { alterTableEffects } from './alter-table.ts';
import { dropEffects, renameEffects } from './drop-and-rename.ts';
import { effect, opaque, startOf, tableName, type Effect } from './effect.ts';
import { parse } from './parser.ts';
import { kindOf, textOf } from './statements.ts';

/** What the file does, in its order, one entry per thing it touches. What cannot be told is said to be opaque. */
export function effects(sql: string): readonly Effect[] {
  const parsed = parse(sql);
  if (parsed.state === 'unparsable') return [opaque('the file', parsed.say)];
  const bytes = Buffer.from(sql);
  return parsed.statements.flatMap((statement) =>
    effectsOf(statement.node, textOf(bytes, statement)),
  );
}

function effectsOf(node: Node, text: string): readonly Effect[] {
  if ('AlterTableStmt' in node) return alterTableEffects(node.AlterTableStmt, text);
  if ('DropStmt' in node) return dropEffects(node.DropStmt);
  if ('RenameStmt' in node) return renameEffects(node.RenameStmt, text);
  if (SAYS_NOTHING.has(kindOf(node))) return [];
  return (
    creating(node) ??
    writing(node, text) ??
    running(node, text) ?? [
      effect('other', { object: startOf(text) }, `Runs \`${startOf(text)}\`.`),
    ]
  );
}

const SAYS_NOTHING: ReadonlySet<string> = new Set([
  'CheckPointStmt',
  'TransactionStmt',
  'VariableSetStmt',
  'VariableShowStmt',
]);

function creating(node: Node): readonly Effect[] | null {
  if ('CreateStmt' in node) {
    const table = tableName(node.CreateStmt.relation);
    return [
      effect('creates-table', { object: table, table }, `Creates the table \`${table}\`, empty.`),
    ];
  }
  if ('CreateTableAsStmt' in node) {
    const table = tableName(node.CreateTableAsStmt.into?.rel);
    const what =
      node.CreateTableAsStmt.objtype === 'OBJECT_MATVIEW' ? 'materialized view' : 'table';
    const kind = what === 'table' ? 'creates-table' : 'creates-view';
    return [
      effect(kind, { object: table, table }, `Creates the ${what} \`${table}\` from a query.`),
    ];
  }
  if ('IndexStmt' in node) {
    const table = tableName(node.IndexStmt.relation);
    const index = node.IndexStmt.idxname ?? `an index on ${table}`;
    const kind = node.IndexStmt.unique === true ? 'unique index' : 'index';
    return [
      effect(
        'creates-index',
        { object: index, table },
        `Builds the ${kind} \`${index}\` on \`${table}\`.`,
      ),
    ];
  }
  if ('ViewStmt' in node) {
    const view = tableName(node.ViewStmt.view);
    return [effect('creates-view', { object: view }, `Creates or replaces the view \`${view}\`.`)];
  }
  if ('CreateTrigStmt' in node) {
    const table = tableName(node.CreateTrigStmt.relation);
    const trigger = node.CreateTrigStmt.trigname ?? 'a trigger';
    return [
      effect(
        'changes-code',
        { object: trigger, table },
        `Creates the trigger \`${trigger}\` on \`${table}\`.`,
      ),
    ];
  }
  return null;
}

function writing(node: Node, text: string): readonly Effect[] | null {
  if ('UpdateStmt' in node) {
    const { relation, whereClause, withClause } = node.UpdateStmt;
    const table = tableName(relation);
    return [
      ...inside(withClause?.ctes, text),
      effect(
        'updates-rows',
        { object: table, table },
        `Changes ${rows(whereClause)} of \`${table}\`.`,
      ),
    ];
  }
  if ('DeleteStmt' in node) {
    const { relation, whereClause, withClause } = node.DeleteStmt;
    const table = tableName(relation);
    return [
      ...inside(withClause?.ctes, text),
      effect(
        'deletes-rows',
        { object: table, table },
        `Deletes ${rows(whereClause)} of \`${table}\`.`,
      ),
    ];
  }
  if ('InsertStmt' in node) {
    const { relation, onConflictClause, withClause } = node.InsertStmt;
    const table = tableName(relation);
    const insert = effect('inserts-rows', { object: table, table }, `Adds rows to \`${table}\`.`);
    const changes = effect(
      'updates-rows',
      { object: table, table },
      `Changes rows of \`${table}\` that are there already.`,
    );
    return [
      ...inside(withClause?.ctes, text),
      insert,
      ...(onConflictClause?.action === 'ONCONFLICT_UPDATE' ? [changes] : []),
    ];
  }
  if ('MergeStmt' in node) {
    const table = tableName(node.MergeStmt.relation);
    return [effect('updates-rows', { object: table, table }, `Merges rows into \`${table}\`.`)];
  }
  if ('TruncateStmt' in node) {
    const { relations = [], behavior } = node.TruncateStmt;
    const more = behavior === 'DROP_CASCADE' ? ' and of every table that refers to it' : '';
    return relations.flatMap((relation) => {
      if (!('RangeVar' in relation)) return [];
      const table = tableName(relation.RangeVar);
      return [
        effect('truncates', { object: table, table }, `Deletes all rows of \`${table}\`${more}.`),
      ];
    });
  }
  return null;
}

function running(node: Node, text: string): readonly Effect[] | null {
  if ('DoStmt' in node) {
    return [
      opaque('a DO block', 'Runs a block of code. What it does cannot be read from the file.'),
    ];
  }
  if ('CallStmt' in node) {
    return [
      opaque(
        'a procedure',
        `Calls a procedure: \`${startOf(text)}\`. What it does cannot be read from the file.`,
      ),
    ];
  }
  if ('SelectStmt' in node) {
    const { intoClause, withClause } = node.SelectStmt;
    const within = inside(withClause?.ctes, text);
    if (intoClause !== undefined) {
      const table = tableName(intoClause.rel);
      return [
        ...within,
        effect(
          'creates-table',
          { object: table, table },
          `Creates the table \`${table}\` from a query.`,
        ),
      ];
    }
    if (!callsFunctions(node)) return within;
    return [
      ...within,
      opaque(
        'a function',
        `Calls functions: \`${startOf(text)}\`. What they do cannot be read from the file.`,
      ),
    ];
  }
  if ('CreateFunctionStmt' in node) {
    const name = (node.CreateFunctionStmt.funcname ?? [])
      .flatMap((part) => ('String' in part ? [part.String.sval ?? ''] : []))
      .join('.');
    const what = node.CreateFunctionStmt.is_procedure === true ? 'procedure' : 'function';
    return [
      effect('changes-code', { object: name }, `Creates or replaces the ${what} \`${name}\`.`),
    ];
  }
  return null;
}

/** Data can be changed inside WITH as well. */
function inside(queries: readonly Node[] | undefined, text: string): readonly Effect[] {
  return (queries ?? []).flatMap((query) =>
    'CommonTableExpr' in query && query.CommonTableExpr.ctequery !== undefined
      ? (writing(query.CommonTableExpr.ctequery, text) ?? [])
      : [],
  );
}

/** Without recursion: an expression can be nested deeper than our stack. */
export function callsFunctions(node: Node): boolean {
  const rest: unknown[] = [node];
  for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    if ('FuncCall' in part) return true;
    for (const [, value] of Object.entries(part)) rest.push(value satisfies unknown);
  }
  return false;
}

function rows(where: Node | undefined): string {
  return where === undefined ? 'all rows' : 'some rows';
}
