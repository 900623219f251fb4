import { createHash, type Hash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { onDisk } from '../programs/failure.ts';
import { DatabaseError } from 'pg';
import { Fault, type OnProgress, type Patience, type Snapshot } from '../doors.ts';
import type { Export } from '../incident/facts/backup.ts';
import type { Session } from './connect.ts';
import { exportSource } from './export-source.ts';
import { faultOf } from './fault.ts';

const PROGRESS_EVERY_MS = 250;

type ExportOptions = { readonly file: string; readonly onProgress: OnProgress } & Patience;

/** Streams a table or a query into a new file, counting and hashing what passes. A file that failed is removed. */
export async function exportCsv(
  session: Session,
  { name, source }: Export,
  options: ExportOptions,
): ReturnType<Snapshot['exportCsv']> {
  const hash = createHash('sha256');
  // A failure inside the snapshot's transaction would end it, and with it what pg_dump shares: it is undone alone.
  await session.execute('savepoint export');
  try {
    const { select, ...about } = await exportSource(session, source);
    const rows = await write(session, select, { ...options, hash, name });
    await session.execute('release savepoint export');
    // The server says the number last, after the last row.
    return { ...about, rows: rows(), sha256: `sha256:${hash.digest('hex')}` };
  } catch (error) {
    await session.execute('rollback to savepoint export').catch(() => undefined);
    throw options.signal.aborted
      ? new Fault('stopped', `The export \`${name}\` was stopped.`, { cause: error })
      : error;
  }
}

/** What the export would begin with, and nothing else. */
export async function lookUpExport(session: Session, { source }: Export): Promise<void> {
  await session.execute('savepoint looking');
  try {
    await exportSource(session, source);
  } finally {
    await session.execute('rollback to savepoint looking');
  }
}

async function write(
  session: Session,
  select: string,
  {
    file,
    signal,
    hash,
    name,
    onProgress,
  }: ExportOptions & { readonly hash: Hash; readonly name: string },
): Promise<() => number> {
  signal.throwIfAborted();
  const handle = await onDisk(`Writing the export \`${name}\``, () => open(file, 'wx', 0o600));
  const output = handle.createWriteStream();
  const cancel = (): void => {
    session.cancel().catch(() => undefined);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    // Every value in quotes: what has none is NULL, and differs from an empty text.
    const copy = session.copyOut(
      `copy (\n${select}\n) to stdout (format csv, header, force_quote *)`,
    );
    await pipeline(copy.stream, watched({ hash, name, onProgress }), output);
    return () => copy.rows();
  } catch (error) {
    await rm(file, { force: true });
    if (error instanceof DatabaseError || session.lost.aborted) throw faultOf(error);
    // The rest of the rows is on its way and nobody reads it: the connection is of no more use.
    await session.end();
    return await onDisk(`Writing the export \`${name}\``, () => {
      throw error;
    });
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function watched({
  hash,
  name,
  onProgress,
}: {
  readonly hash: Hash;
  readonly name: string;
  readonly onProgress: OnProgress;
}): Transform {
  let done = 0;
  let saidAt = 0;
  return new Transform({
    transform(chunk: Uint8Array, _encoding, pass) {
      hash.update(chunk);
      done += chunk.length;
      const now = performance.now();
      if (now - saidAt >= PROGRESS_EVERY_MS) {
        saidAt = now;
        onProgress({ done, total: null, unit: 'bytes', what: name });
      }
      pass(null, chunk);
    },
  });
}
