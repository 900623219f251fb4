import { Fault } from '../doors.ts';
import type { ProgramResult } from './run.ts';

const SAID_CHARS_MAX = 300;

/** Turns an end that was not a success into a Fault that says who failed and what it said of the reason. */
export function demandSuccess(
  result: ProgramResult,
  { program, task }: { readonly program: string; readonly task: string },
): void {
  if (result.stopped) throw new Fault('stopped', `${task} was stopped.`);
  if (result.timedOut) throw new Fault('timed-out', `${task} took too long; ${program} was ended.`);
  if (result.exitCode === 0) return;
  throw new Fault('failed', `${task} failed. ${program} said: ${reasonIn(result.tail)}`);
}

/** What began it: a program that fails tells more and more about less and less. */
function reasonIn(tail: string): string {
  const lines = tail.split('\n').filter((line) => line.trim() !== '');
  const errors = lines.flatMap((line) => {
    // Two workers of pg_dump may write into one line.
    const said = /\b[\w.-]+: (?:error|fatal): (?<said>.+)$/i.exec(line)?.groups?.['said'];
    return said === undefined || HOLLOW.test(said) ? [] : [said];
  });
  const told =
    errors[0] ?? lines.findLast((line) => /\b(?:error|fatal)\b/i.test(line)) ?? lines.at(-1);
  const server = lines.map((line) => FROM_SERVER.exec(line)?.groups?.['said']).find(Boolean);
  const said = [told ?? 'nothing', ...(server === undefined ? [] : [server])].map(clean).join(' ');
  const next = NEXT.find(([sign]) => sign.test(tail))?.[1];
  return [said.slice(0, SAID_CHARS_MAX), ...(next === undefined ? [] : [next])].join(' ');
}

/** The leader of pg_dump's workers says this of any of them, and says it last. */
const HOLLOW = /^a worker process died unexpectedly/;
const FROM_SERVER = /Error message from server: (?<said>.+)$/;

function clean(said: string): string {
  const bare = said.replace(/ ?PQgetResult\(\) failed\.$/, '').trim();
  return /[.:!?]$/.test(bare) ? bare : `${bare}.`;
}

/** What somebody can do about it, by what the program or the server said. */
const NEXT: readonly (readonly [RegExp, string])[] = [
  [
    /row-level security policy/,
    'The user of the database URL may see only a part of that table: it needs BYPASSRLS for a whole back-up.',
  ],
  [/No space left on device/, 'The disk is full: make space where the worker keeps its back-ups.'],
];

/** Does something with our files; says in plain words what the disk had against it. */
export async function onDisk<T>(task: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause)) throw cause;
    const reason = DISK_REASONS[String(cause.code)] ?? `the system said ${String(cause.code)}`;
    throw new Fault('failed', `${task} failed: ${reason}.`, { cause });
  }
}

const DISK_REASONS: Readonly<Record<string, string>> = {
  EACCES: 'we may not write there',
  EDQUOT: 'the quota of the disk is used up',
  EEXIST: 'something of that name is there already',
  EIO: 'the disk reported an error',
  ENOENT: 'a file is not there',
  ENOTDIR: 'a file stands where a folder has to be',
  ENOSPC: 'the disk is full',
  EPERM: 'we may not do that there',
  EROFS: 'the disk is read-only',
};
