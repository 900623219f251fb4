/** What a story stands on: its own databases, files, services, pager and workspace, all of them real but Slack's. */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';
import type { SlackOptions, StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { Pager } from '../../../sandbox/world/pager/pager.ts';
import { startPager } from '../../../sandbox/world/pager/pager.ts';
import { readConfig } from '../../../src/config.ts';
import type { Target } from '../../../src/incident/target.ts';
import type { Gate } from '../gate.ts';
import { gateAt } from '../gate.ts';
import { freshRedis } from '../redis.ts';
import type { FreshStore } from '../store.ts';
import { freshStore } from '../store.ts';
import type { TargetChange } from './config.ts';
import { backoutYaml, PAGER_KEYS } from './config.ts';
import type { TargetDatabase } from './database.ts';
import { targetDatabase } from './database.ts';
import type { MigrationsFolder } from './migrations.ts';
import { migrationsFolder } from './migrations.ts';
import type { Services } from './services.ts';
import { startServices } from './services.ts';
import { workspace } from './workspace.ts';

const WATCHED = join(import.meta.dirname, '../fixtures/watched');
const WEBHOOK_SECRET = 'the-secret-of-the-webhook';
const VALIDATION = `do $$ begin
  if exists (select from orders o where not exists (select from people p where p.id = o.person)) then
    raise exception 'orders without a person';
  end if;
end $$;
`;

export interface GroundOptions {
  /** Over the files of the migrations; null takes one away. */
  readonly migrations?: Readonly<Record<string, string | null>>;
  readonly target?: TargetChange;
  readonly slack?: Partial<SlackOptions>;
  readonly mode?: 'http' | 'socket';
  readonly environment?: Readonly<Record<string, string>>;
  /** `pg_dump` and `migrate` are counted, and can be held up by a gate. */
  readonly watched?: true;
}

export interface Ground {
  readonly database: TargetDatabase;
  readonly store: FreshStore;
  readonly redisUrl: string;
  readonly migrations: MigrationsFolder;
  readonly services: Services;
  readonly pager: Pager;
  readonly slack: StandInSlack;
  readonly backups: string;
  readonly target: Target;
  /** Where a watched program waits: `pg_dump`, `migrate`, or `migrate-done` after the real one has ended. */
  readonly gate: (name: string) => Promise<Gate>;
  /** Each start of a watched program, in order. */
  readonly calls: () => Promise<readonly string[]>;
  /** For a bot or a worker. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Everything is put onto the stack that removes it. */
export async function layGround(
  stack: AsyncDisposableStack,
  options: GroundOptions,
): Promise<Ground> {
  const database = stack.use(await targetDatabase());
  const store = stack.use(await freshStore());
  const migrations = stack.use(await migrationsFolder(options.migrations));
  const services = stack.use(await startServices(database.url));
  const slack = stack.adopt(await startSlack(workspace(options.slack)), (one) => one.close());
  const names = Object.fromEntries(Object.entries(PAGER_KEYS).map(([name, key]) => [key, name]));
  const pager = stack.adopt(
    await startPager({ keys: names, webhookSecret: WEBHOOK_SECRET }),
    (one) => one.stop(),
  );
  const folder = await mkdtemp(join(tmpdir(), 'backout-story-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const { url: redisUrl } = await freshRedis();

  const validation = join(folder, 'validate.sql');
  const file = join(folder, 'backout.yaml');
  const change = options.target ?? {};
  const yaml = backoutYaml({ migrations: migrations.path, services, validation, change });
  await Promise.all([writeFile(validation, VALIDATION), writeFile(file, yaml)]);
  const backups = join(folder, 'backups');
  if (options.watched === true) {
    // Programs are looked for in the PATH of whoever starts them, which may be this process.
    vi.stubEnv('PATH', [await watchedPrograms(folder), process.env['PATH']].join(delimiter));
    stack.defer(() => void vi.unstubAllEnvs());
  }
  const token = options.mode === 'socket' ? { SLACK_APP_TOKEN: slack.appToken } : {};
  const environment = {
    PATH: process.env['PATH'] ?? '',
    BACKOUT_CONFIG: file,
    BACKUP_DIR: backups,
    STORE_URL: store.appUrl,
    STORE_OWNER_URL: store.ownerUrl,
    REDIS_URL: redisUrl,
    AUTH_DATABASE_URL: database.url,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_SIGNING_SECRET: slack.signingSecret,
    ...token,
    ...PAGER_KEYS,
    PAGERDUTY_URL: pager.url,
    PAGERDUTY_WEBHOOK_SECRET: WEBHOOK_SECRET,
    PORT: '0',
    LOG_LEVEL: process.env['STORY_LOG_LEVEL'] ?? 'silent',
    ...options.environment,
  };
  const [target] = readConfig('all', environment).targets;
  if (target === undefined) throw new Error('The story has no target.');
  return {
    target,
    database,
    store,
    redisUrl,
    migrations,
    services,
    pager,
    slack,
    backups,
    environment,
    gate: (name) => gateAt(join(folder, 'gates', name)),
    calls: async () => (await readFile(join(folder, 'calls'), 'utf8')).split('\n').slice(0, -1),
  };
}

/** They stand in PATH before the real ones. */
async function watchedPrograms(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const name of ['pg_dump', 'migrate']) await copyFile(WATCHED, join(bin, name));
  await writeFile(join(folder, 'calls'), '');
  return bin;
}
