/** What was answered to each request, by the request's own id: a repeat finds the first answer. */
import { z } from 'zod';
import type { Outcome, Request } from '../handle.ts';
import { IncidentId } from '../incident/names.ts';
import type { Db } from './connect.ts';

const Kept = z.object({
  kind: z.literal('reply'),
  reply: z.object({
    text: z.string(),
    show: z.enum(['panel', 'status', 'plan', 'contacts', 'nothing']).optional(),
    isPrivate: z.boolean().optional(),
  }),
  incident: IncidentId.nullable(),
});

export async function outcomeOf(db: Db, id: string): Promise<Outcome | null> {
  const rows = await db.rows(
    z.object({ outcome: Kept }),
    'select outcome from backout.requests where id = $1',
    [id],
  );
  const kept = rows[0]?.outcome;
  if (kept === undefined) return null;
  const { show, text, isPrivate } = kept.reply;
  const reply = {
    text,
    ...(show === undefined ? {} : { show }),
    ...(isPrivate === undefined ? {} : { isPrivate }),
  };
  return { ...kept, reply };
}

export async function keepOutcome(
  tx: Db,
  request: Request,
  outcome: Extract<Outcome, { kind: 'reply' }>,
): Promise<void> {
  await tx.run(
    `insert into backout.requests (id, incident, person, verb, outcome)
    values ($1, $2, $3, $4, $5)`,
    [request.id, outcome.incident, request.person.id, request.verb, JSON.stringify(outcome)],
  );
}

/** True for the first who is going to tell the answer: a delivery that is repeated finds it told. */
export async function claimAnswer(
  db: Db,
  { request, person }: { readonly request: string; readonly person: string },
): Promise<boolean> {
  const claimed = await db.run(
    `insert into backout.requests (id, person, verb, outcome)
    values ($1, $2, 'answer', '{}')
    on conflict (id) do nothing`,
    [`answer:${request}`, person],
  );
  return claimed > 0;
}
