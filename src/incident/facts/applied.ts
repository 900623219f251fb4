/** Which migrations are applied, as far as the version row and the folder tell. */
import type { MigrationFile, VersionRow } from './facts.ts';
import type { Version } from '../names.ts';
import { compareVersions } from '../names.ts';

export interface Applied {
  readonly version: Version;
  readonly name: string;
}

/** Newest first. */
export function appliedOf(
  row: VersionRow,
  migrations: readonly Pick<MigrationFile, 'version' | 'name'>[],
): readonly Applied[] {
  if (row.state === 'none') return [];
  return migrations
    .filter((one) => compareVersions(one.version, row.version) <= 0)
    .toReversed()
    .map(({ version, name }) => ({ version, name }));
}
