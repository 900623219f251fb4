/** What exactly is going to be done, and the hash that two people approve. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Sha256, Version } from '../names.ts';

export const Plan = z.object({
  systemIdentifier: z.string(),
  database: z.string(),
  from: Version,
  to: Version.nullable(),
  /** In the order in which they run: newest first. `sha256` is null for a file that is not there. */
  files: z.array(z.object({ version: Version, file: z.string(), sha256: Sha256.nullable() })),
  nothingToUndo: z.array(Version),
  backupManifest: Sha256.nullable(),
  services: z.array(z.string()),
  policy: z.object({
    tool: z.enum(['golang-migrate', 'built-in']),
    approvalTtlMinutes: z.number(),
    lockTimeoutMs: z.number(),
    statementTimeoutMs: z.number(),
    start: z.enum(['on_approval', 'by_hand']),
    require: z.array(z.string()),
  }),
});
export type Plan = z.infer<typeof Plan>;

/** JSON with sorted keys: the same plan is the same text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

export function sha256(text: string): Sha256 {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

export function hashPlan(plan: Plan): Sha256 {
  return sha256(canonicalJson(plan));
}

/** `9f3c21ab`: enough of a digest for people to compare by eye. */
export function shortHash(hash: Sha256): string {
  return hash.slice('sha256:'.length, 'sha256:'.length + 8);
}

/** How the difference is called when the backup is another, or gone. */
export const THE_BACKUP = 'the backup';

const FIELD_NAMES: Readonly<Record<keyof Plan, string>> = {
  systemIdentifier: 'the database server',
  database: 'the database',
  from: 'the current version',
  to: 'the version to go to',
  files: 'the down files',
  nothingToUndo: 'the versions that need nothing',
  backupManifest: THE_BACKUP,
  services: 'the services to stop',
  policy: 'the policy',
};

/** Which fields of two plans differ, in words that a person knows. */
export function planDifferences(before: Plan, after: Plan): readonly string[] {
  return PLAN_FIELDS.filter(
    (field) => canonicalJson(before[field]) !== canonicalJson(after[field]),
  ).map((field) => (field === 'files' ? filesSaid(before.files, after.files) : FIELD_NAMES[field]));
}

/** The one file that changed by its name, so that nobody has to look for it. */
function filesSaid(before: Plan['files'], after: Plan['files']): string {
  const changed = before.filter((file) =>
    after.some((one) => one.version === file.version && one.sha256 !== file.sha256),
  );
  const [only] = changed.length === 1 && before.length === after.length ? changed : [];
  return only === undefined ? FIELD_NAMES.files : `the down file ${only.file}`;
}
const PLAN_FIELDS = z.array(Plan.keyof()).parse(Object.keys(FIELD_NAMES));
