/** What people name to be saved as CSV beside the dump. */
import { Export } from './backup.ts';
import { pairOf } from './words.ts';

const TABLE = /^[a-zA-Z_][\w$]*(\.[a-zA-Z_][\w$]*)?$/;
const READS = /^\s*(select|with|values|table)\b/i;

export interface NamedExports {
  readonly exports: readonly Export[];
  /** Words that name nothing. */
  readonly left: readonly string[];
}

/** `orders public.users query="select …" as name` */
export function exportsNamed(words: readonly string[]): NamedExports {
  const exports: Export[] = [];
  const left: string[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const pair = pairOf(word);
    const isNamed = words[at + 1] === 'as' && words[at + 2] !== undefined;
    const one =
      pair?.[0] === 'query'
        ? queryNamed(pair[1], isNamed ? words[at + 2] : undefined)
        : tableNamed(word);
    if (one === null || exports.some(({ name }) => name === one.name)) left.push(word);
    else exports.push(one);
    if (pair?.[0] === 'query' && isNamed) at += 2;
  }
  return { exports, left };
}

function tableNamed(table: string): Export | null {
  if (!TABLE.test(table)) return null;
  const name = table.toLowerCase().replaceAll('$', '_');
  return readExport({ name, source: { kind: 'table', table } });
}

/** One statement that reads. Whether it does is settled by the read-only transaction it runs in. */
function queryNamed(sql: string, name: string | undefined): Export | null {
  const one = sql.trim().replace(/;\s*$/, '');
  if (name === undefined || one.includes(';') || !READS.test(one)) return null;
  return readExport({ name: name.toLowerCase(), source: { kind: 'query', sql: one } });
}

function readExport(given: Export): Export | null {
  return Export.safeParse(given).data ?? null;
}
