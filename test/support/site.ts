/** A place where Backout works, without Backout: a migrated database, services, the team's programs and a backout.yaml. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Config } from '../../src/config.ts';
import { readConfig } from '../../src/config.ts';
import type { Target } from '../../src/incident/target.ts';
import type { Gate } from './gate.ts';
import { gateAt } from './gate.ts';
import type { FreshDatabase } from './postgres.ts';
import { freshDatabase } from './postgres.ts';

const FIXTURES = join(import.meta.dirname, 'fixtures');
const WATCHED = ['migrate', 'pg_dump', 'psql'] as const;
const SERVICES = ['web', 'worker'] as const;
type ServiceName = (typeof SERVICES)[number];

export type Files = Readonly<Record<string, string>>;

/** Three versions; the newest renames a column. */
const MIGRATIONS: Files = {
  '1_people.up.sql': `create table people (id int primary key, name text not null);
    insert into people select n, 'person ' || n from generate_series(1, 50) as n;`,
  '1_people.down.sql': 'drop table people;',
  '2_teams.up.sql': 'create table teams (id int primary key, title text);',
  '2_teams.down.sql': 'drop table teams;',
  '3_mail.up.sql': 'alter table people rename column name to email;',
  '3_mail.down.sql': 'alter table people rename column email to name;',
};

export interface SiteOptions {
  /** Beside or instead of `MIGRATIONS`; they are there before anything is applied. */
  readonly migrations?: Files;
  readonly policy?: Readonly<Record<string, unknown>>;
  /** The team's SQL checks. */
  readonly validation?: string;
  readonly health?: string;
  readonly page?: string;
  readonly tool?: 'golang-migrate' | 'built-in';
  readonly without?: readonly ('maintenance' | 'previous' | 'smoke')[];
}

