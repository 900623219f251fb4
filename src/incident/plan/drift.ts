/** What is no longer as it was approved: the plan is made again from the world, and compared. */
import type { Facts, Folder } from '../facts/facts.ts';
import type { Plan } from './plan.ts';
import { hashPlan, planDifferences } from './plan.ts';
import { configuredPart, downFileOf } from './prospect.ts';
import type { Target } from '../target.ts';

/** Read under the lock, a moment before anything is done. */
export interface WorldNow {
  readonly identity: Facts['identity'];
  readonly version: Facts['version'];
  readonly folder: Folder;
  /** Of the backup, if it is there and whole. */
  readonly manifest: Plan['backupManifest'];
  readonly target: Target;
}

/** Each thing that moved, in words; none when the plan is exactly the one that two people approved. */
export function driftFrom(
  approved: { readonly plan: Plan; readonly planHash: string },
  { identity, version, folder, manifest, target }: WorldNow,
): readonly string[] {
  const { plan, planHash } = approved;
  if (identity.isReplica) return ['the database server (it is a read-only replica now)'];
  if (version.state === 'none') return ['the current version (no version is recorded)'];
  if (version.dirty) return [`the current version (${version.version} is dirty)`];
  const now: Plan = {
    ...plan,
    systemIdentifier: identity.systemIdentifier,
    database: identity.database,
    from: version.version,
    files: plan.files.map((one) => downFileOf(folder, one.version)),
    backupManifest: manifest,
    ...configuredPart(target),
  };
  return hashPlan(now) === planHash ? [] : planDifferences(plan, now);
}
