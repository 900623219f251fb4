/** What people name to be saved as CSV beside the dump. */
import { Export } from './backup.ts';

const TABLE_CHARS_MAX = 200;
const FILE_CHARS_MAX = 50;
/** What a name that was typed does not hold unless it stands in quotes of its own. */
const NO_NAME = /[";,()=<>/\\?!*&|'`{}[\]+:@#%^~\p{Cc}]/u;
const IN_QUOTES = /"(?:[^"]|"")*"/g;

export interface NamedExports {
  readonly exports: readonly Export[];
  /** Words that name nothing. */
  readonly left: readonly string[];
}

/** `orders public.users "Weird Täble" query="select …" as name` */
export function exportsNamed(words: readonly string[]): NamedExports {
  const exports: Export[] = [];
  const left: string[] = [];
  const said = words.reduce<readonly string[]>(joined, []);
  for (let at = 0; at < said.length; at += 1) {
    const word = said[at] ?? '';
    const sql = queryIn(word);
    const isNamed = said[at + 1]?.toLowerCase() === 'as' && said[at + 2] !== undefined;
    const one = sql === undefined ? tableNamed(word) : queryNamed(sql, isNamed ? said[at + 2] : '');
    if (sql !== undefined && isNamed) at += 2;
    if (one === null || exports.some((other) => isSame(other, one))) left.push(word);
    else exports.push({ ...one, name: freeName(one.name, exports) });
  }
  return { exports, left };
}

/** A quote inside a word, as in `public."Weird Täble"`, holds it together with those after it. */
function joined(said: readonly string[], word: string): readonly string[] {
  const last = said.at(-1);
  const isOpen =
    last !== undefined && queryIn(last) === undefined && last.split('"').length % 2 === 0;
  return isOpen ? [...said.slice(0, -1), `${last} ${word}`] : [...said, word];
}

function queryIn(word: string): string | undefined {
  return /^query=(?<sql>.*)$/isu.exec(word)?.groups?.['sql'];
}

function isSame(one: Export, other: Export): boolean {
  return JSON.stringify(one.source) === JSON.stringify(other.source);
}

function tableNamed(said: string): Export | null {
  // Of `"a b"."c d"` the outer quotes are gone: they were taken for those that hold a word together.
  const table = /^[^"]+"\."[^"]+$/.test(said) ? `"${said}"` : said;
  const isName = table.trim() !== '' && table.length <= TABLE_CHARS_MAX;
  if (!isName || NO_NAME.test(table.replaceAll(IN_QUOTES, ''))) return null;
  return readExport({ name: fileName(table), source: { kind: 'table', table } });
}

/** Whether it only reads is settled by PostgreSQL's parser, and by the read-only transaction that it runs in. */
function queryNamed(said: string, name = ''): Export | null {
  const sql = said.trim();
  if (sql === '' || name.trim() === '') return null;
  return readExport({ name: fileName(name), source: { kind: 'query', sql } });
}

/** The same on every disk: no capitals, no accents, nothing that leads elsewhere. */
function fileName(said: string): string {
  const plain = said
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFKD')
    .replaceAll(/["\p{M}]/gu, '')
    .replaceAll(/[^a-z0-9_.-]+/g, '_')
    .replace(/^[.-]+/, '')
    .slice(0, FILE_CHARS_MAX);
  return /[a-z0-9]/.test(plain) ? plain : 'export';
}

function freeName(name: string, exports: readonly Export[]): string {
  const taken = new Set(exports.map((one) => one.name));
  let free = name;
  for (let at = 2; taken.has(free); at += 1) free = `${name}-${at}`;
  return free;
}

function readExport(given: Export): Export | null {
  return Export.safeParse(given).data ?? null;
}
