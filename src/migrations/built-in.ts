import { z } from 'zod';
import { Fault, type DownRequest, type DownResult, type MigrationsDoor } from '../doors.ts';
import { sayVersion } from '../incident/names.ts';
import { tail } from '../programs/lines.ts';
import { connect, type Session } from '../target/connect.ts';
import { downFileByFile, downInOneTransaction, StoppedBetween } from './built-in-steps.ts';
import { readFolder } from './files.ts';
import { readServer } from './server.ts';
import { readSteps, refused, type Step } from './steps.ts';
import { findVersionTable, migrationLockIds } from './version-table.ts';

const TAIL_BYTES = 4 * 1024;
const CLIENT_CHECK_MS = 2_000;

export interface BuiltInOptions {
  readonly url: string;
  readonly folder: string;
}

/**
 * The same files, table and lock as golang-migrate's CLI, by our own hands: in one transaction where the SQL of all
 * files allows it, so that a failure leaves everything as it was. Where it does not, file by file.
 */
export function builtIn(options: BuiltInOptions): MigrationsDoor {
  return {
    tool: 'built-in',
    toolVersion: async () => ({ state: 'known', value: 'built-in' }),
    readFolder: () => readFolder(options.folder),
    down: (request) => down(options, request),
  };
}

async function down({ url, folder }: BuiltInOptions, request: DownRequest): Promise<DownResult> {
  const read = await readSteps(folder, request);
  if (read.state === 'refused') return read;
  if (request.signal.aborted) return { state: 'stopped', tail: '' };

  const session = await connect(url, {
    applicationName: request.applicationName,
    readOnly: false,
    lockTimeoutMs: request.lockTimeoutMs,
    // From the start of the session, so that a RESET or DISCARD in a file comes back to them. The date style and
    // float digits are what golang-migrate's driver asks for: files may depend on them.
    settings: {
      // As an option of ours it would also bound each file as a whole.
      statement_timeout: request.statementTimeoutMs,
      datestyle: 'ISO, MDY',
      extra_float_digits: 2,
    },
  });
  const cancel = (): void => {
    // When it cannot be cancelled because the server is gone, the query fails by itself.
    session.cancel().catch(() => undefined);
  };
  request.signal.addEventListener('abort', cancel, { once: true });
  try {
    return await downOn(session, { url, request, steps: read.steps });
  } finally {
    request.signal.removeEventListener('abort', cancel);
    await session.end();
  }
}

interface Work {
  readonly url: string;
  readonly request: DownRequest;
  readonly steps: readonly Step[];
}

async function downOn(session: Session, { url, request, steps }: Work): Promise<DownResult> {
  const kept = tail(TAIL_BYTES);
  const say = (line: string): void => {
    kept.add(line);
    request.onOutput(line);
  };
  try {
    await prepare(session);
    const { table, row } = await lockAndLook(session, url);
    if (row.dirty) {
      return refused(
        `The version table says ${sayVersion(row.version)}, dirty: an earlier run did not finish. Nothing was run.`,
      );
    }
    if (row.version !== request.from) {
      return refused(
        `The database is at ${sayVersion(row.version)}, not at version ${request.from}. Make a new plan. Nothing was run.`,
      );
    }
    const run = { session, steps, table: table.quoted, signal: request.signal, say };
    const isJoined = steps.every(isJoinable) && !(await hasDeferred(session));
    await (isJoined ? downInOneTransaction(run) : downFileByFile(run));
    return { state: 'ended', exitCode: 0, tail: kept.text() };
  } catch (error) {
    if (error instanceof StoppedBetween) return { state: 'stopped', tail: kept.text() };
    if (!(error instanceof Fault)) throw error;
    say(`error: ${error.say}`);
    return request.signal.aborted
      ? { state: 'stopped', tail: kept.text() }
      : { state: 'ended', exitCode: 1, tail: kept.text() };
  }
}

/** If we die, the server is to stop as well. Not before PostgreSQL 14, and not on every system. */
async function prepare(session: Session): Promise<void> {
  await session
    .execute(`set client_connection_check_interval = ${CLIENT_CHECK_MS}`)
    .catch(() => undefined);
}

/** The lock of the CLI: whoever migrates with it waits for us, and we for them, as long as the lock timeout lets us. */
async function lockAndLook(
  session: Session,
  url: string,
): Promise<Pick<Awaited<ReturnType<typeof readServer>>, 'table' | 'row'>> {
  const table = await findVersionTable(session, url);
  await session.execute(`select pg_advisory_lock(${migrationLockIds(url, table).cli})`);
  return readServer(session, url);
}

/**
 * Between two files everything deferred is checked, as their commits would do it, and cannot be put back to what it
 * was. So where something is deferred from the start, each file has a transaction of its own.
 */
async function hasDeferred(session: Session): Promise<boolean> {
  const [row] = await session.query(
    z.object({ found: z.boolean() }),
    'select exists (select from pg_constraint where condeferred) as found',
  );
  return row?.found === true;
}

function isJoinable({ down: file }: Step): boolean {
  return file === null || file.contents.state !== 'statements' || file.contents.read.joinable;
}
