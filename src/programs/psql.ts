import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type ServiceOutcome, type ValidationDoor } from '../doors.ts';
import { pgEnvironment } from './pg-environment.ts';
import { run } from './run.ts';

/** psql's exit code for "a statement of the file failed". */
const STATEMENT_FAILED = 3;
/** For a file of many statements, each of which has its own limit on the server. */
const TIMEOUT_MS = 30 * 60_000;

/** The team's own SQL checks of one target. */
export function validationBy(options: {
  readonly url: string;
  /** Undefined when the target has none. */
  readonly file: string | undefined;
  readonly statementTimeoutMs: number;
  readonly serverVersionNum?: number;
  readonly program?: string;
}): ValidationDoor {
  return {
    async file() {
      if (options.file === undefined) return 'none';
      return access(options.file, constants.R_OK).then(
        () => 'there',
        () => 'missing',
      );
    },

    async run({ applicationName, signal }) {
      if (options.file === undefined) {
        return { ok: true, tail: 'No validation file is configured: nothing was checked.' };
      }
      const { env, secrets } = pgEnvironment(options.url, {
        applicationName,
        serverVersionNum: options.serverVersionNum,
        settings: {
          default_transaction_read_only: 'on',
          statement_timeout: options.statementTimeoutMs,
        },
      });
      const result = await run({
        file: options.program ?? 'psql',
        args: [
          '--no-psqlrc',
          '--no-password',
          '--set=ON_ERROR_STOP=1',
          `--file=${path.resolve(options.file)}`,
        ],
        env,
        secrets,
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      if (result.stopped) throw new Fault('stopped', 'The validation was stopped.');
      return outcome(result);
    },
  };
}

function outcome({
  exitCode,
  timedOut,
  tail,
}: {
  readonly exitCode: number | null;
  readonly timedOut: boolean;
  readonly tail: string;
}): ServiceOutcome {
  if (exitCode === 0) return { ok: true, tail };
  const say = timedOut
    ? 'The validation took too long and was ended.'
    : exitCode === STATEMENT_FAILED
      ? 'A statement of the validation file failed; the ones after it did not run.'
      : 'The validation could not be run.';
  return { ok: false, tail: `${say}\n${tail}` };
}
