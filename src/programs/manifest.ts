import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { z } from 'zod';
import { Backup, type BackupFile } from '../incident/facts/backup.ts';
import type { Sha256 } from '../incident/names.ts';

const MANIFEST = 'manifest.json';

/** All that the manifest says; its own digest cannot stand in it. */
const Manifest = Backup.omit({ manifestSha256: true });
type Manifest = z.infer<typeof Manifest>;
type File = z.infer<typeof BackupFile>;

/**
 * Size and digest of every file under a folder but its manifest, sorted by name. A file that is `believed`, has that
 * size and was not written after the manifest is not read again.
 */
export async function filesUnder(
  folder: string,
  believed: readonly File[] = [],
): Promise<readonly File[]> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((name) => name !== MANIFEST)
    .sort();
  const files: File[] = [];
  for (const file of names) {
    const same = believed.find((one) => one.file === file);
    const isBelieved = same !== undefined && (await isAsWritten(folder, same));
    files.push(isBelieved ? same : { file, ...(await digest(path.join(folder, file))) });
  }
  return files;
}

async function isAsWritten(folder: string, { file, sizeBytes }: File): Promise<boolean> {
  const [there, manifest] = await Promise.all([
    stat(path.join(folder, file)),
    stat(path.join(folder, MANIFEST)),
  ]);
  return there.size === sizeBytes && there.mtimeMs <= manifest.mtimeMs;
}

/** Flushes each file and folder under a folder to the disk. */
export async function flushAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) await flush(path.join(entry.parentPath, entry.name));
  await flush(folder);
}

/** Flushes one file, or the names in one folder. */
export async function flush(file: string): Promise<void> {
  const handle = await open(file, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes the manifest into the folder. */
export async function writeManifest(folder: string, manifest: Manifest): Promise<Backup> {
  const text = `${JSON.stringify(Manifest.parse(manifest), null, 2)}\n`;
  await writeFile(path.join(folder, MANIFEST), text, { flag: 'wx', mode: 0o600 });
  return { ...manifest, manifestSha256: sha256Of(text) };
}

/** What the manifest says; null where there is none that can be read. */
export async function readManifest(folder: string): Promise<Backup | null> {
  try {
    const text = await readFile(path.join(folder, MANIFEST));
    const manifest = Manifest.safeParse(JSON.parse(text.toString()));
    return manifest.success ? { ...manifest.data, manifestSha256: sha256Of(text) } : null;
  } catch {
    return null;
  }
}

/** Says the first difference between what the manifest promises and what is there; null when there is none. */
export function firstDifference(
  promised: readonly File[],
  present: readonly File[],
): string | null {
  const there = new Map(present.map((file) => [file.file, file]));
  for (const wanted of promised) {
    const found = there.get(wanted.file);
    if (found === undefined) return `The file ${wanted.file} is missing.`;
    if (found.sizeBytes !== wanted.sizeBytes) {
      return `The file ${wanted.file} has ${found.sizeBytes} bytes instead of ${wanted.sizeBytes}.`;
    }
    if (found.sha256 !== wanted.sha256) return `The content of ${wanted.file} has changed.`;
    there.delete(wanted.file);
  }
  const [extra] = there.keys();
  return extra === undefined ? null : `The file ${extra} does not belong to it.`;
}

async function digest(file: string): Promise<{ sizeBytes: number; sha256: Sha256 }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(file)) {
    if (!(chunk instanceof Uint8Array)) continue;
    sizeBytes += chunk.length;
    hash.update(chunk);
  }
  return { sizeBytes, sha256: `sha256:${hash.digest('hex')}` };
}

function sha256Of(content: string | Uint8Array): Sha256 {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}
