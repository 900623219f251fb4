import { delimiter, dirname, join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { foundPrograms } from '../sandbox/servers/programs.ts';

const root = join(import.meta.dirname, '..');
const { postgres, migrate } = foundPrograms();
// What the set-up found or built is found by name too, as where Backout runs.
const folders = [...(migrate === null ? [] : [dirname(migrate)]), postgres];

export default defineConfig({
  root,
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: [join(root, 'test', 'support', 'global-setup.ts')],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { PATH: [...folders, process.env['PATH'] ?? ''].join(delimiter) },
  },
});
