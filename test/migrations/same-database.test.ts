import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtIn } from '../../src/migrations/built-in.ts';
import { golangMigrate } from '../../src/migrations/golang-migrate.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';
import { histories } from './histories.ts';
import { migratedTarget, request } from './target.ts';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());

test('whatever the history, both runners leave the same database', async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ files, versions, to, nothingToUndo }) => {
      const from = versions.at(-1) ?? '';
      const left = [];
      for (const open of [golangMigrate, builtIn]) {
        await using target = await migratedTarget(database, files);
        const door = open(target);
        const result = await door.down(await request(door, { from, to, nothingToUndo }));
        expect(result).toMatchObject({ state: 'ended', exitCode: 0 });
        left.push({ version: await target.version(), schema: await target.schema() });
      }
      expect(left[0]?.version).toBe(to ?? 'none');
      expect(left[1]).toEqual(left[0]);
    }),
    { numRuns: 25, interruptAfterTimeLimit: 15_000, endOnFailure: true },
  );
});
