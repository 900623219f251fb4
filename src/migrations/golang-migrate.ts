import { Fault, type DownRequest, type DownResult, type MigrationsDoor } from '../doors.ts';
import type { Address } from '../incident/facts/address.ts';
import { migrateUrl } from '../incident/facts/address.ts';
import { sayVersion } from '../incident/names.ts';
import type { Known } from '../incident/names.ts';
import { parseDatabaseUrl, type DatabaseUrl } from '../programs/database-url.ts';
import { serverOptions } from '../programs/pg-environment.ts';
import { baseEnvironment, run } from '../programs/run.ts';
import { connect } from '../target/connect.ts';
import { readFolder } from './files.ts';
import { migrateOutput } from './migrate-output.ts';
import { withPrivateCopy } from './private-copy.ts';
import { readServer, type Server } from './server.ts';
import { readSteps, refused, type Step } from './steps.ts';
import { sendsByStatement } from './version-table.ts';

const VERSION_TIMEOUT_MS = 10_000;
/** Starting, connecting and the version table, beside the files themselves. */
const OVERHEAD_MS = 60_000;
const TIMER_MAX_MS = 2 ** 31 - 1;
/** Asked to stop, the tool finishes its file. Killed, the server notices that the client is gone and undoes the file. */
const GRACE_MS = 10_000;

export interface GolangMigrateOptions {
  readonly url: string;
  readonly folder: string;
  /** Where `migrate` is; a name is looked up in PATH. */
  readonly program?: string;
  /** How long it may go on with the file it is at when it is asked to stop. */
  readonly graceMs?: number;
}

/** golang-migrate's own CLI, started so that it can only go down, and only through the files that were planned. */
export function golangMigrate(options: GolangMigrateOptions): MigrationsDoor {
  return {
    tool: 'golang-migrate',
    toolVersion: () => toolVersion(options),
    readFolder: async () =>
      readFolder(options.folder, sendsByStatement(options.url) ? 'cut' : 'whole'),
    down: (request) => down(options, request),
  };
}

async function toolVersion({ program = 'migrate' }: GolangMigrateOptions): Promise<Known<string>> {
  try {
    const { exitCode, tail } = await run({
      file: program,
      args: ['-version'],
      env: baseEnvironment(),
      timeoutMs: VERSION_TIMEOUT_MS,
      signal: new AbortController().signal,
    });
    const said = tail.trim();
    if (exitCode !== 0 || said === '') return unknown('`migrate -version` did not answer.');
    // What `go install` builds does not know its number; it works all the same.
    return { state: 'known', value: said === 'dev' ? 'built from source' : said };
  } catch (error) {
    if (error instanceof Fault) return unknown(error.say);
    throw error;
  }
}

function unknown(why: string): Known<string> {
  return { state: 'unknown', why };
}

async function down(options: GolangMigrateOptions, request: DownRequest): Promise<DownResult> {
  const read = await readSteps(options.folder, request);
  if (read.state === 'refused') return read;
  if (request.signal.aborted) return { state: 'stopped', tail: '' };

  const server = await lookAt(options.url, request);
  const { version, dirty } = server.row;
  if (dirty) {
    return refused(
      `The version table says ${sayVersion(version)}, dirty: an earlier run did not finish. Nothing was run.`,
    );
  }
  if (version !== request.from) {
    return refused(
      `The database is at ${sayVersion(version)}, not at version ${request.from}. Make a new plan. Nothing was run.`,
    );
  }
  return withPrivateCopy({ steps: read.steps, to: request.to }, (copy) =>
    runMigrate({ options, request, server, steps: read.steps }, copy),
  );
}

interface Run {
  readonly options: GolangMigrateOptions;
  readonly request: DownRequest;
  readonly server: Server;
  readonly steps: readonly Step[];
}

async function runMigrate(
  { options, request, server, steps }: Run,
  copy: string,
): Promise<DownResult> {
  const address = parseDatabaseUrl(options.url);
  const statements = steps.reduce((sum, { down: file }) => {
    const contents = file?.contents;
    return sum + (contents?.state === 'statements' ? contents.read.statements.length : 1);
  }, 0);
  const output = migrateOutput(request.onOutput);
  const { exitCode, stopped, timedOut } = await run({
    file: options.program ?? 'migrate',
    args: [
      '-path',
      copy,
      '-database',
      urlForArguments(address, { usesTls: server.usesTls }),
      // `goto` cannot overshoot when somebody else was faster; to "before the first" only `down` leads.
      ...(request.to === null ? ['down', String(steps.length)] : ['goto', request.to]),
    ],
    env: {
      ...baseEnvironment(),
      PGAPPNAME: request.applicationName,
      PGCONNECT_TIMEOUT: '10',
      PGOPTIONS: serverOptions(server.versionNum, {
        ...address.settings,
        lock_timeout: request.lockTimeoutMs,
        statement_timeout: request.statementTimeoutMs,
      }),
      ...(address.password === null ? {} : { PGPASSWORD: address.password }),
    },
    timeoutMs: Math.min(
      OVERHEAD_MS + statements * (request.statementTimeoutMs + request.lockTimeoutMs),
      TIMER_MAX_MS,
    ),
    signal: request.signal,
    stopSignal: 'SIGINT',
    graceMs: options.graceMs ?? GRACE_MS,
    secrets: address.password === null ? [] : [address.password],
    onLine: (line) => output.onLine(line),
  });
  if (timedOut)
    output.onLine('It took longer than its statements are allowed to, and was stopped.');
  return stopped || timedOut || exitCode === null
    ? { state: 'stopped', tail: output.tail() }
    : { state: 'ended', exitCode, tail: output.tail() };
}

async function lookAt(url: string, request: DownRequest): Promise<Server> {
  const session = await connect(url, {
    applicationName: request.applicationName,
    readOnly: true,
    lockTimeoutMs: request.lockTimeoutMs,
    statementTimeoutMs: request.statementTimeoutMs,
  });
  try {
    return await readServer(session, url);
  } finally {
    await session.end();
  }
}

/**
 * Made anew of the parts that golang-migrate takes: it refuses a socket in the host's place, what only libpq knows
 * and schemes of other drivers. The password and the settings are in the environment. lib/pq knows no
 * `sslmode=prefer`, so it is told what our own connection got.
 */
function urlForArguments(
  { host, port, user, path, database, ssl, migrate }: DatabaseUrl,
  { usesTls }: { readonly usesTls: boolean },
): string {
  const { mode, rootCertificateFile, certificateFile, keyFile } = ssl;
  const isOpen = mode === null || mode === 'prefer' || mode === 'allow';
  const address: Address = {
    host,
    port,
    user,
    database,
    sslMode: isOpen ? (usesTls ? 'require' : 'disable') : mode,
    sslFiles: {
      ...(rootCertificateFile === null ? {} : { sslrootcert: rootCertificateFile }),
      ...(certificateFile === null ? {} : { sslcert: certificateFile }),
      ...(keyFile === null ? {} : { sslkey: keyFile }),
    },
    settings: {},
    migrate: { ...migrate, ...(path === `/${database}` ? {} : { dbname: database }) },
    leftOut: [],
  };
  // Its lock has the path's name: what others lock with the same URL must be the same lock.
  return migrateUrl(address, path);
}
