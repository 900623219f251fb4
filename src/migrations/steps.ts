/** What a rollback would run, read once, so that what was checked is what runs. */
import type { DownRequest } from '../doors.ts';
import { compareVersions, sayVersion, type Version } from '../incident/names.ts';
import { readContents, type Contents } from './contents.ts';
import { entriesOf, listFolder, readMigration, versionsOf, type Entry } from './listing.ts';

/** One version to undo. */
export interface Step {
  readonly version: Version;
  /** Where undoing it leads. */
  readonly leadsTo: Version | null;
  readonly name: string;
  /** Null: it has no down file, and the plan says that there is nothing to undo. */
  readonly down: {
    readonly file: string;
    readonly bytes: Buffer;
    readonly contents: Contents;
  } | null;
}

export type Steps =
  /** Newest first. */
  { readonly state: 'ready'; readonly steps: readonly Step[] } | Refused;
export interface Refused {
  readonly state: 'refused';
  readonly say: string;
}

/** What a request asks for, apart from how it is to be run. */
export type Wanted = Pick<DownRequest, 'from' | 'to' | 'nothingToUndo' | 'files'>;

/** Reads and checks every down file of the request against its digest; refuses at the first that is not as planned. */
export async function readSteps(folder: string, wanted: Wanted): Promise<Steps> {
  const { from, to } = wanted;
  if (to !== null && compareVersions(to, from) >= 0) {
    return refused(
      `Version ${to} is not below version ${from}, and a rollback only goes down. Nothing was run.`,
    );
  }
  const { entries } = await listFolder(folder);
  const versions = versionsOf(entries);
  for (const version of to === null ? [from] : [from, to]) {
    if (!versions.includes(version)) {
      return refused(
        `The folder has no migration ${version}. Take the folder of the release that is applied. Nothing was run.`,
      );
    }
  }
  const undone = versions
    .filter((version) => compareVersions(version, from) <= 0)
    .filter((version) => to === null || compareVersions(version, to) > 0)
    .toReversed();
  const gone = Object.keys(wanted.files).find((version) => !undone.includes(version));
  if (gone !== undefined) {
    return refused(
      `The plan has version ${gone}, the folder does not have it between ${from} and ${sayVersion(to)}. Make a new plan. Nothing was run.`,
    );
  }

  const steps: Step[] = [];
  for (const [index, version] of undone.entries()) {
    const step = await readStep({ folder, entries, wanted }, version);
    if ('state' in step) return step;
    steps.push({ ...step, version, leadsTo: undone[index + 1] ?? to });
  }
  return { state: 'ready', steps };
}

interface Source {
  readonly folder: string;
  readonly entries: readonly Entry[];
  readonly wanted: Wanted;
}

async function readStep(
  { folder, entries, wanted }: Source,
  version: Version,
): Promise<Pick<Step, 'name' | 'down'> | Refused> {
  const needsNothing = wanted.nothingToUndo.includes(version);
  const planned = wanted.files[version];
  const [entry, ...more] = entriesOf(entries, { version, direction: 'down' });

  if (entry === undefined) {
    if (planned !== undefined) {
      return refused(`The down file of version ${version} is gone. Nothing was run.`);
    }
    if (!needsNothing) {
      return refused(
        `Version ${version} has no down file: the tool would lower the version and change nothing. Write the file, or plan that this version needs nothing. Nothing was run.`,
      );
    }
    const [up] = entriesOf(entries, { version, direction: 'up' });
    return { name: up?.name ?? '', down: null };
  }
  if (more.length > 0) {
    return refused(
      `Version ${version} has more than one down file: \`${[entry, ...more].map(({ file }) => file).join('`, `')}\`. Keep one. Nothing was run.`,
    );
  }

  const { bytes, sha256 } = await readMigration(folder, entry.file);
  if (planned === undefined) {
    return refused(`\`${entry.file}\` is not part of the plan. Make a new plan. Nothing was run.`);
  }
  if (planned !== sha256) {
    return refused(
      `\`${entry.file}\` is not the file that was planned: it has changed. Make a new plan. Nothing was run.`,
    );
  }
  const contents = readContents(entry, bytes);
  const problem = problemOf({ file: entry.file, contents, needsNothing });
  if (problem !== null) return refused(`${problem} Nothing was run.`);
  return { name: entry.name, down: { file: entry.file, bytes, contents } };
}

function problemOf({
  file,
  contents,
  needsNothing,
}: {
  readonly file: string;
  readonly contents: Contents;
  readonly needsNothing: boolean;
}): string | null {
  if (contents.state === 'statements') {
    return contents.read.leavesTransactionOpen
      ? `\`${file}\` begins a transaction that it does not end. Add the COMMIT.`
      : null;
  }
  const doesNothing = contents.state === 'empty' || contents.state === 'only-comments';
  return doesNothing && needsNothing ? null : contents.say;
}

export function refused(say: string): Refused {
  return { state: 'refused', say };
}
