import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Version } from '../incident/names.ts';
import type { Step } from './steps.ts';

/**
 * Stands in the copy for every version that has to exist there without being undone. A run that went up, because
 * the database was lowered behind our back, would fail on it and change nothing.
 */
const NEVER_UP = `do $$ begin raise exception 'Backout never migrates up'; end $$;\n`;

/**
 * Writes the files that may run, and nothing else, into a folder that only we can read: the tool cannot see a
 * migration below or above. The folder is removed afterwards.
 */
export async function withPrivateCopy<T>(
  { steps, to }: { readonly steps: readonly Step[]; readonly to: Version | null },
  use: (folder: string) => Promise<T>,
): Promise<T> {
  // mkdtemp gives mode 700.
  const folder = await mkdtemp(path.join(tmpdir(), 'backout-down-'));
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
