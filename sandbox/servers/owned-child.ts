import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { removeFolder } from './folders.ts';
import type { SystemUser } from './user.ts';

const LINES_MAX = 60;
const SUPERVISOR = join(import.meta.dirname, 'supervisor.ts');

/** `setpriv`: the kernel ends the child with its owner (Linux). `supervisor`: a process between them does. */
export type Tie = 'setpriv' | 'supervisor';

export interface OwnedProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly user: SystemUser | null;
  /** Sent when we are gone, however we went. */
  readonly signalOnDeath: 'SIGQUIT' | 'SIGKILL' | 'SIGTERM';
  /** Removed when we exit without having ended the child. */
  readonly folder?: string;
  readonly tie?: Tie;
}

export interface OwnedChild {
  /** Of the supervisor where there is one: it passes signals on. */
  readonly pid: number;
  /** The last lines of both outputs, at most 60. */
  lines(): readonly string[];
  hasEnded(): boolean;
  /** Resolves with true at the first line that matches, with false when the child ends or the time is over first. */
  says(pattern: RegExp, timeoutMs: number): Promise<boolean>;
  /** Ends it with the signal, and with SIGKILL after the grace time; resolves when it is gone. */
  end(signal: NodeJS.Signals, graceMs: number): Promise<void>;
}

const living = new Map<ChildProcess, OwnedProgram>();

/**
 * Starts a program that cannot outlive us: it ends when we end, when we crash and when we are killed. It is in a
 * process group of its own, so that a Ctrl-C at the terminal is ours alone. To be called from the main thread: the
 * kernel's promise is about the thread that started the child.
 */
export async function startOwned(program: OwnedProgram): Promise<OwnedChild> {
  const child = spawnTied(program, program.tie ?? bestTie());
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) continue;
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      lines.splice(0, lines.length - LINES_MAX);
      child.emit('said', line);
    });
  }
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  await once(child, 'spawn');
  remember(child, program);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;

  return {
    pid: child.pid ?? 0,
    lines: () => [...lines],
    hasEnded,
    says: (pattern, timeoutMs) => said(child, { pattern, timeoutMs, before: lines, exited }),
    async end(signal, graceMs) {
      living.delete(child);
      if (!hasEnded()) {
        child.kill(signal);
        const late = setTimeout(() => {
          // A supervisor would leave its child behind if it were killed: it is told by its pipe instead.
          if (child.stdin === null) child.kill('SIGKILL');
          else child.stdin.end();
        }, graceMs);
        await exited;
        clearTimeout(late);
      }
    },
  };
}

function spawnTied(program: OwnedProgram, tie: Tie): ChildProcess {
  const { file, args, user, signalOnDeath } = program;
  const options = { env: program.env, cwd: program.cwd, detached: true } as const;
  if (tie === 'supervisor') {
    const order = JSON.stringify({ file, args, user, signalOnDeath });
    return spawn(process.execPath, [SUPERVISOR, order], {
      ...options,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }
  // Changing the user clears the wish to die with the parent, so the user is changed first, by spawn.
  const wish = ['--pdeathsig', signalOnDeath.slice('SIG'.length), '--', file, ...args];
  return spawn('setpriv', wish, { ...options, ...user, stdio: ['ignore', 'pipe', 'pipe'] });
}

let found: Tie | null = null;

function bestTie(): Tie {
  found ??=
    process.platform === 'linux' &&
    spawnSync('setpriv', ['--pdeathsig', 'KILL', '--', 'true']).status === 0
      ? 'setpriv'
      : 'supervisor';
  return found;
}

function said(
  child: ChildProcess,
  {
    pattern,
    timeoutMs,
    before,
    exited,
  }: {
    readonly pattern: RegExp;
    readonly timeoutMs: number;
    readonly before: readonly string[];
    readonly exited: Promise<void>;
  },
): Promise<boolean> {
  if (before.some((line) => pattern.test(line))) return Promise.resolve(true);
  return new Promise((resolve) => {
    const settle = (answer: boolean): void => {
      clearTimeout(late);
      child.off('said', look);
      resolve(answer);
    };
    const look = (line: string): void => {
      if (pattern.test(line)) settle(true);
    };
    const late = setTimeout(() => settle(false), timeoutMs);
    child.on('said', look);
    void exited.then(() => settle(false));
  });
}

function remember(child: ChildProcess, program: OwnedProgram): void {
  if (living.size === 0 && process.listeners('exit').every((listener) => listener !== endLiving)) {
    process.on('exit', endLiving);
  }
  living.set(child, program);
  child.once('close', () => living.delete(child));
}

/** An exit without a stop: the children would end by themselves, their folders would stay. */
function endLiving(): void {
  for (const [child, program] of living) {
    // A supervisor is told by its pipe, which closes now: killed itself, it would leave its child behind.
    if (child.stdin === null) child.kill(program.signalOnDeath);
    if (program.folder !== undefined) removeFolder(program.folder);
  }
}
