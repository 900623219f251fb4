import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { Fault } from '../doors.ts';
import { compareVersions, type Sha256, type Version } from '../incident/names.ts';
import { readFileName, type Direction, type FileName } from './names-on-disk.ts';

const FILES_MAX = 20_000;

/** A file that golang-migrate would see. */
export interface Entry extends FileName {
  readonly file: string;
}

export interface Listing {
  /** By version, then by name. */
  readonly entries: readonly Entry[];
  /** Files that golang-migrate silently skips, also those in folders below; paths are relative. */
  readonly skipped: readonly string[];
}

/** Throws a Fault when the folder cannot be read. */
export async function listFolder(folder: string): Promise<Listing> {
  const names = await namesIn(folder);
  const entries: Entry[] = [];
  const skipped: string[] = [];
  for (const name of names) {
    const fileName = readFileName(name);
    const kind = await kindOf(path.join(folder, name));
    if (kind === 'folder') skipped.push(...(await namesBelow(folder, name)));
    else if (fileName === null) skipped.push(name);
    else entries.push({ ...fileName, file: name });
  }
  entries.sort((a, b) => compareVersions(a.version, b.version) || (a.file < b.file ? -1 : 1));
  return { entries, skipped };
}

/** The contents of one file, and the digest of exactly these bytes. */
export async function readMigration(
  folder: string,
  file: string,
): Promise<{ readonly bytes: Buffer; readonly sha256: Sha256 }> {
  try {
    const bytes = await readFile(path.join(folder, file));
    return { bytes, sha256: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  } catch (cause) {
    const why = isAbsent(cause) ? 'is gone, or a link that leads nowhere' : 'cannot be read';
    throw new Fault('not-found', `The migration file \`${file}\` ${why}.`, { cause });
  }
}

/** Versions with a file in either direction: what golang-migrate steps over. */
export function versionsOf(entries: readonly Entry[]): readonly Version[] {
  return [...new Set(entries.map(({ version }) => version))];
}

export function entriesOf(
  entries: readonly Entry[],
  wanted: { readonly version: Version; readonly direction: Direction },
): readonly Entry[] {
  return entries.filter(
    ({ version, direction }) => version === wanted.version && direction === wanted.direction,
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    if (names.length > FILES_MAX) {
      throw new Fault('refused', `The folder of migrations holds ${names.length} files, too many.`);
    }
    return names.sort();
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    const why = isAbsent(cause) ? 'is not there' : 'cannot be read';
    throw new Fault('not-found', `The folder of migrations \`${folder}\` ${why}.`, { cause });
  }
}

function isAbsent(cause: unknown): boolean {
  return z.object({ code: z.literal('ENOENT') }).safeParse(cause).success;
}

/** One level is enough to notice files that were put a folder too deep. */
async function namesBelow(folder: string, below: string): Promise<readonly string[]> {
  if (below.startsWith('.') || below === 'node_modules') return [];
  try {
    const names = await readdir(path.join(folder, below));
    return names.sort().map((name) => path.join(below, name));
  } catch {
    return [];
  }
}

async function kindOf(file: string): Promise<'folder' | 'file'> {
  try {
    return (await stat(file)).isDirectory() ? 'folder' : 'file';
  } catch {
    // A dangling link: the tool sees its name, and so do we.
    return 'file';
  }
}
