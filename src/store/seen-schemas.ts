/** Which schema belongs to which version of a target, as far as it was seen: events in the target's own stream. */
import type { Event } from '../incident/events.ts';
import { event, streamOfTarget } from '../incident/events.ts';
import type { Facts } from '../incident/facts/facts.ts';
import type { IncidentId, Version } from '../incident/names.ts';
import { compareVersions } from '../incident/names.ts';
import type { Db } from './connect.ts';
import { lockStream, readStream, writeEvents } from './events.ts';
import { targetOfIncident } from './incidents.ts';

/** The schema of a version, once it has been seen clean: by an assessment, or by a verification that found nothing. */
export async function rememberSchema(
  tx: Db,
  id: IncidentId,
  happened: Extract<Event, { type: 'operation-ended' }>,
): Promise<void> {
  const { result, outcome } = happened.data;
  if (outcome !== 'succeeded' || result === undefined) return;
  const seen =
    result.job === 'assess'
      ? { row: result.facts.version, hash: result.facts.fingerprint.hash }
      : result.job === 'verify'
        ? { row: result.version, hash: result.fingerprint }
        : null;
  if (seen === null || (seen.row.state === 'at' && seen.row.dirty)) return;
  const version = seen.row.state === 'at' ? seen.row.version : null;
  const target = await targetOfIncident(tx, id);
  const stream = streamOfTarget(target);
  await lockStream(tx, stream);
  const before = await readStream(tx, stream);
  const newest = before.findLast(
    (one) => one.type === 'fingerprint-seen' && one.data.version === version,
  );
  if (newest?.type === 'fingerprint-seen' && newest.data.hash === seen.hash) return;
  if (result.job === 'assess' && isAnothers(result.facts, before)) return;
  // Of a rollback that left the schema as it was, nothing is learned about the version that it went to.
  if (result.job === 'verify' && (await schemaBeforeDown(tx, id)) === seen.hash) return;
  await writeEvents(tx, {
    stream,
    lastSeq: before.length,
    events: [event('fingerprint-seen', { version, hash: seen.hash, incident: id })],
    at: new Date(happened.at),
    by: happened.by,
    cause: `${happened.stream}#${happened.seq}`,
  });
}

/**
 * The schema of another version, with files between the two that were made to change it: somebody moved the row
 * alone. It must not become what this version is compared with.
 */
function isAnothers({ version: row, fingerprint, folder }: Facts, seen: readonly Event[]): boolean {
  const version = row.state === 'at' ? row.version : null;
  const isAbove = (one: Version, other: Version | null): boolean =>
    other === null || compareVersions(one, other) > 0;
  const changing = folder.migrations.filter((one) => one.down?.changesSchema === true);
  return seen.some((one) => {
    if (one.type !== 'fingerprint-seen' || one.data.hash !== fingerprint.hash) return false;
    const other = one.data.version;
    return changing.some((file) => isAbove(file.version, version) !== isAbove(file.version, other));
  });
}

async function schemaBeforeDown(tx: Db, id: IncidentId): Promise<string | null> {
  const results = (await readStream(tx, id)).flatMap((one) =>
    one.type === 'operation-ended' && one.data.result?.job === 'run-down' ? [one.data.result] : [],
  );
  return results.at(-1)?.before ?? null;
}
