import path from 'node:path';
import type { FileProblem, Folder, MigrationFile } from '../incident/facts/facts.ts';
import { compareVersions, type Version } from '../incident/names.ts';
import { Fault } from '../doors.ts';
import { certainFailure, type Sending } from '../sql/certain-failure.ts';
import { changesSchema, writesData } from '../sql/schema-change.ts';
import type { StatementsRead } from '../sql/statements.ts';
import { readContents, sayMove, type Contents } from './contents.ts';
import {
  entriesOf,
  listFolder,
  readMigration,
  versionsOf,
  type Entry,
  type Listing,
} from './listing.ts';
import { readFileName, readNearMiss, type Direction } from './names-on-disk.ts';

const PREVIEW_CHARACTERS = 2_000;
const DIRECTIONS = ['up', 'down'] as const satisfies readonly Direction[];

/** Everything golang-migrate would see in the folder, and everything it would not say about it. */
export async function readFolder(
  folder: string,
  sending: Sending = 'as-it-needs',
): Promise<Folder> {
  const listing = await listFolder(folder);
  const migrations: MigrationFile[] = [];
  const problems: FileProblem[] = [...misnamed(listing)];

  for (const version of versionsOf(listing.entries)) {
    const [up, down] = await Promise.all(
      DIRECTIONS.map((direction) =>
        readOne({ folder, sending }, entriesOf(listing.entries, { version, direction })),
      ),
    );
    migrations.push({
      version,
      name: (down ?? up)?.name ?? '',
      ...(up?.contents === undefined ? {} : { up: upOf(up.contents) }),
      ...(down?.contents === undefined ? {} : { down: down.contents }),
    });
    problems.push(
      ...problemsOf(listing, version),
      ...(up?.problems ?? []),
      ...(down?.problems ?? []),
    );
  }
  return { path: folder, migrations, problems };
}

function upOf({
  file,
  sha256,
  transactional,
}: NonNullable<MigrationFile['down']>): MigrationFile['up'] {
  return { file, sha256, transactional };
}

/** The version that stands before this one in the folder, which decides what "down" leads to. */
export function previousVersion(
  folder: Pick<Folder, 'migrations'>,
  version: Version,
): Version | null {
  return (
    folder.migrations.findLast((migration) => compareVersions(migration.version, version) < 0)
      ?.version ?? null
  );
}

/** The migrations that a rollback undoes, newest first: `from` is one of them, `to` is not. */
export function versionsBetween(
  folder: Pick<Folder, 'migrations'>,
  { from, to }: { readonly from: Version; readonly to: Version | null },
): readonly MigrationFile[] {
  return folder.migrations
    .filter(
      ({ version }) =>
        compareVersions(version, from) <= 0 && (to === null || compareVersions(version, to) > 0),
    )
    .toReversed();
}

interface FileRead {
  readonly name: string;
  /** Undefined when it could not be read. */
  readonly contents: MigrationFile['down'];
  readonly problems: readonly FileProblem[];
}

/** Of duplicates the first is read: the tool itself reads none of them. */
async function readOne(
  { folder, sending }: { readonly folder: string; readonly sending: Sending },
  [entry]: readonly Entry[],
): Promise<FileRead | null> {
  if (entry === undefined) return null;
  const { name } = entry;
  const found = await readMigration(folder, entry.file).catch((error: unknown) => {
    if (error instanceof Fault) return error;
    throw error;
  });
  if (found instanceof Fault) {
    return { name, contents: undefined, problems: [problemOf(entry, 'unparsable', found.say)] };
  }
  const { bytes, sha256 } = found;
  const read = readContents(entry, bytes);
  const isRead = read.state === 'statements';
  return {
    name,
    contents: {
      file: entry.file,
      sha256,
      sql: startOf(read.sql),
      statements: isRead ? read.read.statements.length : 0,
      transactional: isRead
        ? isAllOrNothing(read.read, sending)
        : read.state === 'empty' || read.state === 'only-comments',
      changesSchema: isRead && changesSchema(read.sql),
      writesData: !isRead || writesData(read.sql),
    },
    problems: isRead ? failures(entry, read, sending) : [problemOf(entry, read.state, read.say)],
  };
}

