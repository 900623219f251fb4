import type { Node, RangeVar } from 'libpg-query';

export type EffectKind =
  | 'creates-table'
  | 'drops-table'
  | 'renames-table'
  | 'adds-column'
  | 'drops-column'
  | 'renames-column'
  | 'changes-type'
  | 'changes-default'
  | 'sets-not-null'
  | 'drops-not-null'
  | 'adds-constraint'
  | 'drops-constraint'
  | 'creates-index'
  | 'drops-index'
  | 'creates-view'
  | 'drops-view'
  | 'changes-code'
  | 'drops-other'
  | 'inserts-rows'
  | 'updates-rows'
  | 'deletes-rows'
  | 'truncates'
  /** Something else, shown as it is written. */
  | 'other'
  /** Code whose work cannot be read from the file. */
  | 'opaque';

/** One thing that a migration file does. */
export interface Effect {
  readonly kind: EffectKind;
  /** As a person would name it: `users`, `billing.invoices`, `users.email`. */
  readonly object: string;
  readonly table: string | null;
  readonly column: string | null;
  /** A sentence for people. */
  readonly say: string;
}

interface About {
  readonly object: string;
  readonly table?: string;
  readonly column?: string;
}

export function effect(kind: EffectKind, about: About, say: string): Effect {
  return {
    kind,
    object: about.object,
    table: about.table ?? null,
    column: about.column ?? null,
    say,
  };
}

export function opaque(object: string, say: string): Effect {
  return effect('opaque', { object }, say);
}

export function onColumn(kind: EffectKind, table: string, column: string): (say: string) => Effect {
  return (say) => effect(kind, { object: `${table}.${column}`, table, column }, say);
}

export function tableName(relation: RangeVar | undefined): string {
  const { schemaname, relname = 'an unnamed table' } = relation ?? {};
  return schemaname === undefined ? relname : `${schemaname}.${relname}`;
}

/** The parts of a dotted name, wherever the parser keeps them. */
export function nameParts(node: Node): readonly string[] {
  if ('String' in node) return [node.String.sval ?? ''];
  if ('List' in node) return (node.List.items ?? []).flatMap(nameParts);
  if ('TypeName' in node) return (node.TypeName.names ?? []).flatMap(nameParts);
  if ('ObjectWithArgs' in node) return (node.ObjectWithArgs.objname ?? []).flatMap(nameParts);
  return [];
}

/** Enough of a statement to recognise it by. */
export function startOf(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
