import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { z } from 'zod';

import { generateRows } from './rows.ts';

export const MIGRATIONS = join(import.meta.dirname, 'migrations');

/** Version 7 is what the team wants back; 8 is the harmful one. */
export const GOOD_VERSION = 7;
export const HARMFUL_VERSION = 8;

export interface WorldDatabase {
  readonly name: string;
  /** Owns everything and migrates; may make databases and see what everyone is doing. */
  readonly ownerUrl: string;
  /** Reads and writes rows, as services do. */
  readonly serviceUrl: string;
  version(): Promise<{ readonly version: number; readonly dirty: boolean }>;
  /** A fresh, broken database under the same name. Whoever is connected is disconnected. */
  breakAgain(): Promise<void>;
  drop(): Promise<void>;
}

/** Makes roles and database, fills it at version 7 and breaks it with version 8. */
export async function makeWorldDatabase(options: {
  readonly superuserUrl: string;
  readonly name: string;
}): Promise<WorldDatabase> {
  const { superuserUrl, name } = options;
  const broken = `${name}_broken`;
  const owner = { name: `${name}_owner`, password: randomBytes(18).toString('base64url') };
  const service = { name: `${name}_service`, password: randomBytes(18).toString('base64url') };
  const urlOf = (role: typeof owner, database: string): string =>
    urlWith(superuserUrl, {
      username: role.name,
      password: role.password,
      pathname: `/${database}`,
    });

  await inDatabase(superuserUrl, [
    `drop database if exists ${escapeIdentifier(name)} with (force)`,
    `drop database if exists ${escapeIdentifier(broken)} with (force)`,
    ...makeRole(owner, 'createdb'),
    ...makeRole(service, ''),
    `grant pg_monitor, pg_signal_backend to ${escapeIdentifier(owner.name)}`,
    `create database ${escapeIdentifier(broken)} owner ${escapeIdentifier(owner.name)}`,
  ]);
  await prepare(urlWith(superuserUrl, { pathname: `/${broken}` }), owner.name, service.name);
  await migrateUp(urlOf(owner, broken), { after: 0, upTo: GOOD_VERSION });
  await generateRows(urlOf(owner, broken));
  await migrateUp(urlOf(owner, broken), { after: GOOD_VERSION, upTo: HARMFUL_VERSION });
  const breakAgain = (): Promise<void> =>
    inDatabase(superuserUrl, [
      `drop database if exists ${escapeIdentifier(name)} with (force)`,
      `create database ${escapeIdentifier(name)} template ${escapeIdentifier(broken)} owner ${escapeIdentifier(owner.name)}`,
    ]);
  await breakAgain();

  return {
    name,
    ownerUrl: urlOf(owner, name),
    serviceUrl: urlOf(service, name),
    version: () => versionIn(urlOf(owner, name)),
    breakAgain,
    drop: () =>
      inDatabase(superuserUrl, [
        `drop database if exists ${escapeIdentifier(name)} with (force)`,
        `drop database if exists ${escapeIdentifier(broken)} with (force)`,
      ]),
  };
}

function makeRole(
  role: { readonly name: string; readonly password: string },
  attributes: string,
): readonly string[] {
  const name = escapeIdentifier(role.name);
  // Not dropped and made again: it may own copies of the database that others have made.
  return [
    `do $$
     begin
       if to_regrole(${escapeLiteral(name)}) is null then
         create role ${name};
       end if;
     end;
     $$`,
    `alter role ${name} with login password ${escapeLiteral(role.password)} ${attributes}`,
  ];
}

/** What a superuser has to do before the owner can begin. */
async function prepare(url: string, owner: string, service: string): Promise<void> {
  const who = `alter default privileges for role ${escapeIdentifier(owner)} in schema public grant`;
  await inDatabase(url, [
    `${who} select, insert, update, delete on tables to ${escapeIdentifier(service)}`,
    `${who} usage on sequences to ${escapeIdentifier(service)}`,
    `do $$
     begin
       if current_setting('shared_preload_libraries') like '%pg_stat_statements%' then
         create extension if not exists pg_stat_statements;
       end if;
     end;
     $$`,
  ]);
}

/** Upwards as golang-migrate goes: each file in one piece, the version row after it. */
async function migrateUp(
  url: string,
  range: { readonly after: number; readonly upTo: number },
): Promise<void> {
  const names = (await readdir(MIGRATIONS)).filter((name) => name.endsWith('.up.sql')).toSorted();
  const client = new Client({ connectionString: url, application_name: 'auth-migrations' });
  await client.connect();
  try {
    await client.query(
      'create table if not exists schema_migrations (version bigint not null primary key, dirty boolean not null)',
    );
    for (const name of names) {
      const version = Number.parseInt(name, 10);
      if (version <= range.after || version > range.upTo) continue;
      await client.query(await readFile(join(MIGRATIONS, name), 'utf8'));
      await client.query('truncate schema_migrations');
      await client.query('insert into schema_migrations (version, dirty) values ($1, false)', [
        version,
      ]);
    }
  } finally {
    await client.end();
  }
}

const VersionRow = z.tuple([z.object({ version: z.coerce.number(), dirty: z.boolean() })]);

async function versionIn(
  url: string,
): Promise<{ readonly version: number; readonly dirty: boolean }> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query('select version, dirty from schema_migrations');
    return VersionRow.parse(rows)[0];
  } finally {
    await client.end();
  }
}

async function inDatabase(url: string, statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'sandbox' });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

function urlWith(
  url: string,
  parts: Partial<Record<'username' | 'password' | 'pathname', string>>,
): string {
  return Object.assign(new URL(url), parts).href;
}
