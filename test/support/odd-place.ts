/** A migrated database whose every name needs quoting, and a shell in which somebody pastes what they were shown. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client, escapeIdentifier } from 'pg';
import { inject } from 'vitest';
import { z } from 'zod';
import type { Facts } from '../../src/incident/facts/facts.ts';
import { readFolder } from '../../src/migrations/files.ts';
import { openTarget } from '../../src/target/target.ts';
import { someFacts } from './targets.ts';

export const ODD = {
  database: `it's "odd" $HOME 100%`,
  role: 'app owner',
  password: 'never-shown-8231',
  schema: 'the app',
  table: 'team history',
} as const;

const FILES = {
  '1_people.up.sql': 'create table people (id int);',
  '1_people.down.sql': 'drop table people;',
  '2_teams.up.sql': 'create table teams (id int);',
  '2_teams.down.sql': 'drop table teams;',
  "3_mail's.up.sql": 'alter table people add mail text;',
  "3_mail's.down.sql": 'alter table people drop mail;',
} as const;

interface Pasted {
  readonly code: number;
  readonly said: string;
}

export interface OddPlace extends AsyncDisposable {
  /** Of the migrations. */
  readonly folder: string;
  readonly url: string;
  sql(text: string): Promise<void>;
  /** As the job would read them. */
  facts(): Promise<Facts>;
  /** In a shell that was set up for something else. */
  pasted(command: string, env?: Readonly<Record<string, string>>): Promise<Pasted>;
  state(): Promise<z.infer<typeof State>>;
}

const State = z.object({
  /** `3 false`, or `none`. */
  row: z.string(),
  tables: z.string(),
  hasMail: z.boolean(),
  /** How many tables there are that nobody asked for. */
  others: z.number(),
});

/** At version 3, in a schema that only `search_path` names. */
export async function anOddPlace(): Promise<OddPlace> {
  const folder = await mkdtemp(path.join(tmpdir(), "backout it's by hand "));
  for (const [file, sql] of Object.entries(FILES)) await writeFile(path.join(folder, file), sql);
  const [database, role] = [escapeIdentifier(ODD.database), escapeIdentifier(ODD.role)];
  await asSuperuser(`create role ${role} login password '${ODD.password}'`);
  await asSuperuser(`create database ${database} owner ${role}`);
  const { hostname: host } = new URL(inject('postgres').superuserUrl);
  const { port } = inject('postgres');
  const { role: user, password } = ODD;
  const client = new Client({ host, port, user, password, database: ODD.database });
  await client.connect();
  await client.query(`create schema "${ODD.schema}"; set search_path to "${ODD.schema}";
    ${FILES['1_people.up.sql']} ${FILES['2_teams.up.sql']} ${FILES["3_mail's.up.sql"]}
    create table "${ODD.table}" (version bigint primary key, dirty boolean not null);
    insert into "${ODD.table}" values (3, false)`);
  const passwords = `${host}:${port}:*:${user}:${password}\n`;
  await writeFile(path.join(folder, 'passwords'), passwords, { mode: 0o600 });
  const url = urlOf();
  return {
    folder,
    url,
    sql: async (text) => void (await client.query(text)),
    facts: () => factsOf(url, folder),
    pasted: (command, env = {}) => pasted(command, { folder, env }),
    state: async () => State.parse((await client.query(STATE)).rows[0]),
    async [Symbol.asyncDispose]() {
      await client.end();
      await asSuperuser(`drop database ${database} with (force)`);
      await asSuperuser(`drop role ${role}`);
      await rm(folder, { recursive: true });
    },
  };
}

const STATE = `
  select coalesce((select version || ' ' || dirty from "${ODD.table}"), 'none') as row,
         (select string_agg(relname, ',' order by relname) from pg_stat_user_tables
           where schemaname = '${ODD.schema}') as tables,
         exists (select from information_schema.columns where column_name = 'mail') as "hasMail",
         (select count(*)::int from pg_stat_user_tables
           where schemaname <> '${ODD.schema}') as others`;

function urlOf(): string {
  const address = new URL(inject('postgres').superuserUrl);
  address.username = encodeURIComponent(ODD.role);
  address.password = ODD.password;
  address.pathname = `/${encodeURIComponent(ODD.database)}`;
  address.search = new URLSearchParams({
    search_path: `"${ODD.schema}",public`,
    'x-migrations-table': ODD.table,
  }).toString();
  return address.href;
}

async function asSuperuser(statement: string): Promise<void> {
  const superuser = new Client({ connectionString: inject('postgres').superuserUrl });
  await superuser.connect();
  try {
    await superuser.query(statement);
  } finally {
    await superuser.end();
  }
}

async function factsOf(url: string, folder: string): Promise<Facts> {
  const door = openTarget({ url });
  try {
    return someFacts({
      identity: await door.identity(),
      versionTable: await door.versionTable(),
      version: await door.version(),
      folder: await readFolder(folder),
    });
  } finally {
    await door.close();
  }
}

const Failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

async function pasted(
  command: string,
  { folder, env }: { readonly folder: string; readonly env: Readonly<Record<string, string>> },
): Promise<Pasted> {
  const all = {
    PATH: process.env['PATH'] ?? '',
    PGPASSFILE: path.join(folder, 'passwords'),
    PGHOST: 'nowhere.invalid',
    PGPORT: '1',
    PGUSER: 'somebody',
    PGDATABASE: 'another',
    ...env,
  };
  return promisify(execFile)('bash', ['--norc', '-c', command], { env: all }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: unknown) => {
      const { code, stdout, stderr } = Failed.parse(error);
      return { code, said: stdout + stderr };
    },
  );
}