function problemOf(
  { file, version, direction }: Entry,
  kind: FileProblem['kind'],
  say: string,
): FileProblem {
  return { file, version, direction, kind, say };
}

/** Sent as one message, several statements are one transaction, also when PostgreSQL refuses one of them in it. */
function isAllOrNothing({ transactional, statements }: StatementsRead, sending: Sending): boolean {
  const isOne = statements.length <= 1;
  if (sending === 'cut') return transactional && isOne;
  if (sending === 'as-it-needs' || isOne) return transactional;
  return transactional || statements.every(({ place }) => place !== 'controls-transactions');
}

/** What would be found out only when the services are stopped. An up file is not going to run. */
function failures(
  entry: Entry,
  { sql, read }: Extract<Contents, { state: 'statements' }>,
  sending: Sending,
): readonly FileProblem[] {
  if (entry.direction === 'up') return [];
  const why = read.leavesTransactionOpen
    ? 'it begins a transaction that it does not end. Add the COMMIT.'
    : certainFailure(sql, sending);
  return why === null
    ? []
    : [problemOf(entry, 'certain-to-fail', `\`${entry.file}\` is certain to fail: ${why}`)];
}

function problemsOf({ entries }: Listing, version: Version): readonly FileProblem[] {
  return DIRECTIONS.flatMap((direction): readonly FileProblem[] => {
    const found = entriesOf(entries, { version, direction });
    if (found.length === 1) return [];
    if (found.length === 0) return [missing(entries, { version, direction })];
    const files = found.map(({ file }) => `\`${file}\``).join(' and ');
    return found.map(({ file }) => ({
      file,
      kind: 'duplicate' as const,
      version,
      direction,
      say: `${files} are both the ${direction} file of version ${version}, so the migration tool refuses to start. Keep one.`,
    }));
  });
}

function missing(
  entries: readonly Entry[],
  { version, direction }: { readonly version: Version; readonly direction: Direction },
): FileProblem {
  const other = entries.find((entry) => entry.version === version);
  const file = other?.file.replace(/\.(up|down)\.([^.]*)$/, `.${direction}.sql`) ?? version;
  return {
    file,
    kind: 'missing',
    version,
    direction,
    say: `Version ${version} has no ${direction} file: golang-migrate would ${sayMove(direction)} and change nothing. Write \`${file}\`.`,
  };
}

function misnamed({ entries, skipped }: Listing): readonly FileProblem[] {
  return skipped.flatMap((file) => {
    const base = path.basename(file);
    const right = readFileName(base);
    const near = right === null ? readNearMiss(base) : { ...right, meant: base };
    if (near === null) return [];
    const { version, direction, meant } = near;
    const proper = entries.find((one) => one.version === version && one.direction === direction);
    const cure =
      proper !== undefined
        ? `It runs \`${proper.file}\`. If that is the right one, take the other out of the folder when there is time.`
        : right !== null
          ? `Move it up, out of \`${path.dirname(file)}\`.`
          : meant === null
            ? 'Migrations are named like `7_add_email.up.sql` and `7_add_email.down.sql`.'
            : `Rename it to \`${meant}\`.`;
    return [
      {
        file,
        kind: 'misnamed' as const,
        ...(version === null ? {} : { version }),
        ...(direction === null ? {} : { direction }),
        say: `The migration tool does not see \`${file}\`. ${cure}`,
      },
    ];
  });
}

function startOf(sql: string): string {
  return Array.from(sql.slice(0, 2 * PREVIEW_CHARACTERS))
    .slice(0, PREVIEW_CHARACTERS)
    .join('');
}
