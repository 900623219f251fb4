import { Client } from 'pg';
import { expect, inject, test } from 'vitest';
import { migrateStore } from '../../src/store/migrate.ts';
import type { FreshDatabase, FreshRole } from '../support/postgres.ts';
import { freshDatabase, freshRole } from '../support/postgres.ts';

interface Place {
  readonly database: FreshDatabase;
  readonly owner: FreshRole;
  readonly role: FreshRole;
}

/** What Backout says at its start with a role of its own beside the owner's. */
async function said(given: {
  readonly attributes?: string;
  /** Before the store was ever set up. */
  readonly before?: (place: Place) => Promise<void>;
  /** Typed by a superuser into a store that is set up. */
  readonly sql?: string;
  readonly ownerUrl?: (place: Place) => string;
}): Promise<string> {
  await using owner = await freshRole();
  await using role = await freshRole(given.attributes);
  await using database = await freshDatabase({ owner: owner.name });
  const place = { database, owner, role };
  const own = owner.urlOf(database);
  const named = (sql: string): string =>
    sql.replaceAll('OWNER', owner.name).replaceAll('APP', role.name);
  await given.before?.(place);
  if (given.sql !== undefined) {
    await migrateStore({ ownerUrl: own, appUrl: own });
    await as(database.url, named(given.sql));
  }
  const ownerUrl = given.ownerUrl?.(place) ?? own;
  const words = await migrateStore({ ownerUrl, appUrl: role.urlOf(database) }).then(
    () => 'It started.',
    (error: unknown) => String(error),
  );
  await database.drop();
  await as(inject('postgres').superuserUrl, named('drop owned by OWNER, APP'));
  return words.replaceAll(role.name, 'APP').replaceAll(owner.name, 'OWNER');
}

test('a role that only adds to history may start', async () => {
  expect(await said({})).toBe('It started.');
});

test('a superuser could change history, and may not start', async () => {
  expect(await said({ attributes: 'superuser' })).toMatch(
    /STORE_URL, APP, could change history: it is a superuser\..*`create role/,
  );
});

test('a member of the owner’s role may not start', async () => {
  expect(await said({ sql: 'grant "OWNER" to "APP"' })).toMatch(
    /it is a member of the role that owns the tables\. Type `revoke "OWNER" from "APP"`/,
  );
});

test('a role that owns the tables may not start: it is the other one', async () => {
  expect(await said({ sql: 'alter table backout.events owner to "APP"' })).toMatch(
    /it owns the tables\. Give its address as STORE_OWNER/,
  );
});

test('a role that owns the schema may not start, and it says how to take that from it', async () => {
  const before = ({ database, owner, role }: Place): Promise<void> =>
    as(
      database.url,
      `create schema backout authorization ${role.name};
      grant usage, create on schema backout to ${owner.name}`,
    );
  expect(await said({ before })).toMatch(
    /the schema belongs to it\. Type `alter schema backout owner to "OWNER"`/,
  );
});

test('a role that may write to everything on the server may not start', async () => {
  expect(await said({ sql: 'grant pg_write_all_data to "APP"' })).toMatch(
    /it was given the right to\. Type `revoke update, delete, truncate on backout\.events/,
  );
});

test.each([
  'grant update, truncate on backout.events to public',
  'grant update (seq), delete on backout.events to public',
])('the owner takes back what would let others change history: %s', async (sql) => {
  expect(await said({ sql })).toBe('It started.');
});

test('a group that may write to every table of the owner does not stand in the way', async () => {
  await using group = await freshRole();
  const before = ({ database, owner, role }: Place): Promise<void> =>
    as(
      database.url,
      `grant ${group.name} to ${role.name};
      alter default privileges for role ${owner.name}
        grant select, insert, update, delete on tables to ${group.name}`,
    );
  expect(await said({ before })).toBe('It started.');
});

test('a superuser gives the rights to tables that belong to another role', async () => {
  const ownerUrl = ({ database }: Place): string => database.url;
  expect(await said({ sql: '', ownerUrl })).toBe('It started.');
});

test('a store that another role began says whose address is missing', async () => {
  const before = async ({ database: { url } }: Place): Promise<void> => {
    await migrateStore({ ownerUrl: url, appUrl: url });
  };
  const { username } = new URL(inject('postgres').superuserUrl);
  expect(await said({ before })).toContain(
    `Its tables belong to ${username}. Give the address of ${username} as STORE_OWNER_URL.`,
  );
});

test('a schema that another role made says how to hand it over', async () => {
  const before = ({ database, role }: Place): Promise<void> =>
    as(database.url, `create schema backout authorization ${role.name}`);
  expect(await said({ before })).toMatch(
    /The schema `backout` belongs to APP\. Type `alter schema backout owner to OWNER`/,
  );
});

async function as(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(sql);
  await client.end();
}
