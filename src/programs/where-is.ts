import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import path from 'node:path';

/** The absolute path of a program, looked up in the PATH of the environment it will get, or null. */
export async function whereIs(program: {
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}): Promise<string | null> {
  const folder = path.resolve(program.cwd ?? '.');
  const candidates = program.file.includes('/')
    ? [path.resolve(folder, program.file)]
    : (program.env['PATH'] ?? '')
        .split(path.delimiter)
        .filter((entry) => entry !== '')
        .map((entry) => path.resolve(folder, entry, program.file));
  for (const candidate of candidates) {
    if (await isProgram(candidate)) return candidate;
  }
  return null;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}
