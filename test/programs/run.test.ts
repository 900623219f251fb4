import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import { Fault } from '../../src/doors.ts';
import { baseEnvironment, run, type Program } from '../../src/programs/run.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

/** Runs the fixture program with these words. */
function chatter(words: readonly string[], given: Partial<Program> = {}) {
  return run({
    file: process.execPath,
    args: [fixture('chatter.ts'), ...words],
    env: baseEnvironment(),
    timeoutMs: 30_000,
    signal: new AbortController().signal,
    ...given,
  });
}

/** Signal 0 also reaches a zombie that nobody has reaped yet: that one is gone for us. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return (
      process.platform !== 'linux' || !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    );
  } catch {
    return false;
  }
}

/** The number after a word in the output: `pid 12`. */
function numberAfter(word: string, lines: readonly string[]): number | null {
  const line = lines.find((each) => each.startsWith(`${word} `));
  return line === undefined ? null : Number(line.slice(word.length + 1));
}

test('a non-zero exit is a result', async () => {
  const result = await chatter(['out=one\\n', 'err=two\\n', 'exit=3']);

  expect(result).toMatchObject({ exitCode: 3, stopped: false, timedOut: false, stdout: 'one' });
  expect(result.tail.split('\n').sort()).toEqual(['one', 'two']);
});

test('a program that is not there is a fault in plain words', async () => {
  const fault = await chatter([], { file: 'no-such-program' }).catch((error: unknown) => error);

  expect(fault).toBeInstanceOf(Fault);
  expect(fault).toMatchObject({
    why: 'not-found',
    say: 'The program `no-such-program` is not on this machine.',
  });
});

test('a program gets exactly the environment that we build', async () => {
  vi.stubEnv('SLACK_BOT_TOKEN', 'xoxb-not-for-you');
  const { stdout } = await chatter(['env'], { env: { ONLY: 'this' } });
  vi.unstubAllEnvs();

  expect(JSON.parse(stdout)).toEqual({ ONLY: 'this' });
  expect(Object.keys(baseEnvironment())).not.toContain('SLACK_BOT_TOKEN');
});

test('stdin is empty unless something is given', async () => {
  expect((await chatter(['stdin'])).stdout).toBe('');
  expect((await chatter(['stdin'], { input: 'hello' })).stdout).toBe('hello');
});

test('secrets are masked wherever they appear', async () => {
  const lines: string[] = [];
  const result = await chatter(
    [
      'out=the word is hunter2 or p%40ss%2Fword\\n',
      'err=dial postgres://app:s3cr%t^x@db.internal:5432/app: no\\n',
      'err=PGPASSWORD=quiet Authorization: Bearer abc.def-123\\n',
      'out=half a line with hunt',
      'out=er2 in two writes',
    ],
    { secrets: ['hunter2', 'p@ss/word', ''], onLine: (line) => lines.push(line) },
  );

  const shown = [result.tail, result.stdout, ...lines].join('\n');
  for (const secret of ['hunter2', 'p%40ss', 's3cr', 'quiet', 'abc.def']) {
    expect(shown).not.toContain(secret);
  }
  expect(shown).toContain('postgres://app:•••@db.internal:5432/app: no');
  expect(shown).toContain('half a line with ••• in two writes');
});

test('output is bounded: the tail, the beginning and each line', async () => {
  const lines: string[] = [];
  const result = await chatter(['many=50000', 'wide=1000000', 'out=last'], {
    onLine: (line) => lines.push(line),
  });

  expect(Buffer.byteLength(result.tail)).toBeLessThanOrEqual(4096);
  expect(result.tail.endsWith('last')).toBe(true);
  expect(Buffer.byteLength(result.stdout)).toBeLessThanOrEqual(65_536);
  expect(result.stdout.startsWith('line 1\nline 2\n')).toBe(true);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(2001);
});

test('an abort asks politely first', async () => {
  const stopping = new AbortController();
  const result = await chatter(['polite', 'pid', 'stay'], {
    signal: stopping.signal,
    stopSignal: 'SIGINT',
    onLine: (line) => line.startsWith('pid') && stopping.abort(),
  });

  expect(result).toMatchObject({ exitCode: 0, stopped: true, timedOut: false });
  expect(result.tail).toContain('stopping after this one');
});

test('what does not listen is killed after the grace time, with its children', async () => {
  const stopping = new AbortController();
  const result = await chatter(['stubborn', 'child', 'pid', 'stay'], {
    signal: stopping.signal,
    graceMs: 100,
    onLine: (line) => line.startsWith('pid') && stopping.abort(),
  });

  expect(result).toMatchObject({ exitCode: null, stopped: true });
  const lines = result.tail.split('\n');
  await vi.waitFor(() => {
    for (const word of ['pid', 'child']) expect(isAlive(numberAfter(word, lines) ?? 0)).toBe(false);
  });
});

test('a program whose time is up is ended', async () => {
  const result = await chatter(['pid', 'stay'], { timeoutMs: 400, graceMs: 100 });

  expect(result).toMatchObject({ exitCode: null, stopped: false, timedOut: true });
});

test('nothing is started for a caller who has already given up', async () => {
  const result = await chatter(['pid'], { signal: AbortSignal.abort() });

  expect(result).toEqual({ exitCode: null, stopped: true, timedOut: false, tail: '', stdout: '' });
});

test('a service that a start command leaves running does not hold us, and lives on', async () => {
  const result = await chatter(['child', 'exit=0']);
  const pid = numberAfter('child', result.stdout.split('\n')) ?? 0;

  expect(result.exitCode).toBe(0);
  expect(isAlive(pid)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('a reader that throws ends the program and its error is not lost', async () => {
  const running = chatter(['pid', 'stay'], {
    onLine: () => {
      throw new RangeError('reader');
    },
  });

  await expect(running).rejects.toThrow(RangeError);
});

test('a killed worker takes its programs with it, and their children', async () => {
  const worker = spawn(
    process.execPath,
    [
      fixture('runner.ts'),
      process.execPath,
      fixture('chatter.ts'),
      'stubborn',
      'child',
      'pid',
      'stay',
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const lines: string[] = [];
  for await (const line of createInterface(worker.stdout)) {
    lines.push(line);
    if (line.startsWith('pid ')) break;
  }
  const pids = ['pid', 'child'].map((word) => numberAfter(word, lines) ?? 0);
  expect(pids.map(isAlive)).toEqual([true, true]);

  worker.kill('SIGKILL');
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), 10_000);
});
