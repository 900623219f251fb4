/** Whether somebody changed history: asked in the store, or of an export far from it. */
import { z } from 'zod';
import type { Db } from './connect.ts';
import { chain, EventBody, EventRow, rowsOf } from './events.ts';

export interface Audit {
  readonly events: number;
  /** Stream, number and hash of each stream's last event. Kept elsewhere, they show later what was cut off or written anew. */
  readonly heads: readonly string[];
  /** Stream, number and what is wrong there; none when every link holds. */
  readonly breaks: readonly string[];
}

const Known = z.object({ id: z.string(), seq: z.number().int() });

/** Recomputes every hash, and compares with how many events each incident has had. */
export async function verifyEvents(db: Db): Promise<Audit> {
  // Before the events: what is appended meanwhile is more than known, never less.
  const incidents = await db.rows(Known, 'select id, seq from backout.incidents order by number');
  const audits: Audit[] = [];
  for (const stream of await streamsIn(db)) audits.push(verifyStream(await rowsOf(db, stream)));
  const { events, heads, breaks } = together(audits);
  const last = new Map(heads.map((head) => [head.split(' ')[0], Number(head.split(' ')[1])]));
  const cutOff = incidents.flatMap(({ id, seq }) => {
    const left = last.get(id) ?? 0;
    return left < seq ? [`${id} ${left + 1}: missing, with all after it; there were ${seq}`] : [];
  });
  return { events, heads, breaks: [...breaks, ...cutOff] };
}

/** The whole history, a JSON line for each event. */
export async function exportEvents(db: Db): Promise<string> {
  const lines: string[] = [];
  for (const stream of await streamsIn(db)) {
    lines.push(...(await rowsOf(db, stream)).map((row) => JSON.stringify(row)));
  }
  return lines.join('\n');
}

/** Recomputes every hash of an export. */
export function verifyExport(text: string): Audit {
  const breaks: string[] = [];
  const streams = new Map<string, EventRow[]>();
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const row = EventRow.safeParse(parsed(line));
    if (!row.success) breaks.push(`line ${index + 1}: is no event`);
    else streams.set(row.data.stream, [...(streams.get(row.data.stream) ?? []), row.data]);
  }
  const audit = together([...streams.values()].map(verifyStream));
  return { ...audit, breaks: [...breaks, ...audit.breaks] };
}

async function streamsIn(db: Db): Promise<readonly string[]> {
  const rows = await db.rows(
    z.object({ stream: z.string() }),
    'select distinct stream from backout.events order by stream',
  );
  return rows.map((row) => row.stream);
}

function together(audits: readonly Audit[]): Audit {
  return {
    events: audits.reduce((sum, one) => sum + one.events, 0),
    heads: audits.flatMap((one) => one.heads),
    breaks: audits.flatMap((one) => one.breaks),
  };
}

function verifyStream(rows: readonly EventRow[]): Audit {
  let before = { seq: 0, hash: '' };
  const breaks = rows.flatMap((row) => {
    const { stream, seq, hash } = row;
    const due = before.seq + 1;
    const previous = before.hash;
    before = { seq, hash };
    if (seq !== due) return [`${stream} ${due}: missing`];
    return isSound(row, previous)
      ? []
      : [`${stream} ${seq}: changed, or cut off from the one before it`];
  });
  const head = rows.at(-1);
  return {
    events: rows.length,
    heads: head === undefined ? [] : [`${head.stream} ${head.seq} ${head.hash}`],
    breaks,
  };
}

function isSound(row: EventRow, previous: string): boolean {
  const body = EventBody.safeParse(parsed(row.body));
  return (
    body.success &&
    row.previous === previous &&
    row.hash === chain(previous, row.body) &&
    body.data.stream === row.stream &&
    body.data.seq === row.seq &&
    body.data.type === row.type &&
    body.data.v === row.v &&
    body.data.at === row.at.toISOString()
  );
}

/** Undefined where it is no JSON: whoever tampers need not be tidy. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
