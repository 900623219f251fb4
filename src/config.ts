/** Environment and backout.yaml → Config, or one error that names everything that is wrong. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import type { ConfigFile } from './config-file.ts';
import { ConfigFileSchema } from './config-file.ts';
import type { PersonId } from './incident/names.ts';
import type { Target } from './incident/target.ts';
import { targetOf } from './config-target.ts';

export type ProcessRole = 'bot' | 'worker' | 'all';

/** One human, with all the names we know them by. */
export interface ConfiguredPerson {
  readonly name: string;
  readonly slack: readonly string[];
  readonly osUser?: string | undefined;
}

export interface Config {
  /** The folder of backout.yaml: relative paths and the team's commands start here. */
  readonly folder: string;
  readonly people: Readonly<Record<PersonId, ConfiguredPerson>>;
  readonly homeChannel?: string | undefined;
  readonly targets: readonly Target[];
  /** By target: where its database is. Passwords are in here; it is never logged. */
  readonly databaseUrls: Readonly<Record<string, string>>;
  readonly storeUrl: string;
  readonly storeOwnerUrl: string;
  readonly redisUrl: string;
  readonly slack: SlackConfig | null;
  readonly port: number;
  readonly pagerDutyUrl: string;
  readonly pagerDutyWebhookSecret?: string | undefined;
  readonly backupFolder: string;
  readonly logLevel: string;
  /** For the team's own programs and for the keys that the file names; never logged. */
  readonly environment: Readonly<Record<string, string>>;
  /** Things that are allowed and worth knowing, said once at the start. */
  readonly warnings: readonly string[];
}

export interface SlackConfig {
  readonly botToken: string;
  readonly apiUrl: string;
  readonly signingSecret?: string | undefined;
  readonly appToken?: string | undefined;
}

/** Everything that is wrong, each with where it is and what was expected. */
export class ConfigProblems extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(
      ['Backout cannot start. Please mend:', ...problems.map((one) => `  - ${one}`)].join('\n'),
    );
    this.name = 'ConfigProblems';
    this.problems = problems;
  }
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const Url = (protocols: readonly string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `expected an address that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    );

const Environment = z.object({
  BACKOUT_CONFIG: z.string().default('./backout.yaml'),
  STORE_URL: Url(['postgres:', 'postgresql:']),
  STORE_OWNER_URL: Url(['postgres:', 'postgresql:']).optional(),
  REDIS_URL: Url(['redis:', 'rediss:']),
  SLACK_BOT_TOKEN: z.string().startsWith('xoxb-', 'expected a bot token (xoxb-…)').optional(),
  SLACK_SIGNING_SECRET: z.string().min(1).optional(),
  SLACK_APP_TOKEN: z
    .string()
    .startsWith('xapp-', 'expected an app-level token (xapp-…)')
    .optional(),
  SLACK_API_URL: Url(['https:', 'http:']).default('https://slack.com/api/'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  PAGERDUTY_URL: Url(['https:', 'http:']).default('https://events.pagerduty.com'),
  PAGERDUTY_WEBHOOK_SECRET: z.string().min(1).optional(),
  BACKUP_DIR: z.string().min(1).default('./backups'),
  LOG_LEVEL: z.enum(LEVELS).default('info'),
});
type Environment = z.infer<typeof Environment>;

/** The only reader of the process's environment. Throws ConfigProblems. */
export function readConfig(
  role: ProcessRole,
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const env = Environment.safeParse(given);
  const path = resolve(given['BACKOUT_CONFIG'] ?? './backout.yaml');
  const file = readFile(path);
  const problems = [
    ...(env.success ? [] : env.error.issues.map((issue) => `environment ${sayIssue(issue)}`)),
    ...file.problems,
    ...(env.success && role !== 'worker' ? slackProblems(env.data) : []),
    ...(file.config === null || role === 'bot' ? [] : secretProblems(file.config, given)),
  ];
  if (!env.success || file.config === null || problems.length > 0)
    throw new ConfigProblems(problems);
  return configOf({ env: env.data, file: file.config, path, given });
}

function readFile(path: string): {
  readonly config: ConfigFile | null;
  readonly problems: readonly string[];
} {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return {
      config: null,
      problems: [
        `${path} cannot be read: copy backout.example.yaml there, or name another file in BACKOUT_CONFIG`,
      ],
    };
  }
  return parseConfigFile(text, path);
}

/** The file alone, without the environment: for `backout check` and for tests. */
export function parseConfigFile(
  text: string,
  path: string,
): { readonly config: ConfigFile | null; readonly problems: readonly string[] } {
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    return {
      config: null,
      problems: document.errors.map((error) => `${path}: ${error.message.split('\n')[0]}`),
    };
  }
  const parsed = ConfigFileSchema.safeParse(document.toJS());
  if (parsed.success) return { config: parsed.data, problems: [] };
  return {
    config: null,
    problems: parsed.error.issues.map((issue) => `${path} ${sayIssue(issue)}`),
  };
}

/** `targets.auth.roles.dba.people: expected array, it is missing` */
function sayIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.map(String).join('.');
  const what = issue.message
    .replace(/^Invalid input: /, '')
    .replace(/, received undefined$/, ', it is missing')
    .replace(/^Unrecognized keys?: /, 'unknown: ');
  return where === '' ? what : `${where}: ${what}`;
}

function slackProblems(env: Environment): readonly string[] {
  if (env.SLACK_BOT_TOKEN === undefined) {
    return ['environment SLACK_BOT_TOKEN: expected the bot token (xoxb-…), it is missing'];
  }
  if (env.SLACK_SIGNING_SECRET !== undefined || env.SLACK_APP_TOKEN !== undefined) return [];
  return [
    'environment SLACK_SIGNING_SECRET (for HTTP) or SLACK_APP_TOKEN (for Socket Mode): expected one of them',
  ];
}

/** Every variable that the file names must be set where the work is done. */
function secretProblems(
  file: ConfigFile,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(file.targets).flatMap(([name, target]) => {
    const url = env[target.database_url_env];
    const where = `environment ${target.database_url_env} (targets.${name}.database_url_env)`;
    if (url === undefined) return [`${where}: expected the address of the database, it is missing`];
    const isPostgres = /^postgres(ql)?:\/\/[^/]*@?[^/]+\/[^/?]+/.test(url) && URL.canParse(url);
    return isPostgres ? [] : [`${where}: expected postgres://user@host:5432/database`];
  });
}

