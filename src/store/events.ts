/** History: writing it, and reading it back. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Event, NewEvent } from '../incident/events.ts';
import { Actor, EVENT_VERSION, readEvent } from '../incident/events.ts';
import { canonicalJson } from '../incident/plan/plan.ts';
import type { Db } from './connect.ts';

export const EventRow = z.object({
  stream: z.string(),
  seq: z.number().int(),
  type: z.string(),
  v: z.number().int(),
  at: z.coerce.date(),
  body: z.string(),
  previous: z.string(),
  hash: z.string(),
});
export type EventRow = z.infer<typeof EventRow>;

/** What is hashed: the whole event, as text. The columns beside it are only for queries. */
export const EventBody = z.object({
  stream: z.string(),
  seq: z.number().int(),
  type: z.string(),
  v: z.number().int(),
  at: z.string(),
  by: Actor,
  request: z.string().optional(),
  cause: z.string().optional(),
  data: z.unknown(),
});

export interface Authorship {
  readonly by: Actor;
  readonly request?: string | undefined;
  readonly cause?: string | undefined;
}

/** Waits for whoever is writing to this stream; released by the transaction's end. */
export async function lockStream(tx: Db, stream: string): Promise<void> {
  await tx.run('select pg_advisory_xact_lock(hashtextextended($1, 42))', [stream]);
}

/** Whole history of a stream, oldest first, upcast to today's shapes. */
export async function readStream(db: Db, stream: string): Promise<readonly Event[]> {
  return (await rowsOf(db, stream)).map(eventOf);
}

/** As they stand in the store, oldest first. */
export async function rowsOf(db: Db, stream: string): Promise<readonly EventRow[]> {
  return db.rows(
    EventRow,
    `select stream, seq, type, v, at, body, previous, hash
    from backout.events
    where stream = $1
    order by seq`,
    [stream],
  );
}

function eventOf(row: EventRow): Event {
  const body = EventBody.parse(JSON.parse(row.body));
  return {
    ...readEvent({ type: body.type, v: body.v, data: body.data }),
    stream: body.stream,
    seq: body.seq,
    by: body.by,
    at: body.at,
    request: body.request,
    cause: body.cause,
  };
}

/** Adds events after `lastSeq`, each chained to the one before; the stream must be locked. */
export async function writeEvents(
  tx: Db,
  given: {
    readonly stream: string;
    readonly lastSeq: number;
    readonly events: readonly NewEvent[];
    readonly at: Date;
  } & Authorship,
): Promise<readonly Event[]> {
  let previous = await headOf(tx, given.stream);
  const written: Event[] = [];
  for (const [index, one] of given.events.entries()) {
    const made: Event = {
      ...one,
      stream: given.stream,
      seq: given.lastSeq + index + 1,
      by: given.by,
      at: given.at.toISOString(),
      request: given.request,
      cause: given.cause,
    };
    const body = canonicalJson({ ...made, v: EVENT_VERSION });
    const hash = chain(previous, body);
    await tx.run(
      `insert into backout.events (stream, seq, type, v, at, body, previous, hash)
      values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [made.stream, made.seq, made.type, EVENT_VERSION, given.at, body, previous, hash],
    );
    previous = hash;
    written.push(made);
  }
  return written;
}

const Head = z.object({ hash: z.string() });

async function headOf(tx: Db, stream: string): Promise<string> {
  const rows = await tx.rows(
    Head,
    'select hash from backout.events where stream = $1 order by seq desc limit 1',
    [stream],
  );
  return rows[0]?.hash ?? '';
}

/** The hash of an event: over the one before it in its stream, and its whole text. */
export function chain(previous: string, body: string): string {
  return createHash('sha256').update(previous).update('\n').update(body).digest('hex');
}
