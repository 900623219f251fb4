import { Fault, type Patience, type ServiceOutcome } from '../doors.ts';
import type { CommandLine } from '../incident/target.ts';
import { run, type ProgramResult } from '../programs/run.ts';
import { fillIn } from './arguments.ts';

export interface ExecutionSetup {
  /** Where `$NAME` comes from. */
  readonly env: Readonly<Record<string, string>>;
  /** The whole environment of the programs. */
  readonly programEnv: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly cwd: string;
}

interface Limits extends Patience {
  readonly timeoutMs: number;
}

export interface Execution {
  /** How it ended, whatever that means; that the caller stopped it is a Fault. */
  result(command: CommandLine, limits: Limits): Promise<ProgramResult>;
  /** Exit 0 within the time is success. */
  outcome(command: CommandLine, limits: Limits): Promise<ServiceOutcome>;
}

/** Runs command lines of the configuration. */
export function execution(setup: ExecutionSetup): Execution {
  async function result(command: CommandLine, limits: Limits): Promise<ProgramResult> {
    const { file, args, filledIn } = fillIn(command, setup.env);
    const ended = await run({
      file,
      args,
      env: setup.programEnv,
      cwd: setup.cwd,
      timeoutMs: limits.timeoutMs,
      signal: limits.signal,
      secrets: [...setup.secrets, ...filledIn],
    });
    if (ended.stopped) {
      throw new Fault('stopped', `\`${file}\` was stopped before it had finished.`);
    }
    return ended;
  }

  return {
    result,
    async outcome(command, limits) {
      const ended = await result(command, limits);
      return {
        ok: !ended.timedOut && ended.exitCode === 0,
        tail: sayEnd(command, ended, limits.timeoutMs),
      };
    },
  };
}

/** What the program said, and how it ended unless that was well. */
function sayEnd(
  [file]: CommandLine,
  { exitCode, timedOut, tail }: ProgramResult,
  timeoutMs: number,
): string {
  if (!timedOut && exitCode === 0) return tail === '' ? `\`${file}\` exited 0.` : tail;
  const ending = timedOut
    ? `\`${file}\` did not finish within ${timeoutMs / 1_000} s and was ended.`
    : exitCode === null
      ? `\`${file}\` was ended by a signal.`
      : `\`${file}\` exited ${exitCode}.`;
  return tail === '' ? ending : `${tail}\n${ending}`;
}