export interface Site extends AsyncDisposable {
  readonly folder: string;
  readonly database: FreshDatabase;
  /** What a worker's environment says about this place; the store and Redis are not in it. */
  readonly environment: Readonly<Record<string, string>>;
  config(more?: Files): Config;
  readonly target: Target;
  readonly services: Readonly<Record<ServiceName, { version(): Promise<string> }>>;
  /** `running web 2`, `stopped worker`, with the version that runs. */
  standing(): Promise<readonly string[]>;
  /** Runs the team's program behind our back: `stop web`. */
  team(...words: readonly string[]): Promise<unknown>;
  /** Every call of the team's programs, and of the watched ones, in order. */
  calls(): Promise<readonly string[]>;
  /** `3`, `2 dirty`, `none`. */
  version(): Promise<string>;
  sql(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** A session that stays until the test ends it. */
  session(applicationName: string): Promise<Client>;
  /** Files below the site's folder, such as `migrations/3_mail.down.sql` or `broken/stop-web`. */
  write(files: Files): Promise<void>;
  remove(path: string): Promise<void>;
  /** Where a program waits: `migrate`, `migrate-done`, `pg_dump`, `psql`, `stop-web`, `previous-web`… */
  gate(name: string): Promise<Gate>;
}

export async function aSite(options: SiteOptions = {}): Promise<Site> {
  const folder = await mkdtemp(join(tmpdir(), 'backout-site-'));
  const migrations = { ...MIGRATIONS, ...options.migrations };
  const write = (files: Files): Promise<void> => writeFiles(folder, files);
  await write(
    Object.fromEntries(Object.entries(migrations).map(([f, s]) => [`migrations/${f}`, s])),
  );
  const database = await migratedDatabase(options.migrations === undefined ? null : folder, folder);
  const sessions: Client[] = [];
  const connect = async (applicationName: string): Promise<Client> => {
    const client = new Client({
      connectionString: database.url,
      application_name: applicationName,
    });
    client.on('error', () => undefined);
    await client.connect();
    sessions.push(client);
    return client;
  };
  const own = await connect('site');

  await write({
    'backout.yaml': JSON.stringify(configuration(options)),
    'database.env': databaseEnvironment(database.url),
    calls: '',
    ...(options.validation === undefined ? {} : { 'validation.sql': options.validation }),
    ...Object.fromEntries(SERVICES.map((name) => [`services/${name}/version`, '2\n'])),
  });
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'tmp'));
  for (const name of WATCHED) await copyFile(join(FIXTURES, 'watched'), join(folder, 'bin', name));
  await copyFile(join(FIXTURES, 'team'), join(folder, 'team'));
  const team = (...words: string[]): Promise<unknown> =>
    promisify(execFile)(join(folder, 'team'), words);
  for (const name of SERVICES) await team('start', name);
  await write({ calls: '' });

  const environment = {
    BACKOUT_CONFIG: join(folder, 'backout.yaml'),
    BACKUP_DIR: join(folder, 'backups'),
    APP_URL: database.url,
    HOME: folder,
    LOG_LEVEL: 'warn',
    PATH: [join(folder, 'bin'), process.env['PATH']].join(delimiter),
    PORT: '0',
    // What a killed worker leaves behind goes with the site.
    TMPDIR: join(folder, 'tmp'),
    ...(options.page === undefined ? {} : { DBA_WEBHOOK: options.page }),
  };
  const config = (more: Files = {}): Config => readConfig('worker', { ...environment, ...more });
  const [target] = config({
    STORE_URL: 'postgres://nowhere/store',
    REDIS_URL: 'redis://nowhere',
  }).targets;
  if (target === undefined) throw new Error('The configuration has no target.');

  return {
    folder,
    database,
    environment,
    config,
    target,
    services: { web: serviceIn(folder, 'web'), worker: serviceIn(folder, 'worker') },
    team: (...words) => team(...words),
    standing: () => Promise.all(SERVICES.map((name) => standingOf(folder, name, team))),
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').slice(0, -1),
    async version() {
      const [row] = (await own.query<Row>('select version::text, dirty from schema_migrations'))
        .rows;
      if (row === undefined) return 'none';
      return row['dirty'] === true ? `${String(row['version'])} dirty` : String(row['version']);
    },
    sql: async (text) => (await own.query<Row>(text)).rows,
    session: connect,
    write,
    remove: (path) => rm(join(folder, path), { recursive: true, force: true }),
    gate: (name) => gateAt(join(folder, 'gates', name)),
    async [Symbol.asyncDispose]() {
      await endAll(join(folder, 'pids'));
      await Promise.all(sessions.map((session) => session.end().catch(() => undefined)));
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

type Row = Record<string, unknown>;

/** The usual migrations are applied once for all tests of a file, and copied. */
let template: Promise<FreshDatabase> | undefined;

async function migratedDatabase(own: string | null, folder: string): Promise<FreshDatabase> {
  if (own !== null) return applied(own);
  template ??= applied(folder);
  return freshDatabase({ template: (await template).name });
}

async function applied(folder: string): Promise<FreshDatabase> {
  const database = await freshDatabase();
  const url = new URL(database.url);
  url.searchParams.set('sslmode', 'disable');
  const args = ['-path', join(folder, 'migrations'), '-database', url.href, 'up'];
  await promisify(execFile)('migrate', args);
  return database;
}

function configuration(options: SiteOptions): unknown {
  const { policy = {}, health, page, tool = 'golang-migrate', without = [] } = options;
  const service = (name: ServiceName): unknown => ({
    commands: {
      ...Object.fromEntries(
        ['stop', 'start', 'status'].map((verb) => [verb, ['./team', verb, name]]),
      ),
      ...(without.includes('previous') ? {} : { previous: ['./team', 'previous', name] }),
    },
    application_names: [name],
    ...(without.includes('smoke') ? {} : { smoke: ['./team', 'smoke', name] }),
    ...(health === undefined ? {} : { health }),
  });
  return {
    people: { anna: { slack: 'U0ANNA' }, ben: { slack: 'U0BEN' }, dora: { slack: 'U0DORA' } },
    targets: {
      app: {
        database_url_env: 'APP_URL',
        environment: 'test',
        migrations: { tool, path: './migrations' },
        services: Object.fromEntries(SERVICES.map((name) => [name, service(name)])),
        ...(without.includes('maintenance')
          ? {}
          : {
              maintenance: {
                on: ['./team', 'maintenance', 'on'],
                off: ['./team', 'maintenance', 'off'],
              },
            }),
        ...(options.validation === undefined ? {} : { validation: './validation.sql' }),
        roles: {
          on_call: { people: ['anna', 'ben'] },
          dba: {
            people: ['dora'],
            ...(page === undefined ? {} : { page: { webhook_env: 'DBA_WEBHOOK' } }),
          },
        },
        policy,
      },
    },
  };
}

/** For the services' own connections, as any program that uses libpq has them. */
function databaseEnvironment(url: string): string {
  const { hostname, port, username, password, pathname } = new URL(url);
  const settings = {
    PGHOST: hostname,
    PGPORT: port,
    PGUSER: username,
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: pathname.slice(1),
    // Without the watched programs: what a service runs is its own affair.
    PATH: process.env['PATH'] ?? '',
  };
  return Object.entries(settings)
    .map(([name, value]) => `export ${name}='${value}'\n`)
    .join('');
}

function serviceIn(folder: string, name: ServiceName): { version(): Promise<string> } {
  const file = join(folder, 'services', name, 'version');
  return { version: async () => (await readFile(file, 'utf8')).trim() };
}

async function standingOf(
  folder: string,
  name: ServiceName,
  team: (...words: string[]) => Promise<unknown>,
): Promise<string> {
  const isRunning = await team('status', name).then(
    () => true,
    () => false,
  );
  if (!isRunning) return `${name} stopped`;
  const version = await readFile(join(folder, 'services', name, 'running-version'), 'utf8');
  return `${name} running ${version.trim()}`;
}

/** Every process group that a service ever was, also of one whose pid a test has hidden. */
async function endAll(file: string): Promise<void> {
  const pids = await readFile(file, 'utf8');
  for (const pid of pids.split('\n').filter((one) => one !== '')) {
    try {
      process.kill(-Number(pid), 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    const path = join(folder, file);
    await mkdir(join(path, '..'), { recursive: true });
    await writeFile(path, text);
  }
}
