import { expect, test } from 'vitest';
import { describeError } from '../src/log.ts';
import { baseEnvironment, run } from '../src/programs/run.ts';

async function logged(error: string): Promise<string> {
  const program = `
    import { describeError, openLog } from './src/log.ts';
    const log = openLog({ level: 'info', role: 'test' });
    log.warn({ error: describeError(${error}), url: 'postgres://u:hidden@h/d' }, 'it went wrong');`;
  const { tail } = await run({
    file: process.execPath,
    args: ['--input-type=module', '--eval', program],
    env: baseEnvironment(),
    cwd: new URL('..', import.meta.url).pathname,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  return tail;
}

test('a password with an @ in it, which nobody encoded, is not logged in part either', () => {
  const { message } = describeError(new Error('cannot reach postgres://u:hid@den@h/d'));
  expect(message).toBe('cannot reach postgres://u:•••@h/d');
});

test('a logged error says what it is, with its cause, and without a password', async () => {
  const line = await logged(
    `new Error('cannot reach postgres://u:hidden@h/d', { cause: new TypeError('why') })`,
  );
  expect(line).toContain('cannot reach postgres://');
  expect(line).toContain('TypeError');
  expect(line).toContain('why');
  expect(line).not.toContain('hidden');
});
