/** Item 11.1: what the version row says of itself, whenever somebody has read it. */
import type { Evidence } from './evidence.ts';
import { ITEMS } from './evidence.ts';
import type { VersionRow } from './facts.ts';
import { canonicalJson, sha256 } from '../plan/plan.ts';

/** `means`: what a dirty row means here, where that is known. */
export function rowEvidence(row: VersionRow, means: string | null = null): Evidence {
  return {
    item: ITEMS.dirtyState,
    verdict: 'proven',
    says: (means ?? sayRow(row)).slice(0, 600),
    digest: sha256(canonicalJson(row)),
  };
}

function sayRow(row: VersionRow): string {
  if (row.state === 'at') {
    return row.dirty
      ? `The version row is dirty, at ${row.version}: a migration did not end well.`
      : `The version row is not dirty, at ${row.version}.`;
  }
  return row.dirty === true
    ? 'The version row is dirty: undoing the first migration did not end well.'
    : 'The version table holds no version, so nothing is dirty.';
}
