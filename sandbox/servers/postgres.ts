import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { makePrivateFolder, removeFolder } from './folders.ts';
import { startOwned, type OwnedChild, type Tie } from './owned-child.ts';
import { freePort } from './ports.ts';
import { foundPrograms } from './programs.ts';
import { serverUser, type SystemUser } from './user.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 15_000;
const START_ATTEMPTS_MAX = 5;
const SUPERUSER = 'postgres';

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  max_prepared_transactions: '20',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
} as const;

/** Safe only for data that nobody would miss. */
const QUICK_SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
} as const;

export interface PostgresOptions {
  /** Any of PostgreSQL's settings, over ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Trades durability for speed: for tests. */
  readonly quick?: boolean;
  readonly tie?: Tie;
}

export interface PostgresServer {
  readonly port: number;
  /** With its password; the database is `postgres`. */
  readonly superuserUrl: string;
  readonly dataFolder: string;
  readonly pid: number;
  readonly hasStatements: boolean;
  /** The last lines of the server's log. */
  log(): readonly string[];
  stop(): Promise<void>;
}

/** A private PostgreSQL on a free port of 127.0.0.1, gone when this process is gone. */
export async function startPostgres({
  settings = {},
  quick = false,
  tie,
}: PostgresOptions = {}): Promise<PostgresServer> {
  const user = serverUser();
  const folder = makePrivateFolder('postgres', user);
  const password = randomBytes(18).toString('base64url');
  try {
    const dataFolder = await makeCluster({ folder, password, user });
    const wanted = { ...SETTINGS, ...(quick ? QUICK_SETTINGS : {}), ...settings };
    const running = await startOnFreePort({
      folder,
      dataFolder,
      user,
      settings: wanted,
      ...(tie === undefined ? {} : { tie }),
    });
    return {
      port: running.port,
      superuserUrl: `postgres://${SUPERUSER}:${password}@127.0.0.1:${running.port}/postgres?sslmode=disable`,
      dataFolder,
      pid: running.child.pid,
      hasStatements: running.hasStatements,
      log: () => running.child.lines(),
      async stop() {
        // SIGINT is PostgreSQL's fast shutdown: open transactions are ended, nothing is waited for.
        await running.child.end('SIGINT', STOP_GRACE_MS);
        removeFolder(folder);
      },
    };
  } catch (error) {
    removeFolder(folder);
    throw error;
  }
}

interface Place {
  readonly folder: string;
  readonly user: SystemUser | null;
}

async function makeCluster({
  folder,
  password,
  user,
}: Place & { readonly password: string }): Promise<string> {
  const dataFolder = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user !== null) chownSync(passwordFile, user.uid, user.gid);
  // Without a locale initdb takes the environment's, and under C or POSIX that means SQL_ASCII.
  const args = ['-D', dataFolder, '-U', SUPERUSER, '--encoding=UTF8', '--locale=C', '--no-sync'];
  const access = ['--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  await promisify(execFile)(join(foundPrograms().postgres, 'initdb'), [...args, ...access], {
    ...user,
    cwd: folder,
    env: environment(),
  });
  rmSync(passwordFile);
  return dataFolder;
}

interface Start extends Place {
  readonly dataFolder: string;
  readonly settings: Readonly<Record<string, string>>;
  readonly tie?: Tie;
}

interface Running {
  readonly port: number;
  readonly child: OwnedChild;
  readonly hasStatements: boolean;
}

/** Between choosing a port and taking it somebody else may take it; and pg_stat_statements may not be installed. */
async function startOnFreePort(start: Start): Promise<Running> {
  let hasStatements = start.settings['shared_preload_libraries'] === undefined;
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    const child = await startServer(start, { port, hasStatements });
    if (await child.says(/database system is ready to accept connections/, READY_TIMEOUT_MS)) {
      return { port, child, hasStatements };
    }
    await child.end('SIGQUIT', STOP_GRACE_MS);
    const log = child.lines().join('\n');
    if (log.includes('pg_stat_statements')) hasStatements = false;
    else if (!log.includes('Address already in use') || attempt >= START_ATTEMPTS_MAX) {
      throw new Error(`PostgreSQL did not start. It said:\n${log}`);
    }
  }
}

function startServer(
  { folder, dataFolder, user, settings, tie }: Start,
  { port, hasStatements }: { readonly port: number; readonly hasStatements: boolean },
): Promise<OwnedChild> {
  const all = {
    ...settings,
    port: String(port),
    ...(hasStatements ? { shared_preload_libraries: 'pg_stat_statements' } : {}),
  };
  return startOwned({
    file: join(foundPrograms().postgres, 'postgres'),
    args: [
      '-D',
      dataFolder,
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    env: environment(),
    cwd: folder,
    user,
    // PostgreSQL's immediate shutdown.
    signalOnDeath: 'SIGQUIT',
    folder,
    ...(tie === undefined ? {} : { tie }),
  });
}

function environment(): Readonly<Record<string, string>> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
}
