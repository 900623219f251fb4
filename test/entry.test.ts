import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { baseEnvironment, run, type ProgramResult } from '../src/programs/run.ts';

const root = path.join(import.meta.dirname, '..');

function started(args: readonly string[], cwd: string = root): Promise<ProgramResult> {
  return run({
    file: process.execPath,
    args,
    cwd,
    env: baseEnvironment(),
    timeoutMs: 30_000,
    signal: new AbortController().signal,
  });
}

test('an older Node is told so in one sentence', async () => {
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.1.0'}})`;
  const { exitCode, tail } = await started(['--import', older, 'src/entry.mjs', 'src/main.ts']);
  expect(exitCode).toBe(2);
  expect(tail.trim()).toMatch(
    /^Backout needs Node 24 or newer, and this is 20\.1\.0: .*`npm ci`.*\.$/,
  );
});

test('a clone without its packages says by which command they come', async () => {
  const clone = await mkdtemp(path.join(tmpdir(), 'backout-clone-'));
  await mkdir(path.join(clone, 'src'));
  for (const file of ['package.json', 'src/entry.mjs']) {
    await cp(path.join(root, file), path.join(clone, file));
  }
  const { exitCode, tail } = await started(['src/entry.mjs', 'src/main.ts'], clone);
  await rm(clone, { recursive: true });
  expect(exitCode).toBe(2);
  expect(tail.trim()).toMatch(/^Backout's packages are not all there: run `npm ci` in \S+\.$/);
});

test('a program gets its words as if it had been started alone', async () => {
  const { exitCode, tail } = await started(['src/entry.mjs', 'src/main.ts', 'nonsense']);
  expect(exitCode).toBe(2);
  expect(tail).toContain('Say `npm start bot`');
});

test('everything that people and machines start goes through it, without a shell in between', async () => {
  const { scripts } = z
    .object({ scripts: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
  expect(scripts).toMatchObject({
    start: 'exec node src/entry.mjs src/main.ts',
    backout: 'exec node src/entry.mjs src/cli.ts',
    demo: 'exec node --disable-warning=ExperimentalWarning src/entry.mjs sandbox/main.ts',
  });
  expect(await readFile(path.join(root, 'deploy/Dockerfile'), 'utf8')).toContain(
    'ENTRYPOINT ["tini", "--", "node", "src/entry.mjs", "src/main.ts"]',
  );
});
