import { z } from 'zod';
import { Fault } from '../doors.ts';
import type { Export } from '../incident/facts/backup.ts';
import { readStatements } from '../sql/statements.ts';
import type { Session } from './connect.ts';

/** What is exported: always a SELECT, with its columns known before. */
export interface ExportSource {
  /** Of a table: its schema and name, quoted where they have to be. */
  readonly table?: string;
  readonly columns: readonly string[];
  readonly select: string;
}

/** Finds the table, or looks at the query. Throws a Fault that says what is wrong with what somebody typed. */
export async function exportSource(
  session: Session,
  source: Export['source'],
): Promise<ExportSource> {
  return source.kind === 'table'
    ? tableSource(session, source.table)
    : querySource(session, source.sql);
}

async function tableSource(session: Session, typed: string): Promise<ExportSource> {
  const rows = await session.query(
    z.object({ name: z.string(), column: z.string() }),
    `select format('%I.%I', nspname, relname) as name, attname::text as column
       from pg_class
       join pg_namespace on pg_namespace.oid = relnamespace
       join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
      where pg_class.oid = (select to_regclass(meant)
                              from unnest($1::text[]) with ordinality as meanings (meant, place)
                             where to_regclass(meant) is not null
                             order by place
                             limit 1)
        and relkind in ('r', 'p', 'v', 'm', 'f')
      order by attnum`,
    [meaningsOf(typed)],
  );
  const [first] = rows;
  if (first === undefined) {
    throw new Fault('not-found', `There is no table \`${typed}\` that could be exported.`);
  }
  const columns = rows.map(({ column }) => column);
  return {
    table: first.name,
    columns,
    select: `select ${columns.map(quote).join(', ')} from ${first.name}`,
  };
}

const SQL_NAME = /^(?:(?:^|(?<!^)\.)(?:"(?:[^"]|"")+"|[\p{L}_][\p{L}\p{M}\p{N}_$]*)){1,3}$/u;

/**
 * As it is written first, then as SQL would read it: people write Users and mean users. A full stop may divide the
 * schema from the table, and it may be part of either.
 */
function meaningsOf(typed: string): readonly string[] {
  const asWritten = [...typed.matchAll(/\./g)]
    .map(({ index }) => [typed.slice(0, index), typed.slice(index + 1)])
    .filter((parts) => !parts.includes(''));
  return [
    ...[...asWritten, [typed]].map((parts) => parts.map(quote).join('.')),
    ...(SQL_NAME.test(typed) ? [typed] : []),
  ];
}

async function querySource(session: Session, typed: string): Promise<ExportSource> {
  const reading = readStatements(typed);
  if (reading.state === 'unparsable') {
    throw new Fault('refused', `The query cannot be read. ${reading.say}`);
  }
  const statements = reading.state === 'statements' ? reading.statements : [];
  const [only] = statements;
  // What stands between the brackets of COPY must be one query, or it could close them.
  if (only === undefined || statements.length > 1 || only.kind !== 'SelectStmt') {
    throw new Fault('refused', 'An export must be one SELECT.');
  }
  const columns = await session.columnsOf(only.text);
  const twice = columns.find((column, index) => columns.indexOf(column) !== index);
  if (twice !== undefined) {
    throw new Fault(
      'refused',
      `The query gives two columns called \`${twice}\`: name each with \`as\`.`,
    );
  }
  return { columns, select: only.text };
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
