/** Finding incidents, and opening one. */
import { z } from 'zod';
import type { Event } from '../incident/events.ts';
import type { Incident } from '../incident/incident.ts';
import { fold } from '../incident/fold.ts';
import { IncidentId, Sha256 } from '../incident/names.ts';
import { streamOfTarget } from '../incident/events.ts';
import type { Version } from '../incident/names.ts';
import type { Db } from './connect.ts';
import { readStream } from './events.ts';

const Id = z.object({ id: IncidentId });

/** Makes the number. Throws on the index `one_open_incident_per_target` when one is open. */
export async function newIncident(tx: Db, target: string): Promise<IncidentId> {
  const rows = await tx.rows(
    Id,
    'insert into backout.incidents (target) values ($1) returning id',
    [target],
  );
  return Id.parse(rows[0]).id;
}

export async function openIncidents(db: Db): Promise<readonly Incident[]> {
  const rows = await db.rows(
    Id,
    'select id from backout.incidents where is_open order by number desc',
  );
  const open: Incident[] = [];
  // One after the other: a transaction has one connection.
  for (const { id } of rows) {
    const read = await readIncident(db, id);
    if (read !== null) open.push(read.incident);
  }
  return open;
}

export async function incidentOfChannel(db: Db, channel: string): Promise<IncidentId | null> {
  const rows = await db.rows(Id, 'select id from backout.incidents where channel = $1', [channel]);
  return rows[0]?.id ?? null;
}

export async function readIncident(
  db: Db,
  id: IncidentId,
): Promise<{ readonly incident: Incident; readonly events: readonly Event[] } | null> {
  const events = await readStream(db, id);
  const incident = fold(events);
  return incident === null ? null : { incident, events };
}

const Target = z.object({ target: z.string() });

/** The targets for which an incident is open. */
export async function openTargets(db: Db): Promise<readonly string[]> {
  const rows = await db.rows(Target, 'select target from backout.incidents where is_open');
  return rows.map((one) => one.target);
}

export async function targetOfIncident(db: Db, id: IncidentId): Promise<string> {
  const rows = await db.rows(Target, 'select target from backout.incidents where id = $1', [id]);
  const row = rows[0];
  if (row === undefined) throw new Error(`${id} has no row`);
  return row.target;
}

/** The schemas seen for a version of a target, newest first, each once. */
export async function fingerprintsSeen(
  db: Db,
  target: string,
  version: Version | null,
): Promise<readonly Sha256[]> {
  const events = await readStream(db, streamOfTarget(target));
  const hashes = events.flatMap((one) =>
    one.type === 'fingerprint-seen' && one.data.version === version ? [one.data.hash] : [],
  );
  return [...new Set(hashes.toReversed())];
}

/** Keeps the lines behind a hash; the same hash has the same lines. */
export async function keepFingerprint(
  db: Db,
  fingerprint: { readonly hash: Sha256; readonly lines: readonly string[] },
): Promise<void> {
  await db.run(
    'insert into backout.fingerprints (hash, lines) values ($1, $2) on conflict (hash) do nothing',
    [fingerprint.hash, fingerprint.lines],
  );
}

export async function recallFingerprint(
  db: Db,
  hash: Sha256,
): Promise<{ hash: Sha256; lines: string[] } | null> {
  const rows = await db.rows(
    z.object({ hash: Sha256, lines: z.array(z.string()) }),
    'select hash, lines from backout.fingerprints where hash = $1',
    [hash],
  );
  return rows[0] ?? null;
}
