/** What the schemas that were seen in this target before tell about a dirty row. */
import type { Facts, MigrationFile, VersionRow } from '../facts/facts.ts';
import type { Version } from '../names.ts';

/** The schema as it is, compared with the schemas that were seen before. */
export type Comparison =
  /** It is exactly the schema that belongs to this version. */
  | { readonly state: 'is'; readonly version: Version | null }
  /** By its schema it is this version; of the data nobody knows. */
  | { readonly state: 'is-in-schema-only'; readonly version: Version | null }
  /** It is none of those that were seen: something was done by halves, or by hand. */
  | { readonly state: 'is-none' }
  | { readonly state: 'not-compared' };

type Read = Pick<Facts, 'folder' | 'version'>;

/** The versions between which whatever left the row dirty can have been at work; none when it is not dirty. */
export function versionsNear({ folder, version: row }: Read): readonly (Version | null)[] {
  if (row.dirty !== true) return [];
  const { below = null, migrations } = folder;
  const versions = [below, ...migrations.map((one) => one.version)];
  const index = versions.indexOf(at(row));
  return index === -1 ? [] : versions.slice(Math.max(index - 1, 0), index + 2);
}

/** For an assessment that this incident cannot compare with one of its own. */
export function comparedWithSeen(
  facts: Read & { readonly fingerprint: Facts['fingerprint'] },
): Comparison {
  const { seen = [] } = facts.fingerprint;
  const same = seen.filter((one) => one.isSame);
  const [only] = same;
  if (only === undefined) {
    const isAllSeen = seen.length > 0 && seen.length === versionsNear(facts).length;
    return { state: isAllSeen ? 'is-none' : 'not-compared' };
  }
  const isCertain = same.length === 1 && isToldApart(facts) && isAllOrNothing(facts);
  return { state: isCertain ? 'is' : 'is-in-schema-only', version: only.version };
}

/** No two of the versions near have the same schema. */
function isToldApart(read: Read): boolean {
  return versionsNear(read)
    .slice(1)
    .every((version) => fileOf(read, version)?.down?.changesSchema === true);
}

/** What can have been at work leaves nothing half done, so that data is where the schema is. */
function isAllOrNothing(read: Read): boolean {
  const version = at(read.version);
  const above = versionsNear(read).at(-1);
  const up = fileOf(read, version)?.up;
  const down = above === version ? undefined : fileOf(read, above)?.down;
  return [up, down].every((file) => file === undefined || file.transactional === true);
}

function fileOf({ folder }: Read, version: Version | null | undefined): MigrationFile | undefined {
  return folder.migrations.find((one) => one.version === version);
}

function at(row: VersionRow): Version | null {
  return row.state === 'at' ? row.version : null;
}
