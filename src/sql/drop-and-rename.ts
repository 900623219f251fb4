import type { DropStmt, ObjectType, RenameStmt } from 'libpg-query';
import {
  effect,
  nameParts,
  onColumn,
  startOf,
  tableName,
  type Effect,
  type EffectKind,
} from './effect.ts';

/** `DROP …` of anything that has a statement of its own. */
export function dropEffects(drop: DropStmt): readonly Effect[] {
  const { objects = [], removeType = 'OBJECT_TABLE', behavior } = drop;
  const rest = behavior === 'DROP_CASCADE' ? ', and whatever depends on it' : '';
  return objects.map((node) => {
    const parts = nameParts(node);
    const name = parts.join('.');
    const kind = KINDS[removeType] ?? 'drops-other';
    if (kind === 'drops-table') {
      const say = `Drops the table \`${name}\` with all its rows${rest}.`;
      return effect(kind, { object: name, table: name }, say);
    }
    if (ON_A_TABLE.has(removeType)) {
      const table = parts.slice(0, -1).join('.');
      const own = parts.at(-1) ?? name;
      const say = `Drops the ${wordFor(removeType)} \`${own}\` of \`${table}\`${rest}.`;
      return effect(kind, { object: own, table }, say);
    }
    return effect(kind, { object: name }, `Drops the ${wordFor(removeType)} \`${name}\`${rest}.`);
  });
}

const KINDS: Readonly<Partial<Record<ObjectType, EffectKind>>> = {
  OBJECT_TABLE: 'drops-table',
  OBJECT_INDEX: 'drops-index',
  OBJECT_MATVIEW: 'drops-view',
  OBJECT_VIEW: 'drops-view',
};

const ON_A_TABLE: ReadonlySet<ObjectType> = new Set([
  'OBJECT_POLICY',
  'OBJECT_RULE',
  'OBJECT_TRIGGER',
]);

export function renameEffects(rename: RenameStmt, text: string): readonly Effect[] {
  const { renameType, relationType, relation, subname = '', newname = '' } = rename;
  const table = tableName(relation);
  if (renameType === 'OBJECT_COLUMN' && relationType === 'OBJECT_TABLE') {
    return [
      onColumn(
        'renames-column',
        table,
        subname,
      )(`Renames the column \`${table}.${subname}\` to \`${newname}\`.`),
    ];
  }
  if (renameType === 'OBJECT_TABLE') {
    return [
      effect(
        'renames-table',
        { object: table, table },
        `Renames the table \`${table}\` to \`${newname}\`.`,
      ),
    ];
  }
  const old = relation === undefined ? startOf(text) : [table, subname].filter(Boolean).join('.');
  return [
    effect(
      'other',
      { object: old },
      `Renames the ${wordFor(renameType ?? 'OBJECT_')} \`${old}\` to \`${newname}\`.`,
    ),
  ];
}

/** `OBJECT_FOREIGN_TABLE` → "foreign table". */
function wordFor(objectType: string): string {
  const word = objectType
    .replace(/^OBJECT_/, '')
    .toLowerCase()
    .replaceAll('_', ' ');
  return WORDS[word] ?? word;
}

const WORDS: Readonly<Record<string, string>> = {
  '': 'object',
  matview: 'materialized view',
  tabconstraint: 'constraint',
};
