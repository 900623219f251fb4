import { readStatements, type StatementsRead } from '../sql/statements.ts';
import type { Entry } from './listing.ts';

/** What is in one migration file; `say` tells what is wrong with it and what to do. */
export type Contents =
  | { readonly state: 'statements'; readonly sql: string; readonly read: StatementsRead }
  | {
      readonly state: 'empty' | 'only-comments' | 'unparsable' | 'misnamed';
      readonly sql: string;
      readonly say: string;
    };

export function readContents(entry: Entry, bytes: Buffer): Contents {
  const { file } = entry;
  if (!entry.isSql) return { state: 'misnamed', sql: '', say: sayNotSql(entry) };
  const sql = decoded(bytes);
  if (sql === null) {
    return {
      state: 'unparsable',
      sql: '',
      say: `\`${file}\` is not UTF-8 text. Save it as UTF-8.`,
    };
  }
  const read = readStatements(sql);
  if (read.state === 'statements') return { state: 'statements', sql, read };
  if (read.state === 'unparsable') {
    return { state: 'unparsable', sql, say: `\`${file}\`: ${read.say}` };
  }
  return { state: read.why, sql, say: sayNothing(entry, read.why) };
}

function sayNotSql({ file, version, name, direction }: Entry): string {
  return `golang-migrate would run \`${file}\`, although its name does not end in \`.sql\`. Rename it to \`${version}_${name}.${direction}.sql\`, or take it out of the folder.`;
}

function sayNothing({ file, direction }: Entry, why: 'empty' | 'only-comments'): string {
  const what = why === 'empty' ? 'is empty' : 'holds nothing that does something, only comments';
  return `\`${file}\` ${what}: running it would ${sayMove(direction)} and change nothing.`;
}

export function sayMove(direction: Entry['direction']): string {
  return direction === 'down' ? 'lower the version' : 'raise the version';
}

/** A byte order mark stays: PostgreSQL would meet it too. */
function decoded(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
