/** Environment and backout.yaml → Config, or one error that names everything that is wrong. */
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { Environment } from './config-environment.ts';
import type { ConfigFile } from './config-file.ts';
import { ConfigFileSchema } from './config-file.ts';
import {
  misnamedProblems,
  peopleProblems,
  sayIssues,
  variableProblems,
  variableWarnings,
  warningsOf,
} from './config-problems.ts';
import type { ConfiguredPerson } from './config-target.ts';
import { personOf, targetOf } from './config-target.ts';
import type { PersonId } from './incident/names.ts';
import type { Target } from './incident/target.ts';
import { withHostInPlace } from './programs/database-url.ts';

export type ProcessRole = 'bot' | 'worker' | 'all';

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

/** What the terminal needs: no queue, no target's database, and Slack's token only to sign a link. */
export type TerminalConfig = Pick<Config, 'people' | 'targets' | 'storeUrl' | 'logLevel'> & {
  readonly slackBotToken?: string | undefined;
};

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

type Given = Readonly<Record<string, string>>;

/** Throws ConfigProblems. */
export function readConfig(
  role: ProcessRole,
  environment: NodeJS.ProcessEnv = process.env,
): Config {
  const given = setIn(environment);
  const { env, problems } = readEnvironment(Environment, given);
  const { config: file, path, raw, problems: fileProblems } = readFile(given);
  const all = [
    ...problems,
    ...(role === 'worker' ? [] : slackProblems(given)),
    ...fileProblems,
    ...(role === 'bot' ? [] : variableProblems(raw, given)),
  ];
  if (env === null || file === null || all.length > 0) throw new ConfigProblems(all);
  const config = configOf({ env, file, path, given });
  const warnings = role === 'bot' ? [] : variableWarnings(raw, given);
  return { ...config, warnings: [...config.warnings, ...warnings] };
}

const TerminalEnvironment = Environment.pick({
  STORE_URL: true,
  SLACK_BOT_TOKEN: true,
  LOG_LEVEL: true,
});

/** Throws ConfigProblems. */
export function readTerminalConfig(environment: NodeJS.ProcessEnv = process.env): TerminalConfig {
  const given = setIn(environment);
  const { env, problems } = readEnvironment(TerminalEnvironment, given);
  const { config: file, path, problems: fileProblems } = readFile(given);
  const all = [...problems, ...fileProblems];
  if (env === null || file === null || all.length > 0) throw new ConfigProblems(all);
  return {
    ...peopleAndTargets(file, dirname(path)),
    storeUrl: withHostInPlace(env.STORE_URL),
    logLevel: env.LOG_LEVEL,
    slackBotToken: env.SLACK_BOT_TOKEN,
  };
}

/** The file alone, without what the environment has to hold: for CI. Throws ConfigProblems. */
export function readFileAlone(environment: NodeJS.ProcessEnv = process.env): {
  readonly path: string;
  readonly targets: readonly Target[];
  readonly warnings: readonly string[];
} {
  const { config: file, path, problems } = readFile(setIn(environment));
  if (file === null || problems.length > 0) throw new ConfigProblems(problems);
  return { path, ...peopleAndTargets(file, dirname(path)), warnings: warningsOf(file) };
}

function setIn(environment: NodeJS.ProcessEnv): Given {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, value]],
    ),
  );
}

function readEnvironment<Shape extends z.ZodObject>(
  shape: Shape,
  given: Given,
): { readonly env: z.infer<Shape> | null; readonly problems: readonly string[] } {
  const read = shape.safeParse(given);
  return read.success
    ? { env: read.data, problems: [] }
    : { env: null, problems: sayIssues(read.error).map((one) => `environment ${one}`) };
}

