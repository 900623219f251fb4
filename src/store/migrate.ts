/** Our own migrations: up/down pairs, run at boot under a lock, refusing a schema newer than we know. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { z } from 'zod';
import { storeAddress } from './connect.ts';
import { settleRights } from './rights.ts';
import type { StoreVariable } from './trouble.ts';
import { codeOf, unreachable } from './trouble.ts';

const FOLDER = new URL('./sql/', import.meta.url);
/** Any number of ours; two Backouts that boot at once take turns. */
const LOCK = 4_201_042;
const CONNECT_MS = 10_000;
const NOT_PERMITTED = '42501';

const Begun = z.object({ ofSchema: z.string(), ofTables: z.string().nullable(), me: z.string() });

interface Migration {
  readonly version: number;
  readonly name: string;
  readonly up: string;
  readonly down: string;
  readonly sha256: string;
}

export async function readMigrations(): Promise<readonly Migration[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.up.sql')).toSorted();
  return Promise.all(
    files.map(async (file) => {
      const name = file.replace('.up.sql', '');
      const [up, down] = await Promise.all([
        readFile(new URL(file, FOLDER), 'utf8'),
        readFile(new URL(`${name}.down.sql`, FOLDER), 'utf8'),
      ]);
      const sha256 = createHash('sha256').update(up).digest('hex');
      return { version: Number(name.slice(0, 4)), name, up, down, sha256 };
    }),
  );
}

/** Brings the store up, and sees to it that the application's role has exactly the rights it needs. */
export async function migrateStore(options: {
  readonly ownerUrl: string;
  readonly appUrl: string;
}): Promise<{
  readonly applied: readonly string[];
  /** One role does everything, so nothing keeps the application from changing history. */
  readonly appMayChangeHistory: boolean;
}> {
  const { ownerUrl, appUrl } = options;
  const variable = ownerUrl === appUrl ? 'STORE_URL' : 'STORE_OWNER_URL';
  return asOwner({ url: ownerUrl, variable }, async (owner) => {
    const applied = await bringUp(owner, variable);
    const appMayChangeHistory = await connected({ url: appUrl, variable: 'STORE_URL' }, (app) =>
      settleRights({ owner, app, lock: LOCK }),
    );
    return { applied, appMayChangeHistory };
  });
}

async function bringUp(owner: pg.Client, variable: StoreVariable): Promise<readonly string[]> {
  try {
    await makeVersionTable(owner);
    const migrations = await readMigrations();
    const present = await presentVersions(owner);
    refuseNewer(present, migrations);
    const applied: string[] = [];
    for (const migration of migrations.filter((one) => !present.includes(one.version))) {
      await apply(owner, migration);
      applied.push(migration.name);
    }
    return applied;
  } catch (error) {
    if (codeOf(error) !== NOT_PERMITTED) throw error;
    const mend = await mendPowerless(owner, variable);
    throw new Error(`The role of ${variable} may not set the store up. ${mend}`, { cause: error });
  }
}

/** Whoever began the store goes on with it; only before that is it a matter of the database. */
async function mendPowerless(client: pg.Client, variable: StoreVariable): Promise<string> {
  const { rows } = await client.query(
    `select n.nspowner::regrole::text as "ofSchema", c.relowner::regrole::text as "ofTables",
      current_user::regrole::text as me
    from pg_namespace n
    left join pg_class c on c.relnamespace = n.oid and c.relname = 'schema_version'
    where n.nspname = 'backout'`,
  );
  const [begun] = z.array(Begun).parse(rows);
  const once = variable === 'STORE_URL' ? ', at least for one start' : '';
  if (begun !== undefined && begun.ofTables !== null && begun.ofTables !== begun.me) {
    return `Its tables belong to ${begun.ofTables}. Give the address of ${begun.ofTables} as STORE_OWNER_URL${once}.`;
  }
  if (variable === 'STORE_URL') {
    return `Give the address of the role that owns the database as STORE_OWNER_URL${once}.`;
  }
  return begun === undefined || begun.ofSchema === begun.me
    ? 'Make it the owner: `alter database … owner to …`.'
    : `The schema \`backout\` belongs to ${begun.ofSchema}. Type \`alter schema backout owner to ${begun.me}\` into the store.`;
}

/** Takes the newest migration back; for the tests that play up, down, up. */
export async function revertStore(ownerUrl: string): Promise<{ readonly reverted: string | null }> {
  return asOwner({ url: ownerUrl, variable: 'STORE_OWNER_URL' }, async (client) => {
    const present = await presentVersions(client);
    const newest = (await readMigrations()).findLast((one) => present.includes(one.version));
    if (newest === undefined) return { reverted: null };
    await client.query('begin');
    await client.query(newest.down);
    await client.query('delete from backout.schema_version where version = $1', [newest.version]);
    await client.query('commit');
    return { reverted: newest.name };
  });
}

interface Door {
  readonly url: string;
  readonly variable: StoreVariable;
}

async function asOwner<Result>(
  door: Door,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  return connected(door, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    return work(client);
  });
}

async function connected<Result>(
  { url, variable }: Door,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(url).catch((error: unknown) => {
    throw unreachable(error, variable);
  });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Only when it is not there: a role that may not create anything can still boot an up-to-date store. */
async function makeVersionTable(client: pg.Client): Promise<void> {
  const { rows } = await client.query(
    "select to_regclass('backout.schema_version') is not null as present",
  );
  if (z.object({ present: z.boolean() }).parse(rows[0]).present) return;
  await client.query(`
    create schema if not exists backout;
    create table backout.schema_version (
      version integer primary key,
      name text not null,
      sha256 text not null,
      applied_at timestamptz not null default clock_timestamp()
    )`);
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({
    connectionString: storeAddress(url),
    application_name: 'backout/migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  // Whoever asks hears of it; without a listener a broken connection would end the process without a word.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

async function presentVersions(client: pg.Client): Promise<readonly number[]> {
  const { rows } = await client.query(
    'select version from backout.schema_version order by version',
  );
  return z
    .array(z.object({ version: z.number() }))
    .parse(rows)
    .map((row) => row.version);
}

function refuseNewer(present: readonly number[], migrations: readonly Migration[]): void {
  const newest = present.at(-1) ?? 0;
  const known = migrations.at(-1)?.version ?? 0;
  if (newest <= known) return;
  throw new Error(
    `The store is at schema ${newest}, and this Backout knows ${known}. Start the newer Backout, or restore the store from before.`,
  );
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query(migration.up);
    await client.query(
      'insert into backout.schema_version (version, name, sha256) values ($1, $2, $3)',
      [migration.version, migration.name, migration.sha256],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
