import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Fingerprint } from '../incident/facts/facts.ts';
import { findVersionTable } from '../migrations/version-table.ts';
import type { Session } from './connect.ts';
import { OBJECT_QUERIES } from './fingerprint-objects.ts';
import { RELATION_QUERIES } from './fingerprint-relations.ts';

const LINES_KEPT_MAX = 5_000;
const LINE_CHARS_MAX = 1_000;

/**
 * Says what the schema is, from the catalogs: the same lines for the same schema, whatever its history.
 *
 * Columns are compared by name, not by position: a rollback that adds a dropped column again puts it last, and no
 * statement by name behaves differently for it. Not compared: data, the present values of sequences, comments,
 * settings of databases and roles, planner statistics, options of foreign servers, and the migration tool's own table.
 */
export async function readFingerprint(session: Session, url: string): Promise<Fingerprint> {
  const own = await findVersionTable(session, url);
  await session.execute(`begin isolation level repeatable read, read only; ${SAME_WORDS}`);
  try {
    const rows = await session.query(
      z.object({ line: z.string() }),
      [...RELATION_QUERIES, ...OBJECT_QUERIES]
        .map((query) => `select line from (${query}) as lines`)
        .join('\n union all \n'),
      [own.quoted],
    );
    const lines = rows.map(({ line }) => line).sort();
    return {
      hash: `sha256:${sha256(lines.join('\0'))}`,
      lines: lines.slice(0, LINES_KEPT_MAX).map(shown),
    };
  } finally {
    await session.execute('rollback').catch(() => undefined);
  }
}

/** PostgreSQL prints definitions by the session's settings: with nothing on the search path every name is qualified. */
const SAME_WORDS = `
  -- Compiling these queries would take longer than running them a hundred times.
  set local jit = off;
  set local search_path = pg_catalog;
  set local quote_all_identifiers = off;
  set local datestyle = 'ISO, MDY';
  set local intervalstyle = 'postgres';
  set local timezone = 'UTC';
  set local bytea_output = 'hex';
  set local extra_float_digits = 1`;

/** One line of the screen; two long lines that differ still do. */
function shown(line: string): string {
  const flat = line.replaceAll(/\s*\n\s*/g, ' ');
  return flat.length <= LINE_CHARS_MAX
    ? flat
    : `${flat.slice(0, LINE_CHARS_MAX - 20)}… ${sha256(line).slice(0, 16)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
