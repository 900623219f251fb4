import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Fault, type ValidationDoor } from '../doors.ts';
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
  /** Where psql runs, as the team's other commands do: `\i` starts there, `\ir` at the file that says it. */
  readonly cwd: string;
  readonly statementTimeoutMs: number;
  readonly serverVersionNum?: number;
  readonly program?: string;
}): ValidationDoor {
  const { file } = options;
  return {
    async file() {
      if (file === undefined) return 'none';
      const text = await readFile(file, 'utf8').catch(() => null);
      if (text === null) return 'missing';
      return isBlank(text) ? 'empty' : 'there';
    },

    async run({ applicationName, signal }) {
      if (file === undefined) {
        const says = 'no validation file is configured, and nothing was checked';
        return { ok: true, says, tail: '' };
      }
      const text = await readFile(file, 'utf8').catch(() => null);
      if (text === null) return { ok: false, says: 'the validation file cannot be read', tail: '' };
      const { env, secrets } = pgEnvironment(options.url, {
        applicationName,
        serverVersionNum: options.serverVersionNum,
        settings: {
          default_transaction_read_only: 'on',
          statement_timeout: options.statementTimeoutMs,
        },
      });
      const word = randomUUID();
      const lines: string[] = [];
      const result = await run({
        file: options.program ?? 'psql',
        args: [
          '--no-psqlrc',
          '--no-password',
          '--set=ON_ERROR_STOP=1',
          // By stdin, so that the last line of it can be ours: a file that ends early does not come to it.
          '--file=-',
          `--command=\\echo ${word} :{?SQLSTATE} :ON_ERROR_STOP :LAST_ERROR_SQLSTATE`,
        ],
        input: `${withPlaces(text, path.dirname(path.resolve(file)))}\n\\echo ${word} end\n`,
        cwd: options.cwd,
        env,
        secrets,
        timeoutMs: TIMEOUT_MS,
        signal,
        onLine: (line) => {
          if (line.includes(word)) lines.push(line.slice(line.indexOf(word) + word.length + 1));
        },
      });
      if (result.stopped) throw new Fault('stopped', 'The validation was stopped.');
      const says = objection(result, lines);
      return {
        ok: says === null,
        says: says ?? 'the team’s validation file ran to its end without an error',
        tail: shown(result.tail, { word, file }),
      };
    },
  };
}

/** Why it is no proof; null when it is one. */
function objection(
  { exitCode, timedOut }: { readonly exitCode: number | null; readonly timedOut: boolean },
  lines: readonly string[],
): string | null {
  if (timedOut) return 'the validation took too long and was ended';
  if (exitCode === STATEMENT_FAILED) {
    return 'a statement of the validation file failed, and those after it did not run';
  }
  if (exitCode !== 0) return 'the validation could not be run';
  if (!lines.includes('end')) {
    return 'the validation file ends before its last line, so what stands after that was not checked';
  }
  const [, ran, stopsAtErrors = '', lastError] =
    lines.map((line) => STATE.exec(line)).find((found) => found !== null) ?? [];
  if (ran !== 'TRUE') return 'the validation file ran no statement, so it proves nothing';
  if (lastError !== NO_ERROR) return 'a statement of the validation file failed';
  return /^(?:1|on|t|y)/i.test(stopsAtErrors)
    ? null
    : 'the validation file switches ON_ERROR_STOP off, so it proves nothing';
}

/** Whether a statement ran, whether psql still stops at errors, and the last error of the session. */
const STATE = /^(TRUE|FALSE) (\S+) (\w+)$/;
const NO_ERROR = '00000';

/** Nothing but white space and comments. */
function isBlank(text: string): boolean {
  return text.replaceAll(/^\uFEFF|--[^\n]*|\/\*[^]*?\*\//g, '').trim() === '';
}

/** psql knows no place of what it reads from stdin: the file's own is put before the paths of its `\ir`. */
function withPlaces(text: string, folder: string): string {
  const place = folder.replaceAll(/[\\']/g, String.raw`\$&`);
  return text.replaceAll(
    /\\(?:ir|include_relative)(?<gap>[ \t]+)(?:'(?<quoted>(?:[^'\n]|'')+)'|(?<bare>[^\s:'"`/][^\s']*))/g,
    (whole, gap: string, quoted: string | undefined, bare: string | undefined) => {
      const said = quoted ?? bare ?? '';
      return said.startsWith('/') ? whole : String.raw`\i${gap}'${place}/${said}'`;
    },
  );
}

/** With the file's name where psql knows only that it read stdin, and without our own lines. */
function shown(
  tail: string,
  { word, file }: { readonly word: string; readonly file: string },
): string {
  return tail
    .split('\n')
    .filter((line) => !line.includes(word))
    .join('\n')
    .replaceAll('psql:<stdin>:', `psql:${path.basename(file)}:`);
}
