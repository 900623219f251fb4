/** Our own migrations: up/down pairs, run at boot under a lock, refusing a schema newer than we know. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { z } from 'zod';

const FOLDER = new URL('./sql/', import.meta.url);
/** Any number of ours; two Backouts that boot at once take turns. */
const LOCK = 4_201_042;

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

/** Brings the store up, and gives the application's role exactly the rights it needs. */
export async function migrateStore(options: {
  readonly ownerUrl: string;
  readonly appUrl: string;
}): Promise<{
  readonly applied: readonly string[];
  /** The application's role owns the tables, so nothing keeps it from changing history. */
  readonly appOwnsHistory: boolean;
}> {
  return asOwner(options.ownerUrl, async (client) => {
    const migrations = await readMigrations();
    const present = await presentVersions(client);
    refuseNewer(present, migrations);
    const applied: string[] = [];
    for (const migration of migrations.filter((one) => !present.includes(one.version))) {
      await apply(client, migration);
      applied.push(migration.name);
    }
    const appOwnsHistory = await grant(client, new URL(options.appUrl).username);
    return { applied, appOwnsHistory };
  });
}

/** Takes the newest migration back; for the tests that play up, down, up. */
export async function revertStore(ownerUrl: string): Promise<{ readonly reverted: string | null }> {
  return asOwner(ownerUrl, async (client) => {
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

async function asOwner<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url, application_name: 'backout/migrate' });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await makeVersionTable(client);
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

/** The application adds to history and cannot change it; of an approval it may change the state alone. */
async function grant(client: pg.Client, appRole: string): Promise<boolean> {
  const { rows } = await client.query(
    "select tableowner as owner, tableowner = current_user as mine from pg_tables where schemaname = 'backout' and tablename = 'events'",
  );
  const { owner, mine } = z.object({ owner: z.string(), mine: z.boolean() }).parse(rows[0]);
  const role = decodeURIComponent(appRole);
  if (role === owner || role === '') return true;
  if (!mine) return false;
  const app = pg.escapeIdentifier(role);
  await client.query(`
    revoke all on all tables in schema backout from ${app};
    grant usage on schema backout to ${app};
    grant select on all tables in schema backout to ${app};
    grant insert on all tables in schema backout to ${app};
    revoke insert on backout.schema_version from ${app};
    grant update (is_open, channel, seq) on backout.incidents to ${app};
    grant update (state) on backout.approvals to ${app};
    grant update (state, fence, tries, worker, lease_until, offered_at, cancel_asked, progress, recorded, tail)
      on backout.operations to ${app};
    grant update, delete on backout.surfaces, backout.drawn, backout.timers, backout.leases to ${app};
    grant usage on all sequences in schema backout to ${app}`);
  return false;
}
