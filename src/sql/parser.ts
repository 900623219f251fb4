import { createRequire } from 'node:module';
import { z } from 'zod';
import type { Node } from 'libpg-query';

const SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

export interface RawStatement {
  readonly node: Node;
  /** Of the UTF-8 bytes of the text, as PostgreSQL counts. */
  readonly startBytes: number;
  readonly endBytes: number;
}

export type Parsed =
  | { readonly state: 'parsed'; readonly statements: readonly RawStatement[] }
  | { readonly state: 'unparsable'; readonly say: string };

const Library = z.object({
  loadModule: z.custom<typeof import('libpg-query').loadModule>(isFunction),
  parseSync: z.custom<typeof import('libpg-query').parseSync>(isFunction),
  hasSqlDetails: z.custom<typeof import('libpg-query').hasSqlDetails>(isFunction),
});
type Library = z.infer<typeof Library>;

const SPARES = 2;

// An expression nested some thousands deep overflows the parser's stack and spoils its memory: afterwards it fails
// on every text. So a parser that crashed is thrown away, and others stand ready.
let parser: Library | undefined = await freshParser();
const spares: Library[] = [];
for (let count = 0; count < SPARES; count += 1) spares.push(await freshParser());

/** PostgreSQL's own parser. Never throws: what it cannot read comes back as a sentence. */
export function parse(sql: string): Parsed {
  const bytes = Buffer.byteLength(sql);
  if (bytes > SIZE_LIMIT_BYTES) return unparsable('It is larger than 16 MiB, more than we read.');
  if (sql.includes('\0')) return unparsable('It holds a zero byte, which PostgreSQL refuses.');
  if (sql.startsWith('\uFEFF')) {
    return unparsable(
      'It starts with a byte order mark, which PostgreSQL refuses. Save it without.',
    );
  }
  if (sql.trim() === '') return { state: 'parsed', statements: [] };
  if (parser === undefined) return unparsable('The SQL parser is starting again. Try once more.');

  try {
    const { stmts = [] } = parser.parseSync(sql);
    return {
      state: 'parsed',
      statements: stmts.flatMap(({ stmt, stmt_location: start = 0, stmt_len: length = 0 }) =>
        stmt === undefined
          ? []
          : [{ node: stmt, startBytes: start, endBytes: length === 0 ? bytes : start + length }],
      ),
    };
  } catch (error) {
    if (parser.hasSqlDetails(error)) {
      const line = lineAt(sql, error.sqlDetails?.cursorPosition ?? 0);
      return unparsable(`PostgreSQL cannot read line ${line}: ${brief(error.message)}.`);
    }
    void replaceParser();
    return unparsable('It is nested too deeply to be read.');
  }
}

function unparsable(say: string): Parsed {
  return { state: 'unparsable', say };
}

async function replaceParser(): Promise<void> {
  parser = spares.shift();
  const fresh = await freshParser();
  if (parser === undefined) parser = fresh;
  else spares.push(fresh);
}

async function freshParser(): Promise<Library> {
  const require = createRequire(import.meta.url);
  const file = require.resolve('libpg-query');
  delete require.cache[file];
  const library = Library.parse(require(file));
  await library.loadModule();
  return library;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function lineAt(sql: string, characters: number): number {
  return Array.from(sql).slice(0, characters).join('').split('\n').length;
}

/** Keeps a quoted piece of the file from filling the screen. */
function brief(message: string): string {
  const [line = ''] = message.split('\n');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
}
