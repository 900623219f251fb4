/** Which versions of a target were applied when it was last read: for the choices in forms. Events in its own stream. */
import type { Applied } from '../incident/facts/applied.ts';
import { appliedOf } from '../incident/facts/applied.ts';
import type { Event } from '../incident/events.ts';
import { event, streamOfTarget } from '../incident/events.ts';
import type { IncidentId } from '../incident/names.ts';
import { canonicalJson } from '../incident/plan/plan.ts';
import type { Db } from './connect.ts';
import type { Authorship } from './events.ts';
import { lockStream, readStream, writeEvents } from './events.ts';
import { targetOfIncident } from './incidents.ts';

const VERSIONS_KEPT_MAX = 20;

/** Newest first; nothing is written when nothing has changed. */
export async function rememberVersions(
  tx: Db,
  given: {
    readonly target: string;
    readonly applied: readonly Applied[];
    readonly at: Date;
  } & Authorship,
): Promise<void> {
  const { target, at, by, cause } = given;
  const stream = streamOfTarget(target);
  await lockStream(tx, stream);
  const before = await readStream(tx, stream);
  const applied = given.applied.slice(0, VERSIONS_KEPT_MAX);
  if (canonicalJson(newestIn(before)) === canonicalJson(applied)) return;
  const events = [event('versions-seen', { applied })];
  await writeEvents(tx, { stream, lastSeq: before.length, events, at, by, cause });
}

export async function rememberAssessed(
  tx: Db,
  id: IncidentId,
  happened: Extract<Event, { type: 'operation-ended' }>,
): Promise<void> {
  const { result, outcome } = happened.data;
  if (outcome !== 'succeeded' || result?.job !== 'assess') return;
  await rememberVersions(tx, {
    target: await targetOfIncident(tx, id),
    applied: appliedOf(result.facts.version, result.facts.folder.migrations),
    at: new Date(happened.at),
    by: happened.by,
    cause: `${happened.stream}#${happened.seq}`,
  });
}

/** Newest first. */
export async function versionsSeen(db: Db, target: string): Promise<readonly Applied[]> {
  return newestIn(await readStream(db, streamOfTarget(target)));
}

function newestIn(seen: readonly Event[]): readonly Applied[] {
  const newest = seen.findLast((one) => one.type === 'versions-seen');
  return newest?.type === 'versions-seen' ? newest.data.applied : [];
}
