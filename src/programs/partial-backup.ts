import { rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type PartialBackup } from '../doors.ts';
import type { Backup } from '../incident/facts/backup.ts';
import type { Known } from '../incident/names.ts';
import { clientVersion, majorOfClient, majorOfServer, type ClientPrograms } from './clients.ts';
import { demandSuccess, onDisk } from './failure.ts';
import { filesUnder, flush, flushAll, writeManifest } from './manifest.ts';
import { pgEnvironment } from './pg-environment.ts';
import { baseEnvironment, run, type ProgramResult } from './run.ts';
import { askServer, type ServerAnswer } from './server-question.ts';

/** Patience is the caller's, by its signal; this only keeps a forgotten program from staying for ever. */
const TIMEOUT_MS = 24 * 60 * 60_000;
const DUMP = 'dump';
const ZSTD_SINCE = 16;
const TABLES_CHARS_MAX = 300;
/** A compressed dump without its indexes is seldom larger than this part of the database. */
const DUMP_SHARE = 0.5;

export interface PartialPlace {
  readonly url: string;
  readonly programs: ClientPrograms;
  readonly name: string;
  readonly partial: string;
  readonly finished: string;
  freeBytes(): Promise<Known<number>>;
  abandon(): Promise<void>;
}

/** One back-up being made, in a folder whose name says that it is not finished. */
export function partialBackup(place: PartialPlace): PartialBackup {
  const { partial, programs } = place;
  const dumpFolder = path.join(partial, DUMP);
  const pathOf = (file: string): string => {
    const full = path.resolve(partial, file);
    if (!full.startsWith(`${partial}${path.sep}`)) {
      throw new Fault('refused', 'A file of a back-up must lie inside it.');
    }
    return full;
  };

  return {
    folder: partial,
    pathOf,
    abandon: () => place.abandon(),

    async dump({ snapshotId, jobs, applicationName, lockWaitMs, onOutput, signal }) {
      const server = await askServer({ ...place, applicationName, signal });
      const client = await demandClient(programs, server);
      await demandSpace(place, server);
      const { env, secrets } = pgEnvironment(place.url, {
        applicationName,
        serverVersionNum: server.versionNum,
      });
      const result = await run({
        file: programs.pgDump,
        args: [
          '--format=directory',
          `--file=${dumpFolder}`,
          `--jobs=${jobs}`,
          `--snapshot=${snapshotId}`,
          `--lock-wait-timeout=${lockWaitMs}ms`,
          // For zstd 3 is its own middle; for gzip it is twice as fast as the default and hardly larger.
          `--compress=${majorOfClient(client) >= ZSTD_SINCE ? 'zstd:3' : '3'}`,
          '--no-password',
          // We flush and hash every file ourselves before the back-up gets its name.
          '--no-sync',
          '--verbose',
        ],
        env,
        secrets,
        timeoutMs: TIMEOUT_MS,
        signal,
        onLine: onOutput,
      });
      demandTurn(result, lockWaitMs);
      demandSuccess(result, { program: 'pg_dump', task: 'The back-up' });
    },

    async readThrough({ onOutput, signal }) {
      const result = await run({
        file: programs.pgRestore,
        args: ['--format=directory', '--file=/dev/null', dumpFolder],
        env: baseEnvironment(),
        timeoutMs: TIMEOUT_MS,
        signal,
        onLine: onOutput,
      });
      demandSuccess(result, { program: 'pg_restore', task: 'Reading the back-up through' });
    },

    finish: (about) => onDisk('Finishing the back-up', () => finish(place, about)),
  };
}

/** Gives every file its digest, the folder its manifest, and then its name: last, so that a name is a promise. */
async function finish(
  { partial, finished, name, programs }: PartialPlace,
  about: Parameters<PartialBackup['finish']>[0],
): Promise<Backup> {
  if (!(await isFile(path.join(partial, DUMP, 'toc.dat')))) {
    throw new Fault('refused', 'There is no finished dump in this back-up.');
  }
  const client = await clientVersion(programs.pgDump);
  const files = await filesUnder(partial);
  for (const wanted of about.exports) {
    if (files.find(({ file }) => file === wanted.file)?.sha256 !== wanted.sha256) {
      throw new Fault('failed', `The export ${wanted.file} is not what was written.`);
    }
  }
  const backup = await writeManifest(partial, {
    ...about,
    folder: name,
    files: [...files],
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    clientVersion: client.state === 'known' ? client.value : 'unknown',
  });
  await flushAll(partial);
  await rename(partial, finished);
  await flush(path.dirname(finished));
  return backup;
}

/** An older pg_dump may write something that looks like a back-up of a newer server, and is none. */
async function demandClient(programs: ClientPrograms, server: ServerAnswer): Promise<string> {
  const client = await clientVersion(programs.pgDump);
  if (client.state === 'unknown') throw new Fault('not-found', client.why);
  const wanted = majorOfServer(server.versionNum);
  if (majorOfClient(client.value) < wanted) {
    throw new Fault(
      'refused',
      `pg_dump ${client.value} is older than the server, which is version ${wanted}. Install the client programs of PostgreSQL ${wanted} or newer.`,
    );
  }
  return client.value;
}

async function demandSpace(place: PartialPlace, server: ServerAnswer): Promise<void> {
  const free = await place.freeBytes();
  if (free.state === 'unknown') throw new Fault('failed', free.why);
  if (free.value >= server.databaseBytes * DUMP_SHARE) return;
  throw new Fault(
    'refused',
    `There is too little space for a back-up: the database has ${saySize(server.databaseBytes)}, and ${saySize(free.value)} are free in ${path.dirname(place.partial)}. A back-up needs about half of the first.`,
  );
}

function saySize(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1_000 ** step).toFixed(step === 0 ? 0 : 1)} ${units[step] ?? ''}`;
}

/** pg_dump reports a lock that it did not get as a timeout of its LOCK TABLE, all tables in one statement. */
function demandTurn({ exitCode, tail }: ProgramResult, lockWaitMs: number): void {
  const tables = /LOCK TABLE (.+) IN ACCESS SHARE MODE/.exec(tail)?.[1];
  if (exitCode === 0 || tables === undefined || !tail.includes('timeout')) return;
  throw new Fault(
    'timed-out',
    `Somebody holds a table locked that the back-up must read, for longer than ${lockWaitMs} ms. It is one of: ${tables.slice(0, TABLES_CHARS_MAX)}`,
  );
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}
