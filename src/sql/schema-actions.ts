/** What each statement does to the schema, as far as the fingerprint of a schema shows it. */
import type {
  AlterTableCmd,
  AlterTableType,
  Node,
  ObjectType,
  RangeVar,
  RenameStmt,
} from 'libpg-query';
import { nameParts } from './effect.ts';
import { making } from './schema-made.ts';
import { INDEXES, named, partsOf, relationParts } from './schema-names.ts';

/** One thing that comes, goes or is changed. */
export interface SchemaAction {
  /**
   * `people`, `people.email`, `people.email/type`. Schemas are left out: two of one name count as the same thing.
   * None where PostgreSQL finds the name.
   */
  readonly names: readonly string[];
  /** What it is a part of. */
  readonly within: readonly string[];
  readonly does: 'makes' | 'takes' | 'takes-with-the-rest' | 'changes';
  /** `if exists`, `if not exists`: it ends well where it finds nothing to do. */
  readonly isGuarded: boolean;
  /** False where it can do its work with the schema as it was. */
  readonly isSure: boolean;
}

export function schemaActions(node: Node): readonly SchemaAction[] {
  if ('DropStmt' in node) {
    const { objects = [], removeType = 'OBJECT_TABLE', behavior } = node.DropStmt;
    const isGuarded = node.DropStmt.missing_ok === true;
    const isPart = PARTS_OF_A_TABLE.has(removeType);
    const within = removeType === 'OBJECT_INDEX' ? [INDEXES] : [];
    return objects.map((object) => ({
      ...named(nameParts(object), { depth: isPart ? 2 : 1, within }),
      does: behavior === 'DROP_CASCADE' ? 'takes-with-the-rest' : 'takes',
      isGuarded,
      isSure: isGuarded || SHOWN.has(removeType),
    }));
  }
  if ('AlterTableStmt' in node) {
    const { relation, cmds = [], missing_ok: mayMiss = false } = node.AlterTableStmt;
    return cmds.flatMap((command) => {
      if (!('AlterTableCmd' in command)) return [];
      const isGuarded = mayMiss || command.AlterTableCmd.missing_ok === true;
      return [{ isGuarded, ...partOf(relation, command.AlterTableCmd, isGuarded) }];
    });
  }
  if ('RenameStmt' in node) return [renamed(node.RenameStmt)];
  if ('AlterObjectSchemaStmt' in node) {
    const { relation, object, missing_ok: isGuarded = false } = node.AlterObjectSchemaStmt;
    const parts = relation === undefined ? partsOf(object) : relationParts(relation);
    return [{ ...named(parts, {}), does: 'changes', isGuarded, isSure: true }];
  }
  if ('AlterEnumStmt' in node) {
    const { typeName = [], oldVal = '', newVal = '' } = node.AlterEnumStmt;
    const type = typeName.flatMap(nameParts).at(-1) ?? '';
    const names = [oldVal, newVal].filter(Boolean).map((value) => `${type}/${value}`);
    const isGuarded = node.AlterEnumStmt.skipIfNewValExists === true;
    return [{ names, within: [type], does: 'changes', isGuarded, isSure: true }];
  }
  if ('AlterDomainStmt' in node) {
    const { typeName = [], name = '', missing_ok: isGuarded = false } = node.AlterDomainStmt;
    const type = typeName.flatMap(nameParts).at(-1) ?? '';
    const names = [`${type}/${name}`];
    return [{ names, within: [type], does: 'changes', isGuarded, isSure: isGuarded }];
  }
  return making(node);
}

