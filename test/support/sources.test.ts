import { expect, test } from 'vitest';
import { readsEnvironment, startsPrograms } from './sources.ts';

test.each([
  'const { env } = process;',
  "import { env } from 'node:process';",
  "import process from 'node:process';",
  "const home = process['env'].HOME;",
  'const home = process?.env.HOME;',
  'const home = globalThis.process.env;',
  'const same = process;',
])('the environment is read by %s', (text) => {
  expect(readsEnvironment({ text })).toBe(true);
});

test.each([
  'process.exit(1);',
  '// What process.env holds.',
  'const processed = process.hrtime();',
])('the environment is not read by %s', (text) => {
  expect(readsEnvironment({ text })).toBe(false);
});

test.each([
  "import { spawn } from 'node:child_process';",
  "import { fork } from 'child_process';",
  "const { Worker } = await import('node:worker_threads');",
  "process.getBuiltinModule('cluster');",
])('a program is started by %s', (text) => {
  expect(startsPrograms({ text })).toBe(true);
});
