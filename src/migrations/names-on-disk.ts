/** File names as golang-migrate reads them, and names that were meant to be such. */
import type { Version } from '../incident/names.ts';

export type Direction = 'up' | 'down';

export interface FileName {
  readonly version: Version;
  readonly name: string;
  readonly direction: Direction;
  /** golang-migrate does not look at it: whatever it is, the file counts. */
  readonly isSql: boolean;
}

/** The largest version that fits into the tool's table. */
const VERSION_MAX = 2n ** 63n - 1n;

/** A name that counts, by golang-migrate's own pattern; `003` is version 3. Null: the tool does not see the file. */
export function readFileName(file: string): FileName | null {
  const match = /^([0-9]+)_([^\n]*)\.(down|up)\.([^\n]*)$/.exec(file);
  if (match === null) return null;
  const [, digits = '', name = '', direction, extension = ''] = match;
  const version = BigInt(digits);
  if (version > VERSION_MAX) return null;
  return {
    version: version.toString(),
    name,
    direction: direction === 'up' ? 'up' : 'down',
    isSql: extension.toLowerCase() === 'sql',
  };
}

/** What a name that does not count was probably meant to be. */
export interface NearMiss {
  readonly version: Version | null;
  readonly direction: Direction | null;
  /** The name that would count, when it can be told. */
  readonly meant: string | null;
}

/** Null for a file that nobody would take for a migration, such as `README.md` or `schema.sql`. */
export function readNearMiss(file: string): NearMiss | null {
  const version = versionIn(file);
  const direction = directionIn(file);
  const isSql = /\.sql$/i.test(file.trim());
  if (!isSql && (version === null || direction === null)) return null;
  if (version === null && direction === null) return null;
  return {
    version,
    direction,
    meant:
      version === null || direction === null
        ? null
        : `${version}_${nameIn(file) || 'migration'}.${direction}.sql`,
  };
}

const START = /^\s*([vurb]?)[-_.]?([0-9]+)/i;
const WORD = /(?:^|[\s._-])(up|down|undo|rollback|revert)(?=$|[\s._-])/i;

function versionIn(file: string): Version | null {
  const digits = START.exec(file)?.[2];
  if (digits === undefined) return null;
  const version = BigInt(digits);
  return version > VERSION_MAX ? null : version.toString();
}

function directionIn(file: string): Direction | null {
  const word = WORD.exec(file)?.[1]?.toLowerCase();
  if (word === 'up') return 'up';
  if (word !== undefined) return 'down';
  // Flyway: V7__name.sql goes up, U7__name.sql undoes it.
  const letter = /^\s*([vu])[0-9]+__/i.exec(file)?.[1]?.toLowerCase();
  if (letter === undefined) return null;
  return letter === 'u' ? 'down' : 'up';
}

function nameIn(file: string): string {
  return file
    .trim()
    .replace(START, '')
    .replace(/\.sql$/i, '')
    .replace(WORD, '')
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}
