/** How the things that statements touch are named, as the parser keeps it. */
import type { Node, RangeVar } from 'libpg-query';
import { nameParts } from './effect.ts';
import type { SchemaAction } from './schema-actions.ts';

/** Where PostgreSQL itself names an index, it may be any that was dropped. */
export const INDEXES = 'an index';

/** The last `depth` parts are its name, those before are what it is in. */
export function named(
  parts: readonly string[],
  { depth = 1, within = [] }: { readonly depth?: number; readonly within?: readonly string[] },
): Pick<SchemaAction, 'names' | 'within'> {
  return {
    names: parts.at(-1) === '' ? [] : [parts.slice(-depth).join('.')],
    within: [...parts.slice(0, -1), ...within],
  };
}

export function partsOf(object: Node | undefined): readonly string[] {
  return object === undefined ? [] : nameParts(object);
}

export function relationParts(relation: RangeVar | undefined): readonly string[] {
  const { schemaname, relname = '' } = relation ?? {};
  return schemaname === undefined ? [relname] : [schemaname, relname];
}