function configOf(from: {
  readonly env: Environment;
  readonly file: ConfigFile;
  readonly path: string;
  readonly given: Readonly<Record<string, string | undefined>>;
}): Config {
  const { env, file, path, given } = from;
  const folder = dirname(path);
  return {
    folder,
    people: Object.fromEntries(
      Object.entries(file.people).map(([id, person]) => [
        id,
        { name: person.name ?? id, slack: person.slack, osUser: person.os_user },
      ]),
    ),
    homeChannel: file.home_channel,
    targets: Object.entries(file.targets).map(([name, target]) =>
      targetOf(name, target, { file, folder }),
    ),
    databaseUrls: Object.fromEntries(
      Object.entries(file.targets).map(([name, target]) => [
        name,
        given[target.database_url_env] ?? '',
      ]),
    ),
    storeUrl: env.STORE_URL,
    storeOwnerUrl: env.STORE_OWNER_URL ?? env.STORE_URL,
    redisUrl: env.REDIS_URL,
    slack:
      env.SLACK_BOT_TOKEN === undefined
        ? null
        : {
            botToken: env.SLACK_BOT_TOKEN,
            apiUrl: env.SLACK_API_URL,
            signingSecret: env.SLACK_SIGNING_SECRET,
            appToken: env.SLACK_APP_TOKEN,
          },
    port: env.PORT,
    pagerDutyUrl: env.PAGERDUTY_URL,
    pagerDutyWebhookSecret: env.PAGERDUTY_WEBHOOK_SECRET,
    backupFolder: resolve(env.BACKUP_DIR),
    logLevel: env.LOG_LEVEL,
    environment: Object.fromEntries(
      Object.entries(given).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, value]],
      ),
    ),
    warnings: warningsOf(file),
  };
}

function warningsOf(file: ConfigFile): readonly string[] {
  return Object.entries(file.targets).flatMap(([name, target]) => [
    ...(target.policy.require.includes('rehearsal')
      ? [
          `targets.${name}.policy.require: this version cannot rehearse; plans say so and show a preview instead`,
        ]
      : []),
    ...(['on_call', 'dba'] as const)
      .filter((role) => (target.roles[role]?.people.length ?? 0) === 0)
      .map((role) => `targets.${name}.roles.${role}: nobody is listed, so nothing can be approved`),
  ]);
}
