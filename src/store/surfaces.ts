/** Which Slack message shows which part of which incident, and what was drawn there last. */
import { z } from 'zod';
import { IncidentId } from '../incident/names.ts';
import type { Db } from './connect.ts';

const Row = z.object({
  incident: IncidentId,
  key: z.string(),
  channel: z.string(),
  nonce: z.string(),
  ts: z.string().nullable(),
  drawn_hash: z.string().nullable(),
  claimed_at: z.date(),
});

export interface Surface {
  readonly incident: IncidentId;
  readonly key: string;
  readonly channel: string;
  /** Goes along as message metadata, so that a post whose answer was lost can be found. */
  readonly nonce: string;
  /** Null while it has been claimed and nobody knows whether it was posted. */
  readonly ts: string | null;
  readonly drawnHash: string | null;
  readonly claimedAt: Date;
}

function surfaceOf({ drawn_hash, claimed_at, ...same }: z.infer<typeof Row>): Surface {
  return { ...same, drawnHash: drawn_hash, claimedAt: claimed_at };
}

const COLUMNS = 'incident, key, channel, nonce, ts, drawn_hash, claimed_at';

export async function surfacesOf(db: Db, incident: IncidentId): Promise<readonly Surface[]> {
  const rows = await db.rows(
    Row,
    `select ${COLUMNS} from backout.surfaces where incident = $1 order by claimed_at`,
    [incident],
  );
  return rows.map(surfaceOf);
}

/** Before it is posted. An earlier claim is given back as it is, `fresh: false`. */
export async function claimSurface(
  db: Db,
  wanted: {
    readonly incident: IncidentId;
    readonly key: string;
    readonly channel: string;
    readonly nonce: string;
  },
): Promise<{ readonly surface: Surface; readonly fresh: boolean }> {
  const values = [wanted.incident, wanted.key, wanted.channel, wanted.nonce];
  const inserted = await db.rows(
    Row,
    `insert into backout.surfaces (incident, key, channel, nonce) values ($1, $2, $3, $4)
    on conflict (incident, key, channel) do nothing
    returning ${COLUMNS}`,
    values,
  );
  if (inserted[0] !== undefined) return { surface: surfaceOf(inserted[0]), fresh: true };
  const present = await db.rows(
    Row,
    `select ${COLUMNS} from backout.surfaces where incident = $1 and key = $2 and channel = $3`,
    values.slice(0, 3),
  );
  return { surface: surfaceOf(Row.parse(present[0])), fresh: false };
}

/** It is there, and it shows this. */
export async function surfaceDrawn(
  db: Db,
  surface: Pick<Surface, 'incident' | 'key' | 'channel'>,
  drawn: { readonly ts: string; readonly hash: string },
): Promise<void> {
  await db.run(
    `update backout.surfaces set ts = $4, drawn_hash = $5, drawn_at = clock_timestamp()
    where incident = $1 and key = $2 and channel = $3`,
    [surface.incident, surface.key, surface.channel, drawn.ts, drawn.hash],
  );
}

/** Somebody deleted the message or archived its channel: it is posted anew, or given up. */
export async function forgetSurface(
  db: Db,
  surface: Pick<Surface, 'incident' | 'key' | 'channel'>,
): Promise<void> {
  await db.run('delete from backout.surfaces where incident = $1 and key = $2 and channel = $3', [
    surface.incident,
    surface.key,
    surface.channel,
  ]);
}

/** Incidents with news that is not drawn yet, or with running work whose progress is shown; oldest news first. */
export async function incidentsToDraw(
  db: Db,
): Promise<
  readonly { readonly id: IncidentId; readonly seq: number; readonly hasNews: boolean }[]
> {
  const rows = await db.rows(
    z.object({ id: IncidentId, seq: z.number().int(), has_news: z.boolean() }),
    `select i.id, i.seq, coalesce(d.drawn_seq, 0) < i.seq or d.again_at <= clock_timestamp() as has_news
    from backout.incidents i
    left join backout.drawn d on d.incident = i.id
    where coalesce(d.drawn_seq, 0) < i.seq
      or d.again_at <= clock_timestamp()
      or exists (select from backout.operations o where o.incident = i.id and o.state in ('running', 'lost'))
    order by has_news desc, i.number`,
  );
  return rows.map(({ has_news, ...same }) => ({ ...same, hasNews: has_news }));
}

/** Everything up to `seq` is drawn; `againSeconds` asks for another look (something could not be drawn). */
export async function incidentDrawn(
  db: Db,
  drawn: {
    readonly incident: IncidentId;
    readonly seq: number;
    readonly againSeconds: number | null;
  },
): Promise<void> {
  await db.run(
    `insert into backout.drawn (incident, drawn_seq, again_at)
    values ($1, $2, clock_timestamp() + make_interval(secs => $3))
    on conflict (incident) do update set drawn_seq = excluded.drawn_seq, again_at = excluded.again_at`,
    [drawn.incident, drawn.seq, drawn.againSeconds],
  );
}
