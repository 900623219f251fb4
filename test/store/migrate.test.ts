import { Client } from 'pg';
import { expect, test } from 'vitest';
import { migrateStore, readMigrations, revertStore } from '../../src/store/migrate.ts';
import { freshDatabase } from '../support/postgres.ts';

async function tablesOf(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ tablename: string }>(
    "select tablename from pg_tables where schemaname = 'backout' order by 1",
  );
  await client.end();
  return rows.map((row) => row.tablename);
}

test('our own migrations go up, down and up again', async () => {
  await using database = await freshDatabase();
  const { url } = database;
  const { applied } = await migrateStore({ ownerUrl: url, appUrl: url });
  const after = await tablesOf(url);

  for (const _ of applied) await revertStore(url);
  expect(await tablesOf(url)).toEqual(['schema_version']);
  expect(await revertStore(url)).toEqual({ reverted: null });

  expect(await migrateStore({ ownerUrl: url, appUrl: url })).toMatchObject({ applied });
  expect(await tablesOf(url)).toEqual(after);
});

test('two Backouts that boot at once migrate the store once', async () => {
  await using database = await freshDatabase();
  const { url } = database;
  const both = await Promise.all([
    migrateStore({ ownerUrl: url, appUrl: url }),
    migrateStore({ ownerUrl: url, appUrl: url }),
  ]);
  const migrations = await readMigrations();
  expect(both.flatMap((one) => one.applied)).toEqual(migrations.map((one) => one.name));
});

test('a store that is newer than this Backout is refused, and it says what to do', async () => {
  await using database = await freshDatabase();
  const { url } = database;
  await migrateStore({ ownerUrl: url, appUrl: url });
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("insert into backout.schema_version values (9999, 'later', 'x')");
  await client.end();
  await expect(migrateStore({ ownerUrl: url, appUrl: url })).rejects.toThrow(
    /The store is at schema 9999.*Start the newer Backout/,
  );
});
