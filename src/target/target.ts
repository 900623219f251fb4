import type { TargetDoor } from '../doors.ts';
import { readActivity } from './activity.ts';
import { readBaseline } from './baseline.ts';
import { readCopyProgress } from './copy-progress.ts';
import { readFingerprint } from './fingerprint.ts';
import { readIdentity } from './identity.ts';
import { breakLock, lockTarget } from './lock.ts';
import { readPerformance } from './performance.ts';
import { openReader } from './reader.ts';
import { endSessionsNamed, sessionsNamed } from './sessions.ts';
import { readSizes } from './sizes.ts';
import { openSnapshot } from './snapshot.ts';
import { readVersionRow, readVersionTable } from './version.ts';

/** Our connections that only look; whoever counts sessions leaves them out. */
const READING_NAME = 'backout/read';

const STATEMENT_TIMEOUT_MS = 15_000;
/** Even looking at a table's size waits behind somebody who has locked it. */
const LOCK_TIMEOUT_MS = 3_000;

/** The database of one target. Connects when asked something, and lets go soon after. */
export function openTarget({
  url,
  statementTimeoutMs = STATEMENT_TIMEOUT_MS,
}: {
  readonly url: string;
  readonly statementTimeoutMs?: number;
}): TargetDoor & { close(): Promise<void> } {
  const reader = openReader(url, {
    applicationName: READING_NAME,
    readOnly: true,
    statementTimeoutMs,
    lockTimeoutMs: LOCK_TIMEOUT_MS,
    settings: { jit: 'off' },
  });
  const identity = (): ReturnType<TargetDoor['identity']> =>
    reader.read((session) => readIdentity(session, url));
  return {
    identity,
    versionTable: () => reader.read((session) => readVersionTable(session, url)),
    version: () => reader.read((session) => readVersionRow(session, url)),
    sizes: () => reader.read(readSizes),
    activity: () => reader.read((session) => readActivity(session, { url, ours: READING_NAME })),
    baseline: () => reader.read(readBaseline),
    fingerprint: () => reader.read((session) => readFingerprint(session, url)),
    performance: () => reader.read(readPerformance),
    sessionsNamed: (prefix) =>
      reader.read((session) => sessionsNamed(session, { prefix, ours: READING_NAME })),
    endSessionsNamed: (name) => reader.read((session) => endSessionsNamed(session, name)),
    async lock(holder) {
      return lockTarget(url, { identity: await identity(), holder });
    },
    async breakLock(holder) {
      return breakLock(url, { identity: await identity(), holder });
    },
    snapshot: ({ signal }) => openSnapshot(url, { applicationName: READING_NAME, signal }),
    copyProgress: (name) => reader.read((session) => readCopyProgress(session, name)),
    close: () => reader.close(),
  };
}
