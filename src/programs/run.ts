import type { Readable } from 'node:stream';
import { execa } from 'execa';
import { Fault } from '../doors.ts';
import { head, lineSplitter, tail } from './lines.ts';
import { whereIs } from './where-is.ts';

const TAIL_BYTES = 4 * 1024;
const STDOUT_BYTES = 64 * 1024;
const GRACE_MS = 10_000;
/** How long output may stay open after the program has ended: a daemon that it left may hold it for ever. */
const DRAIN_MS = 500;

const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ'] as const;

export interface Program {
  /** A path, or a name that is looked up in the PATH of `env`. */
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the program: nothing is added from ours. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Without it the program reads an empty stdin. */
  readonly input?: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
  /** Sent first when it is to stop; SIGKILL follows after `graceMs`. */
  readonly stopSignal?: 'SIGINT' | 'SIGTERM';
  readonly graceMs?: number;
  /** Masked wherever they appear in the output. */
  readonly secrets?: readonly string[];
  /** Gets each line of both outputs, masked and bounded. */
  readonly onLine?: (line: string) => void;
}

export interface ProgramResult {
  /** Null when a signal ended it, or when it was never started. */
  readonly exitCode: number | null;
  /** The caller's signal asked for its end; it may have finished its work all the same. */
  readonly stopped: boolean;
  readonly timedOut: boolean;
  /** The last 4 KiB of both outputs, masked. */
  readonly tail: string;
  /** The first 64 KiB of standard output, masked. */
  readonly stdout: string;
}

/** What a program may know of our own environment: nothing in it can be a secret. */
export function baseEnvironment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/**
 * Runs a program to its end. A non-zero exit, a stop and a timeout are results; a program that is not there is
 * a Fault. If we die while it runs, however we die, it dies with everything in its process group.
 */
export async function run(program: Program): Promise<ProgramResult> {
  const file = await whereIs(program);
  if (file === null) {
    throw new Fault('not-found', `The program \`${program.file}\` is not on this machine.`);
  }
  const dying = await dyingWithUs();
  if (program.signal.aborted) {
    return { exitCode: null, stopped: true, timedOut: false, tail: '', stdout: '' };
  }

  const [command = file, ...args] = [...dying, file, ...program.args];
  const child = execa(command, args, {
    ...(program.cwd === undefined ? {} : { cwd: program.cwd }),
    ...(program.input === undefined ? { stdin: 'ignore' } : { input: program.input }),
    buffer: false,
    // A process group of its own, so that we can end what it starts and a Ctrl-C at the terminal is ours alone.
    detached: true,
    encoding: 'buffer',
    env: program.env,
    extendEnv: false,
    reject: false,
  });
  if (child.pid === undefined) {
    await child;
    throw new Fault('failed', `The program \`${program.file}\` could not be started.`);
  }
  const dismissGuard = guard(child.pid);
  const ending = ender(child.pid, program);
  const output = collect(child, program, () => ending.stopNow());
  child.nodeChildProcess.once('exit', () => {
    ending.settle();
    closeWhenQuiet([child.stdout, child.stderr]);
  });

  const { exitCode } = await child;
  dismissGuard();
  return { exitCode: exitCode ?? null, ...ending.how(), ...output.end() };
}

/** Closes the outputs of a program that has ended as soon as nothing more comes, though somebody may hold them open. */
function closeWhenQuiet(streams: readonly Readable[]): void {
  let chunks = 0;
  for (const stream of streams) stream.on('data', () => (chunks += 1));
  const look = (before: number): void => {
    setTimeout(() => {
      // After a pause of ours, what has come meanwhile is read before the next immediate.
      setImmediate(() => {
        if (streams.every((stream) => stream.closed)) return;
        if (chunks !== before) return look(chunks);
        for (const stream of streams) stream.destroy();
      });
    }, DRAIN_MS).unref();
  };
  look(chunks);
}

/** Splits, masks and keeps the output. An `onLine` that throws stops the program and is thrown again at the end. */
function collect(
  child: { readonly stdout: Readable; readonly stderr: Readable },
  { secrets = [], onLine }: Program,
  stop: () => void,
): { end(): { readonly tail: string; readonly stdout: string } } {
  const kept = { tail: tail(TAIL_BYTES), stdout: head(STDOUT_BYTES) };
  const bugs: unknown[] = [];
  const splitters = [child.stdout, child.stderr].map((stream) => {
    const splitter = lineSplitter({
      secrets,
      onLine(line) {
        if (stream === child.stdout) kept.stdout.add(line);
        kept.tail.add(line);
        try {
          onLine?.(line);
        } catch (bug) {
          bugs.push(bug);
          stop();
        }
      },
    });
    stream.on('data', (chunk: Uint8Array) => splitter.push(chunk));
    // A broken output pipe is the same as its end: the exit code is what counts.
    stream.on('error', () => undefined);
    return splitter;
  });
  return {
    end() {
      for (const splitter of splitters) splitter.end();
      if (bugs.length > 0) throw bugs[0];
      return { tail: kept.tail.text(), stdout: kept.stdout.text() };
    },
  };
}

/** Ends the program when its time is up or the caller says so: politely first, then by SIGKILL. */
function ender(
  pid: number,
  { signal, timeoutMs, stopSignal = 'SIGTERM', graceMs = GRACE_MS }: Program,
): {
  stopNow(): void;
  settle(): void;
  how(): { readonly stopped: boolean; readonly timedOut: boolean };
} {
  const how = { stopped: false, timedOut: false };
  let killing: NodeJS.Timeout | undefined;
  const stopNow = (): void => {
    if (killing !== undefined) return;
    send(pid, stopSignal);
    killing = setTimeout(() => send(pid, 'SIGKILL'), graceMs);
  };
  const onAbort = (): void => {
    how.stopped = true;
    stopNow();
  };
  const timing = setTimeout(() => {
    how.timedOut = true;
    stopNow();
  }, timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });

  return {
    stopNow,
    settle() {
      clearTimeout(timing);
      signal.removeEventListener('abort', onAbort);
      // What was to end must not leave children behind. What ended by itself may: a start command leaves its service.
      if (killing !== undefined) send(pid, 'SIGKILL');
      clearTimeout(killing);
    },
    how: () => how,
  };
}

/** Signals a whole process group; the program leads it. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is left.
  }
}

/**
 * Kills the program's process group when our end of its stdin closes without a word, which the system does for
 * us whatever we die of. `setpriv` covers only the program itself and only Linux; its own children need this.
 */
function guard(pid: number): () => void {
  const watching = execa(
    '/bin/sh',
    ['-c', 'read -r word || kill -s KILL -- "-$1"', 'guard', String(pid)],
    {
      detached: true,
      env: {},
      extendEnv: false,
      reject: false,
      stderr: 'ignore',
      stdin: 'pipe',
      stdout: 'ignore',
    },
  );
  watching.stdin.on('error', () => undefined);
  return () => {
    watching.stdin.end('done\n');
  };
}

let deathSignal: Promise<readonly string[]> | undefined;

/** The words before a command that make Linux kill it when we die; none where `setpriv` cannot do that. */
async function dyingWithUs(): Promise<readonly string[]> {
  const words = ['/usr/bin/setpriv', '--pdeathsig', 'KILL', '--'] as const;
  deathSignal ??= execa(words[0], [...words.slice(1), '/bin/true'], {
    env: {},
    extendEnv: false,
    reject: false,
  }).then(({ exitCode }) => (exitCode === 0 ? words : []));
  return deathSignal;
}
