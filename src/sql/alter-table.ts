import type { AlterTableCmd, AlterTableStmt, AlterTableType, Node } from 'libpg-query';
import { effect, nameParts, onColumn, startOf, tableName, type Effect } from './effect.ts';

/** `ALTER TABLE`, one effect per part. */
export function alterTableEffects(statement: AlterTableStmt, text: string): readonly Effect[] {
  const table = tableName(statement.relation);
  if (statement.objtype !== 'OBJECT_TABLE') {
    return [effect('other', { object: table }, `Runs \`${startOf(text)}\`.`)];
  }
  return (statement.cmds ?? []).flatMap((command) =>
    'AlterTableCmd' in command ? [effectOf(table, command.AlterTableCmd)] : [],
  );
}

function effectOf(table: string, command: AlterTableCmd): Effect {
  const { subtype = 'AT_AddColumn', name = '', def, behavior } = command;
  const rest = behavior === 'DROP_CASCADE' ? ', and whatever depends on it' : '';
  const known = PARTS[subtype];
  if (known !== undefined) return known({ table, name, def, rest });
  const words = `${wordsFor(subtype)} ${name}`.trim();
  return effect('other', { object: table, table }, `Changes \`${table}\` (${words}).`);
}

interface Part {
  readonly table: string;
  /** Of the column or the constraint. */
  readonly name: string;
  readonly def: Node | undefined;
  readonly rest: string;
}

const PARTS: Readonly<Partial<Record<AlterTableType, (part: Part) => Effect>>> = {
  AT_DropColumn: ({ table, name, rest }) =>
    onColumn(
      'drops-column',
      table,
      name,
    )(`Drops the column \`${table}.${name}\` with everything in it${rest}.`),
  AT_AddColumn: ({ table, def }) => {
    const { name, type } = columnOf(def);
    return onColumn('adds-column', table, name)(`Adds the column \`${table}.${name}\` (${type}).`);
  },
  AT_AlterColumnType: ({ table, name, def }) =>
    onColumn(
      'changes-type',
      table,
      name,
    )(
      `Changes the type of \`${table}.${name}\` to ${columnOf(def).type} and converts what is in it.`,
    ),
  AT_SetNotNull: ({ table, name }) =>
    onColumn(
      'sets-not-null',
      table,
      name,
    )(`Forbids NULL in \`${table}.${name}\`. It fails if a row has one.`),
  AT_DropNotNull: ({ table, name }) =>
    onColumn('drops-not-null', table, name)(`Allows NULL in \`${table}.${name}\`.`),
  AT_ColumnDefault: ({ table, name, def }) =>
    onColumn(
      'changes-default',
      table,
      name,
    )(`${def === undefined ? 'Removes' : 'Sets'} the default of \`${table}.${name}\`.`),
  AT_DropConstraint: ({ table, name, rest }) =>
    effect(
      'drops-constraint',
      { object: name, table },
      `Drops the constraint \`${name}\` of \`${table}\`${rest}.`,
    ),
  AT_AddConstraint: ({ table, def }) => {
    const { object, say } = constraintOf(def);
    return effect(
      'adds-constraint',
      { object, table },
      `Adds ${say} to \`${table}\`. It fails if a row breaks it.`,
    );
  },
};

function columnOf(def: Node | undefined): { readonly name: string; readonly type: string } {
  if (def === undefined || !('ColumnDef' in def)) return { name: 'unnamed', type: 'another type' };
  const { colname = 'unnamed', typeName } = def.ColumnDef;
  const parts = (typeName?.names ?? []).flatMap(nameParts).filter((part) => part !== 'pg_catalog');
  const bounds = (typeName?.typmods ?? []).flatMap((bound) =>
    'A_Const' in bound && bound.A_Const.ival !== undefined ? [bound.A_Const.ival.ival ?? 0] : [],
  );
  const size = bounds.length === 0 ? '' : `(${bounds.join(',')})`;
  const array = (typeName?.arrayBounds ?? []).length > 0 ? '[]' : '';
  return {
    name: colname,
    type: parts.length === 0 ? 'another type' : `${parts.join('.')}${size}${array}`,
  };
}

function constraintOf(def: Node | undefined): { readonly object: string; readonly say: string } {
  if (def === undefined || !('Constraint' in def))
    return { object: 'a constraint', say: 'a constraint' };
  const { conname, contype = 'CONSTR_CHECK' } = def.Constraint;
  const kind = CONSTRAINTS[contype] ?? 'constraint';
  return conname === undefined
    ? { object: `a ${kind}`, say: `a ${kind}` }
    : { object: conname, say: `the ${kind} \`${conname}\`` };
}

const CONSTRAINTS: Readonly<Record<string, string>> = {
  CONSTR_CHECK: 'check constraint',
  CONSTR_EXCLUSION: 'exclusion constraint',
  CONSTR_FOREIGN: 'foreign key',
  CONSTR_NOTNULL: 'not-null constraint',
  CONSTR_PRIMARY: 'primary key',
  CONSTR_UNIQUE: 'unique constraint',
};

/** `AT_EnableRowSecurity` → "enable row security". */
function wordsFor(subtype: string): string {
  return subtype
    .replace(/^AT_/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase();
}
