import { Client } from 'pg';
import { expect, test } from 'vitest';
import { connectStore, storeAddress } from '../../src/store/connect.ts';
import { openIncidents } from '../../src/store/incidents.ts';
import { migrateStore, readMigrations, revertStore } from '../../src/store/migrate.ts';
import { freshDatabase, freshRole } from '../support/postgres.ts';

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

test('a socket’s address with the role in its query is one as any other', async () => {
  await using role = await freshRole();
  await using database = await freshDatabase();
  const url = new URL(role.urlOf(database));
  url.searchParams.set('user', url.username);
  url.username = '';
  const { appMayChangeHistory } = await migrateStore({ ownerUrl: database.url, appUrl: url.href });
  expect(appMayChangeHistory).toBe(false);
  const store = connectStore({
    url: url.href,
    applicationName: 'backout/test',
    connectionsMax: 1,
    statementTimeoutMs: 10_000,
    onError: () => undefined,
  });
  expect(await openIncidents(store)).toEqual([]);
  await store.close();
});

test('two addresses of different databases are refused, and so is a role that nobody gave the rights', async () => {
  await using role = await freshRole();
  await using database = await freshDatabase();
  await using other = await freshDatabase();
  const ownerUrl = database.url;
  const appUrl = role.urlOf(database);
  await expect(migrateStore({ ownerUrl, appUrl: role.urlOf(other) })).rejects.toThrow(
    /STORE_URL and STORE_OWNER_URL lead to different databases/,
  );
  // The first of the two has brought the store up, and given nobody anything.
  await expect(migrateStore({ ownerUrl: appUrl, appUrl })).rejects.toThrow(
    /may not set the store up\. Its tables belong to \w+\. Give the address of \w+ as STORE_OWNER_URL, at least/,
  );
});

test('an empty store that the application’s role cannot set up says whose address is missing', async () => {
  await using role = await freshRole();
  await using database = await freshDatabase();
  const url = role.urlOf(database);
  await expect(migrateStore({ ownerUrl: url, appUrl: url })).rejects.toThrow(
    'The role of STORE_URL may not set the store up. Give the address of the role that owns the database as STORE_OWNER_URL, at least for one start.',
  );
});

test.each([
  [
    'is not there',
    'postgres://x:hunter2@127.0.0.1:1/x',
    'refuses the connection (STORE_URL). Start',
  ],
  ['has no name', 'postgres://x:hunter2@nowhere.invalid/x', 'cannot be found'],
  [
    'is to be verified by nothing',
    'postgres://x:hunter2@127.0.0.1:1/x?sslmode=verify-ca',
    'does not make a secure connection (STORE_URL). Look at `sslmode`',
  ],
  [
    'is to be verified by a file that is not there',
    'postgres://x:hunter2@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/nowhere.pem',
    'a certificate file of its address cannot be read (STORE_URL). Correct `sslrootcert`',
  ],
  [
    'is to be verified by the system’s certificates',
    'postgres://x:hunter2@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=system',
    'For `sslrootcert=system` name the file',
  ],
  ['has no socket', 'postgres://x:hunter2@%2Fnowhere/x', 'has no socket there (STORE_URL). Start'],
])('a store that %s is told by its variable, and without its password', async (_, url, says) => {
  const said = await migrateStore({ ownerUrl: url, appUrl: url }).catch(String);
  expect(said).toContain(says);
  expect(said).not.toContain('hunter2');
});

test('a role that does not exist is told by its variable', async () => {
  await using database = await freshDatabase();
  const nobody = Object.assign(new URL(database.url), { username: 'nobody', password: 'hunter2' });
  await expect(migrateStore({ ownerUrl: nobody.href, appUrl: database.url })).rejects.toThrow(
    /^The store does not .* \(STORE_OWNER_URL\)\. Correct the /,
  );
});

test('the SSL modes of an address mean what they mean to psql: only verify-… looks at who answers', () => {
  const ssl = (mode: string): unknown =>
    Reflect.get(new Client({ connectionString: storeAddress(`postgres://db/x${mode}`) }), 'ssl');
  expect(ssl('?sslmode=require')).toMatchObject({ rejectUnauthorized: false });
  expect(ssl('?sslmode=verify-full')).not.toHaveProperty('rejectUnauthorized');
  expect(ssl('?sslmode=disable')).toBe(false);
  expect(ssl('')).toBe(false);
});