function partOf(
  relation: RangeVar | undefined,
  command: AlterTableCmd,
  isGuarded: boolean,
): Omit<SchemaAction, 'isGuarded'> {
  const { subtype = 'AT_AddColumn', name = '', def, behavior } = command;
  const table = relation?.relname ?? '';
  const within = relationParts(relation);
  const own = name === '' ? nameIn(def) : name;
  const part = `${table}.${own}`;
  const isCascade = behavior === 'DROP_CASCADE';
  if (subtype === 'AT_AddColumn' || subtype === 'AT_AddConstraint') {
    return { names: own === '' ? [] : [part], within, does: 'makes', isSure: true };
  }
  if (subtype === 'AT_DropColumn' || subtype === 'AT_DropConstraint') {
    const does = isCascade ? 'takes-with-the-rest' : 'takes';
    return { names: [part], within, does, isSure: true };
  }
  if (subtype === 'AT_AttachPartition' || subtype === 'AT_DetachPartition') {
    const partition = def !== undefined && 'PartitionCmd' in def ? def.PartitionCmd.name : relation;
    const names = [`${table}/${partition?.relname ?? ''}`];
    return {
      names,
      within: [...within, ...relationParts(partition)],
      does: 'changes',
      isSure: true,
    };
  }
  const aspect = ASPECTS[subtype];
  return {
    names: [`${part}/${aspect ?? subtype}`],
    within: [...within, part],
    does: 'changes',
    // With USING it can be there to change the values only.
    isSure: isGuarded
      ? !UNSEEN.has(subtype)
      : aspect !== undefined && !(aspect === 'type' && isConverting(def)),
  };
}

const ASPECTS: Readonly<Partial<Record<AlterTableType, string>>> = {
  AT_AlterColumnType: 'type',
  AT_ColumnDefault: 'default',
  AT_SetNotNull: 'null',
  AT_DropNotNull: 'null',
  AT_AddIdentity: 'identity',
  AT_DropIdentity: 'identity',
  AT_DropExpression: 'expression',
};

/** Of no account for the schema, whatever is found. */
const UNSEEN: ReadonlySet<AlterTableType> = new Set([
  'AT_DisableTrig',
  'AT_DisableTrigAll',
  'AT_DisableTrigUser',
  'AT_EnableTrig',
  'AT_EnableTrigAll',
  'AT_EnableTrigUser',
  'AT_SetStatistics',
]);

function isConverting(def: Node | undefined): boolean {
  return def !== undefined && 'ColumnDef' in def && def.ColumnDef.raw_default !== undefined;
}

function nameIn(def: Node | undefined): string {
  if (def === undefined) return '';
  if ('ColumnDef' in def) return def.ColumnDef.colname ?? '';
  if ('Constraint' in def) return def.Constraint.conname ?? '';
  return '';
}

function renamed({
  renameType,
  relation,
  object,
  subname,
  newname = '',
  missing_ok: isGuarded = false,
}: RenameStmt): SchemaAction {
  const isSure = !OF_THE_SERVER.has(renameType ?? 'OBJECT_TABLE');
  const isPart = relation !== undefined && subname !== undefined;
  const old = relation === undefined ? (partsOf(object).at(-1) ?? subname) : relation.relname;
  return isPart
    ? {
        names: [`${relation.relname ?? ''}.${subname}`, `${relation.relname ?? ''}.${newname}`],
        within: relationParts(relation),
        does: 'changes',
        isGuarded,
        isSure,
      }
    : { names: [old ?? '', newname], within: [], does: 'changes', isGuarded, isSure };
}

const OF_THE_SERVER: ReadonlySet<ObjectType> = new Set([
  'OBJECT_DATABASE',
  'OBJECT_ROLE',
  'OBJECT_TABLESPACE',
]);

const PARTS_OF_A_TABLE: ReadonlySet<ObjectType> = new Set([
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_TRIGGER',
]);

const SHOWN: ReadonlySet<ObjectType> = new Set([
  ...PARTS_OF_A_TABLE,
  'OBJECT_AGGREGATE',
  'OBJECT_COLLATION',
  'OBJECT_DOMAIN',
  'OBJECT_EVENT_TRIGGER',
  'OBJECT_EXTENSION',
  'OBJECT_FOREIGN_TABLE',
  'OBJECT_FUNCTION',
  'OBJECT_INDEX',
  'OBJECT_MATVIEW',
  'OBJECT_OPERATOR',
  'OBJECT_PROCEDURE',
  'OBJECT_PUBLICATION',
  'OBJECT_ROUTINE',
  'OBJECT_SCHEMA',
  'OBJECT_SEQUENCE',
  'OBJECT_STATISTIC_EXT',
  'OBJECT_TABLE',
  'OBJECT_TYPE',
  'OBJECT_VIEW',
]);
