import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Version } from '../incident/names.ts';
import type { Step } from './steps.ts';

/**
 * Stands in the copy for every version that has to exist there without being undone. A run that went up, because
 * the database was lowered behind our back, would fail on it and change nothing.
 */
const NEVER_UP = `do $$ begin raise exception 'Backout never migrates up'; end $$;\n`;

const PREFIX = 'backout-down-';
/** No run takes this long: what is older was left by a worker that was killed. */
const LEFT_AFTER_MS = 24 * 60 * 60_000;

/**
 * Writes the files that may run, and nothing else, into a folder that only we can read: the tool cannot see a
 * migration below or above. The folder is removed afterwards.
 */
export async function withPrivateCopy<T>(
  { steps, to }: { readonly steps: readonly Step[]; readonly to: Version | null },
  use: (folder: string) => Promise<T>,
): Promise<T> {
  await removeLeft();
  // mkdtemp gives mode 700.
  const folder = await mkdtemp(path.join(tmpdir(), PREFIX));
  const write = async (file: string, contents: string | Buffer): Promise<void> =>
    writeFile(path.join(folder, file), contents, { mode: 0o600, flag: 'wx' });
  try {
    for (const { version, name, down } of steps) {
      if (down === null) await write(`${version}_${name}.up.sql`, NEVER_UP);
      else await write(down.file, down.bytes);
    }
    if (to !== null) await write(`${to}_never_up.up.sql`, NEVER_UP);
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Nothing depends on it: what cannot be removed stays. */
async function removeLeft(): Promise<void> {
  const names = await readdir(tmpdir()).catch((): readonly string[] => []);
  for (const name of names.filter((one) => one.startsWith(PREFIX))) {
    const folder = path.join(tmpdir(), name);
    const found = await lstat(folder).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < LEFT_AFTER_MS) continue;
    await rm(folder, { recursive: true, force: true }).catch(() => undefined);
  }
}
