import path from 'node:path';
import type { FileProblem, Folder, MigrationFile } from '../incident/facts.ts';
import { compareVersions, type Sha256, type Version } from '../incident/names.ts';
import { changesSchema } from '../sql/schema-change.ts';
import { readContents, sayMove } from './contents.ts';
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

/** How the tool sends a file to the server. */
interface Sending {
  /** Each statement of a file commits by itself. */
  readonly byStatement: boolean;
}

/** Everything golang-migrate would see in the folder, and everything it would not say about it. */
export async function readFolder(
  folder: string,
  sending: Sending = { byStatement: false },
): Promise<Folder> {
  const listing = await listFolder(folder);
  const migrations: MigrationFile[] = [];
  const problems: FileProblem[] = [...misnamed(listing)];

  for (const version of versionsOf(listing.entries)) {
    const [up, down] = [
      await readOne({ folder, sending }, entriesOf(listing.entries, { version, direction: 'up' })),
      await readOne(
        { folder, sending },
        entriesOf(listing.entries, { version, direction: 'down' }),
      ),
    ];
    migrations.push({
      version,
      name: (down ?? up)?.name ?? '',
      ...(up === null ? {} : { up: { file: up.file, sha256: up.sha256 } }),
      ...(down === null ? {} : { down: down.contents }),
    });
    problems.push(
      ...problemsOf(listing, version),
      ...(up?.problems ?? []),
      ...(down?.problems ?? []),
    );
  }
  return { path: folder, migrations, problems };
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
  readonly file: string;
  readonly name: string;
  readonly sha256: Sha256;
  readonly contents: NonNullable<MigrationFile['down']>;
  readonly problems: readonly FileProblem[];
}

/** Of duplicates the first is read: the tool itself reads none of them. */
async function readOne(
  { folder, sending }: { readonly folder: string; readonly sending: Sending },
  [entry]: readonly Entry[],
): Promise<FileRead | null> {
  if (entry === undefined) return null;
  const { bytes, sha256 } = await readMigration(folder, entry.file);
  const { file, version, direction, name } = entry;
  const read = readContents(entry, bytes);
  const isRead = read.state === 'statements';
  return {
    file,
    name,
    sha256,
    contents: {
      file,
      sha256,
      sql: startOf(read.sql),
      statements: isRead ? read.read.statements.length : 0,
      transactional: isRead
        ? read.read.transactional && !(sending.byStatement && read.read.statements.length > 1)
        : read.state === 'empty' || read.state === 'only-comments',
      changesSchema: isRead && changesSchema(read.sql),
    },
    problems: isRead ? [] : [{ file, version, direction, kind: read.state, say: read.say }],
  };
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

function misnamed({ skipped }: Listing): readonly FileProblem[] {
  return skipped.flatMap((file) => {
    const base = path.basename(file);
    const right = readFileName(base);
    const near = right === null ? readNearMiss(base) : { ...right, meant: base };
    if (near === null) return [];
    const cure =
      right !== null
        ? `Move it up, out of \`${path.dirname(file)}\`.`
        : near.meant === null
          ? 'Migrations are named like `7_add_email.up.sql` and `7_add_email.down.sql`.'
          : `Rename it to \`${near.meant}\`.`;
    return [
      {
        file,
        kind: 'misnamed' as const,
        ...(near.version === null ? {} : { version: near.version }),
        ...(near.direction === null ? {} : { direction: near.direction }),
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
