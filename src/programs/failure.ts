import { Fault } from '../doors.ts';
import type { ProgramResult } from './run.ts';

const SAID_CHARS_MAX = 300;

/** Turns an end that was not a success into a Fault that says who failed and what it said last. */
export function demandSuccess(
  result: ProgramResult,
  { program, task }: { readonly program: string; readonly task: string },
): void {
  if (result.stopped) throw new Fault('stopped', `${task} was stopped.`);
  if (result.timedOut) throw new Fault('timed-out', `${task} took too long; ${program} was ended.`);
  if (result.exitCode === 0) return;
  throw new Fault('failed', `${task} failed. ${program} said: ${lastWords(result.tail)}`);
}

/** The line that tells most: the last one that calls itself an error, else the last one. */
function lastWords(tail: string): string {
  const lines = tail.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.findLast((line) => /\b(?:error|fatal)\b/i.test(line)) ?? lines.at(-1);
  return telling?.slice(0, SAID_CHARS_MAX) ?? 'nothing';
}

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