function slackProblems(given: Given): readonly string[] {
  const missing = '; it is missing';
  if (given['SLACK_BOT_TOKEN'] === undefined) {
    return [`environment SLACK_BOT_TOKEN: expected a bot token (xoxb-…)${missing}`];
  }
  if (given['SLACK_SIGNING_SECRET'] ?? given['SLACK_APP_TOKEN']) return [];
  return [
    `environment SLACK_SIGNING_SECRET (for HTTP) or SLACK_APP_TOKEN (for Socket Mode): expected one of them${missing}`,
  ];
}

interface FileRead {
  readonly config: ConfigFile | null;
  /** As it stands in the file, whatever its shape. */
  readonly raw: unknown;
  readonly problems: readonly string[];
}

function readFile(given: Given): FileRead & { readonly path: string } {
  const path = resolve(given['BACKOUT_CONFIG'] ?? './backout.yaml');
  try {
    return { path, ...parseConfigFile(readFileSync(path, 'utf8'), path) };
  } catch {
    const say = `${path} cannot be read: copy backout.example.yaml there, or name another file in BACKOUT_CONFIG`;
    return { path, config: null, raw: null, problems: [say] };
  }
}

/** The file alone; `path` is only said. */
export function parseConfigFile(text: string, path: string): FileRead {
  const { raw, errors } = parseYaml(text);
  if (errors.length > 0) {
    return { config: null, raw, problems: errors.map((one) => `${path}: ${one.split('\n')[0]}`) };
  }
  const parsed = ConfigFileSchema.safeParse(raw);
  const problems = [
    ...(parsed.success ? [] : sayIssues(parsed.error)),
    ...misnamedProblems(raw),
    ...peopleProblems(raw),
  ];
  return {
    config: parsed.success && problems.length === 0 ? parsed.data : null,
    raw,
    problems: problems.map((one) => `${path} ${one}`),
  };
}

function parseYaml(text: string): { readonly raw: unknown; readonly errors: readonly string[] } {
  const document = parseDocument(text, { prettyErrors: true });
  const errors = document.errors.map(({ message }) => message);
  if (errors.length > 0) return { raw: null, errors };
  try {
    return { raw: document.toJS(), errors };
  } catch {
    return { raw: null, errors: ['an alias (`*name`) stands for nothing, or for too much'] };
  }
}

function peopleAndTargets(file: ConfigFile, folder: string): Pick<Config, 'people' | 'targets'> {
  return {
    people: Object.fromEntries(
      Object.entries(file.people).map(([id, person]) => [id, personOf(id, person)]),
    ),
    targets: Object.entries(file.targets).map(([name, target]) =>
      targetOf(name, target, { file, folder }),
    ),
  };
}

function configOf(from: {
  readonly env: Environment;
  readonly file: ConfigFile;
  readonly path: string;
  readonly given: Given;
}): Config {
  const { env, file, path, given } = from;
  const folder = dirname(path);
  return {
    ...peopleAndTargets(file, folder),
    folder,
    homeChannel: file.home_channel,
    databaseUrls: Object.fromEntries(
      Object.entries(file.targets).map(([name, target]) => [
        name,
        given[target.database_url_env] ?? '',
      ]),
    ),
    storeUrl: withHostInPlace(env.STORE_URL),
    storeOwnerUrl: withHostInPlace(env.STORE_OWNER_URL ?? env.STORE_URL),
    redisUrl: env.REDIS_URL,
    slack: slackOf(env),
    port: env.PORT,
    pagerDutyUrl: env.PAGERDUTY_URL,
    pagerDutyWebhookSecret: env.PAGERDUTY_WEBHOOK_SECRET,
    backupFolder: resolve(env.BACKUP_DIR),
    logLevel: env.LOG_LEVEL,
    environment: given,
    warnings: warningsOf(file),
  };
}

function slackOf(env: Environment): SlackConfig | null {
  if (env.SLACK_BOT_TOKEN === undefined) return null;
  return {
    botToken: env.SLACK_BOT_TOKEN,
    apiUrl: env.SLACK_API_URL,
    signingSecret: env.SLACK_SIGNING_SECRET,
    appToken: env.SLACK_APP_TOKEN,
  };
}
