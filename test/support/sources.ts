/** The sources of the house, as text: for the tests that keep it in order. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..');

export interface Source {
  /** From the repository's folder, with forward slashes. */
  readonly file: string;
  readonly text: string;
}

export function sourcesIn(...patterns: readonly string[]): readonly Source[] {
  return globSync([...patterns], { cwd: ROOT })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !file.includes('node_modules/'))
    .toSorted()
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, file), 'utf8') }));
}

const IMPORT =
  /^(?:import|export)\b[^;'"]*?\bfrom\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** What a source imports: packages by name, files of ours from the repository's folder. */
export function importsOf({ file, text }: Source): readonly string[] {
  return [...text.matchAll(IMPORT)].flatMap(([, ...found]) => {
    const wanted = found.find((one) => one !== undefined);
    if (wanted === undefined) return [];
    return wanted.startsWith('.') ? [path.posix.join(path.posix.dirname(file), wanted)] : [wanted];
  });
}

const TITLE = /(?:\b(?:test|it)(?:\.\w+)?|\]\)|\w\))\(\s*(['"`])((?:\\.|(?!\1).)+)\1,/g;

export function testNamesIn({ text }: Source): readonly string[] {
  return [...text.matchAll(TITLE)].flatMap(([, , name]) =>
    name === undefined ? [] : [name.replaceAll(/\\(['"`])/g, '$1')],
  );
}

/** Lines that are neither empty nor only a comment. */
export function codeLinesOf({ text }: Source): number {
  const code = text.replaceAll(/^\s*\/\*[\s\S]*?\*\/\s*$/gm, '');
  return code.split('\n').filter((line) => !/^\s*(?:\/\/.*)?$/.test(line)).length;
}

/** Also by another name: whoever takes the whole process may read all of its environment. */
export function readsEnvironment({ text }: Pick<Source, 'text'>): boolean {
  const code = text.replaceAll(/^\s*(?:\/\/|\/?\*).*$/gm, '');
  return /\bprocess\??\.env\b|\bprocess\b\s*(?:\?\.)?\[|=\s*(?:globalThis\.)?process\s*[;,)]|['"`](?:node:)?process['"`]/.test(
    code,
  );
}

/** By whatever way the module is asked for. Programs are started with execa. */
export function startsPrograms({ text }: Pick<Source, 'text'>): boolean {
  return /['"`](?:node:)?(?:child_process|cluster|worker_threads)['"`]/.test(text);
}
