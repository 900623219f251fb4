import type { TargetDoor } from '../doors.ts';
import { readActivity } from './activity.ts';
import { readBaseline } from './baseline.ts';
import { namingBlockers } from './blockers.ts';
import type { Session } from './connect.ts';
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
  const read = <Result>(work: (session: Session) => Promise<Result>): Promise<Result> =>
    reader.read((session) => namingBlockers(session, work));
  const identity = (): ReturnType<TargetDoor['identity']> =>
    read((session) => readIdentity(session, url));
  return {
    identity,
    versionTable: () => read((session) => readVersionTable(session, url)),
    version: () => read((session) => readVersionRow(session, url)),
    sizes: () => read(readSizes),
    activity: () => read((session) => readActivity(session, { url, ours: READING_NAME })),
    baseline: () => read(readBaseline),
    fingerprint: () => read((session) => readFingerprint(session, url)),
    performance: () => read(readPerformance),
    sessionsNamed: (prefix) =>
      read((session) => sessionsNamed(session, { prefix, ours: READING_NAME })),
    endSessionsNamed: (name) => read((session) => endSessionsNamed(session, name)),
    async lock(holder) {
      return lockTarget(url, { identity: await identity(), holder });
    },
    async breakLock(holder) {
      return breakLock(url, { identity: await identity(), holder });
    },
    snapshot: ({ signal }) => openSnapshot(url, { applicationName: READING_NAME, signal }),
    copyProgress: (name) => read((session) => readCopyProgress(session, name)),
    close: () => reader.close(),
  };
}
