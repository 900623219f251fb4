/** How one schema differs from another, by the lines of their fingerprints. */

const DIFFERENCES_MAX = 20;

/** `public.events_2026_11` or `"My Schema"."My Table"`, as PostgreSQL quotes names. */
const NAME = /(?:"(?:[^"]|"")+"|[^\s".]+)\.(?:"(?:[^"]|"")+"|[^\s".]+)/.source;
const PARTITION = new RegExp(
  `^(?:partitioned |foreign )?table (${NAME}) (?:unlogged )?(?:partition by .+ )?(?:FOR VALUES |DEFAULT)`,
);

/**
 * Partitions are left out: they are made and dropped as time goes by, and the table above them says what they are.
 * `missing: …` is in the first only, `new: …` in the second only; at most 20.
 */
export function schemaDifferences(
  before: readonly string[],
  now: readonly string[],
): readonly string[] {
  const was = withoutPartitions(before);
  const is = withoutPartitions(now);
  const wasThere = new Set(was);
  const isThere = new Set(is);
  return [
    ...was.filter((line) => !isThere.has(line)).map((line) => `missing: ${line}`),
    ...is.filter((line) => !wasThere.has(line)).map((line) => `new: ${line}`),
  ].slice(0, DIFFERENCES_MAX);
}

function withoutPartitions(lines: readonly string[]): readonly string[] {
  const partitions = new Set(lines.flatMap((line) => PARTITION.exec(line)?.[1] ?? []));
  if (partitions.size === 0) return lines;
  const names = new RegExp(NAME, 'g');
  return lines.filter((line) => (line.match(names) ?? []).every((name) => !partitions.has(name)));
}
