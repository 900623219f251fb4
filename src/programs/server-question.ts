import { Fault } from '../doors.ts';
import type { ClientPrograms } from './clients.ts';
import { demandSuccess } from './failure.ts';
import { pgEnvironment } from './pg-environment.ts';
import { run } from './run.ts';

const TIMEOUT_MS = 30_000;

export interface ServerAnswer {
  /** For example 150020. */
  readonly versionNum: number;
  /** Of the whole database, indexes included. */
  readonly databaseBytes: number;
}

/** Asks the target, by psql, what a dump of it will meet. */
export async function askServer(options: {
  readonly url: string;
  readonly programs: ClientPrograms;
  readonly applicationName: string;
  readonly signal: AbortSignal;
}): Promise<ServerAnswer> {
  const { env, secrets } = pgEnvironment(options.url, {
    applicationName: options.applicationName,
    settings: { default_transaction_read_only: 'on' },
  });
  const result = await run({
    file: options.programs.psql,
    args: [
      '--no-psqlrc',
      '--no-password',
      '--no-align',
      '--tuples-only',
      `--command=select current_setting('server_version_num'), pg_database_size(current_database())`,
    ],
    env,
    secrets,
    timeoutMs: TIMEOUT_MS,
    signal: options.signal,
  });
  demandSuccess(result, { program: 'psql', task: 'Asking the database for its version and size' });
  const answer = /^(\d+)\|(\d+)$/m.exec(result.stdout);
  if (answer === null) throw new Fault('failed', 'The database did not say its version and size.');
  return { versionNum: Number(answer[1]), databaseBytes: Number(answer[2]) };
}
