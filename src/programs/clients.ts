import type { Known } from '../incident/names.ts';
import { Fault } from '../doors.ts';
import { baseEnvironment, run } from './run.ts';

const TIMEOUT_MS = 10_000;

/** PostgreSQL's client programs, by name or by path. */
export interface ClientPrograms {
  readonly pgDump: string;
  readonly pgRestore: string;
  readonly psql: string;
}

export const CLIENT_PROGRAMS: ClientPrograms = {
  pgDump: 'pg_dump',
  pgRestore: 'pg_restore',
  psql: 'psql',
};

/** What a client program says of its version, for example `15.18`. */
export async function clientVersion(file: string): Promise<Known<string>> {
  try {
    const { exitCode, stdout } = await run({
      file,
      args: ['--version'],
      env: baseEnvironment(),
      timeoutMs: TIMEOUT_MS,
      signal: new AbortController().signal,
    });
    const version = /\(PostgreSQL\) (\d[\w.]*)/.exec(stdout)?.[1];
    return exitCode === 0 && version !== undefined
      ? { state: 'known', value: version }
      : { state: 'unknown', why: `\`${file} --version\` did not answer with a version.` };
  } catch (error) {
    if (error instanceof Fault) return { state: 'unknown', why: error.say };
    throw error;
  }
}

/** The part of a client's version that must not be below the server's. */
export function majorOfClient(version: string): number {
  return Number.parseInt(version, 10);
}

/** 150020 is 15. */
export function majorOfServer(serverVersionNum: number): number {
  return Math.floor(serverVersionNum / 10_000);
}
