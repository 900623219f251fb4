import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const FILE = join(import.meta.dirname, '..', '..', '.backout', 'programs.json');

const FoundPrograms = z.object({
  node: z.string(),
  postgres: z.string(),
  redisServer: z.string(),
  migrate: z.string().nullable(),
  chromium: z.string().nullable(),
});

/** Where the set-up found each program: `postgres` is the folder of its server and client programs. */
export type FoundPrograms = Readonly<z.infer<typeof FoundPrograms>>;

/** Throws with the command to run when the set-up has not run here yet. */
export function foundPrograms(): FoundPrograms {
  try {
    return FoundPrograms.parse(JSON.parse(readFileSync(FILE, 'utf8')));
  } catch (cause) {
    throw new Error('The set-up has not run here yet: run `node sandbox/setup/setup.mjs` first.', {
      cause,
    });
  }
}
