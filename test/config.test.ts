import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Config, ProcessRole } from '../src/config.ts';
import { ConfigProblems, parseConfigFile, readConfig, readFileAlone } from '../src/config.ts';

const EXAMPLE = path.join(import.meta.dirname, '..', 'backout.example.yaml');
const example = readFileSync(EXAMPLE, 'utf8');
const folder = mkdtempSync(path.join(tmpdir(), 'backout-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const SECRETS = {
  AUTH_DATABASE_URL: 'postgres://backout:pw@db.internal:5432/auth',
  AUTH_CACHE_URL: 'redis://cache.internal',
  PD_DORA: 'a'.repeat(32),
  PD_ONCALL: 'b'.repeat(32),
  PD_DBA: 'c'.repeat(32),
  PAT_PAGER: 'https://pager.internal/pat',
};
const ENVIRONMENT = {
  STORE_URL: 'postgres://backout_app@localhost/backout',
  REDIS_URL: 'redis://localhost:6379',
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  ...SECRETS,
};

/** What has to be there and nothing more; `over` is put beside it. */
function aFile(over: Readonly<Record<string, unknown>> = {}): string {
  const auth = {
    database_url_env: 'AUTH_DATABASE_URL',
    environment: 'production',
    migrations: { path: './migrations' },
  };
  return JSON.stringify({ targets: { auth }, ...over });
}

function problemsOf(text: string): readonly string[] {
  return parseConfigFile(text, 'backout.yaml').problems;
}

function readWith(
  text: string,
  environment: Readonly<Record<string, string | undefined>> = ENVIRONMENT,
  role: ProcessRole = 'all',
): Config {
  const file = path.join(folder, 'backout.yaml');
  writeFileSync(file, text);
  return readConfig(role, { ...environment, BACKOUT_CONFIG: file });
}

function refusalOf(act: () => unknown): readonly string[] {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

test('the example is complete and valid', () => {
  const config = readWith(example);
  expect(config.warnings).toEqual([]);
  expect(config.targets.map(({ name, services }) => [name, services.length])).toEqual([
    ['auth', 2],
  ]);
});

test('everything that is wrong is named at once, with its place and what was expected', () => {
  const text = `
home_channel: incidents
people:
  anna: { slack: anna }
  ben: { slack: U0BEN }
  benjamin: { slack: U0BEN }
targets:
  auth:
    environment: 7
    migrations: ./migrations
    services:
      auth-service: { commands: { stop: systemctl stop auth, start: [a], status: [b] }, health: x }
      gateway-service: {}
    roles: { dba: { people: [dora] } }
    policy: { start: now, lock_timeout_ms: 0 }
`;
  const environment = { ...ENVIRONMENT, REDIS_URL: 'localhost', SLACK_BOT_TOKEN: '', PORT: 'http' };
  const file = path.join(folder, 'backout.yaml');
  expect(refusalOf(() => readWith(text, environment))).toEqual([
    'environment REDIS_URL: expected an address that begins with redis:// or rediss://',
    'environment PORT: expected a port: a number from 0 to 65535',
    'environment SLACK_BOT_TOKEN: expected a bot token (xoxb-…); it is missing',
    `${file} home_channel: expected a channel id, for example C0INCIDENTS`,
    `${file} people.anna.slack: expected a Slack member id, for example U0ANNA`,
    `${file} targets.auth.database_url_env: expected text; it is missing`,
    `${file} targets.auth.environment: expected text`,
    `${file} targets.auth.migrations: expected a mapping`,
    `${file} targets.auth.services.auth-service.commands.stop: expected a list: a program and its arguments`,
    `${file} targets.auth.services.auth-service.health: expected an http(s) address`,
    `${file} targets.auth.services.gateway-service.commands: expected \`commands\` with stop, start and status`,
    `${file} targets.auth.policy.lock_timeout_ms: expected at least 1`,
    `${file} targets.auth.policy.start: expected on_approval or by_hand`,
    `${file} people.benjamin.slack: U0BEN belongs to ben already; expected one entry for each human`,
    `${file} targets.auth.roles.dba.people: dora is not listed; expected keys of \`people\``,
  ]);
});

test('a key that does not exist is named, also deep inside', () => {
  const text = aFile({
    channel: 'C0',
    people: { anna: { slak: 'U0ANNA', colour: 'red' } },
  });
  expect(problemsOf(text)).toEqual([
    'backout.yaml people.anna.slak: there is no such key',
    'backout.yaml people.anna.colour: there is no such key',
    'backout.yaml channel: there is no such key',
  ]);
});

test.for([
  ['a database address', 'database_url_env: postgres://u:hunter2@db/auth'],
  [
    'a PagerDuty key',
    'roles: { dba: { people: [], page: { pagerduty_key_env: R0HUNTER2HUNTER2HUNTER2HUNTER2HU } } }',
  ],
  [
    'a key of lower-case letters',
    'roles: { dba: { people: [], page: { pagerduty_key_env: ahunter2hunter2hunter2hunter2hun } } }',
  ],
  [
    'a webhook',
    'roles: { dba: { people: [], page: { webhook_env: "https://hook.example/hunter2" } } }',
  ],
  ['a password in a health check', 'services: { a: { health: "https://u:hunter2@a/health" } }'],
])('%s pasted where a name belongs is refused and not shown', ([, line]) => {
  const text = `targets: { auth: { environment: production, migrations: { path: m }, ${line} } }`;
  const problems = refusalOf(() => readWith(text)).join('\n');
  expect(problems).toMatch(/name of an environment variable|without a password/);
  expect(problems.toLowerCase()).not.toContain('hunter2');
});

test('two people cannot share an account, in Slack or on the machine', () => {
  const people = {
    anna: { slack: ['U0A', 'U0B'], os_user: 'root' },
    ben: { slack: 'U0B' },
    dora: { os_user: 'root' },
  };
  expect(problemsOf(aFile({ people }))).toEqual([
    'backout.yaml people.ben.slack: U0B belongs to anna already; expected one entry for each human',
    'backout.yaml people.dora.os_user: root belongs to anna already; expected one entry for each human',
  ]);
});

test('a person with two accounts is one person', () => {
  const config = readWith(aFile({ people: { ben: { slack: ['U0BEN', 'U0BENJAMIN'] } } }));
  expect(config.people).toEqual({
    ben: { name: 'ben', slack: ['U0BEN', 'U0BENJAMIN'], osUser: undefined },
  });
});

test('people are called by keys that can stand in a text', () => {
  expect(problemsOf(aFile({ people: { 'slack:U0EVIL': {} } }))).toEqual([
    'backout.yaml people.slack:U0EVIL: expected letters, digits, . - and _, at most 40',
  ]);
});

test('without a database’s address nothing starts; any other variable that is missing is a warning', () => {
  const environment = {
    ...ENVIRONMENT,
    AUTH_DATABASE_URL: undefined,
    PD_DBA: undefined,
    PAT_PAGER: 'pat',
  };
  const refused = [
    'environment AUTH_DATABASE_URL (targets.auth.database_url_env): expected postgres://user:password@host:5432/database; it is missing',
    'environment PAT_PAGER (targets.auth.roles.platform_lead.page.webhook_env): expected an http(s) address',
  ];
  expect(refusalOf(() => readWith(example, environment)).toSorted()).toEqual(refused.toSorted());
  expect(refusalOf(() => readWith(example, environment, 'bot'))).toEqual([]);

  const { warnings } = readWith(example, { ...ENVIRONMENT, PD_DBA: undefined, AUTH_CACHE_URL: '' });
  expect(warnings).toEqual(
    expect.arrayContaining([
      'environment AUTH_CACHE_URL (targets.auth.services.auth-service.caches.invalidate.0): expected a value; it is missing, and what needs it will fail',
      'environment PD_DBA (targets.auth.roles.dba.page.pagerduty_key_env): expected a PagerDuty integration key; it is missing, and what needs it will fail',
    ]),
  );
});

test('a database address without a database is refused and not shown', () => {
  const environment = { ...ENVIRONMENT, AUTH_DATABASE_URL: 'postgres://u:hunter2@db' };
  expect(refusalOf(() => readWith(aFile(), environment))).toEqual([
    'environment AUTH_DATABASE_URL (targets.auth.database_url_env): expected postgres://user:password@host:5432/database. The database URL does not name its database.',
  ]);
});

test('the bot needs a token and one of two ways to hear; the worker needs neither', () => {
  const { SLACK_BOT_TOKEN: _token, SLACK_APP_TOKEN: _app, ...without } = ENVIRONMENT;
  expect(refusalOf(() => readWith(aFile(), without, 'worker'))).toEqual([]);
  expect(refusalOf(() => readWith(aFile(), without, 'bot'))).toEqual([
    'environment SLACK_BOT_TOKEN: expected a bot token (xoxb-…); it is missing',
  ]);
  expect(refusalOf(() => readWith(aFile(), { ...without, SLACK_BOT_TOKEN: 'xoxb-1' }))).toEqual([
    'environment SLACK_SIGNING_SECRET (for HTTP) or SLACK_APP_TOKEN (for Socket Mode): expected one of them; it is missing',
  ]);
});

test('Kubernetes is refused plainly, with the way to do without', () => {
  const service = { kubernetes: { namespace: 'prod', deployment: 'auth' } };
  const text = aFile().replace('"environment"', `"services":{"a":${JSON.stringify(service)}},$&`);
  expect(problemsOf(text)).toEqual([
    'backout.yaml targets.auth.services.a.commands: expected `commands` with stop, start and status',
    'backout.yaml targets.auth.services.a.kubernetes: not in this version yet: give `commands` with stop, start and status, for example of kubectl',
  ]);
});

test('paths start at the folder of the file', () => {
  const [auth] = readWith(example).targets;
  expect(auth?.migrations.path).toBe(path.join(folder, 'migrations/auth'));
  expect(auth?.validation).toBe(path.join(folder, 'scripts/db/validate-migrations.sql'));
});

test('what is left out has a default', () => {
  const { STORE_URL, REDIS_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, AUTH_DATABASE_URL } = ENVIRONMENT;
  const least = { STORE_URL, REDIS_URL, SLACK_BOT_TOKEN, SLACK_APP_TOKEN, AUTH_DATABASE_URL };
  const config = readWith(aFile(), { ...least, LOG_LEVEL: '' });
  expect(config).toMatchObject({
    storeOwnerUrl: STORE_URL,
    port: 3000,
    logLevel: 'info',
    pagerDutyUrl: 'https://events.pagerduty.com',
    backupFolder: path.resolve('backups'),
    slack: { apiUrl: 'https://slack.com/api/' },
  });
  expect(config.targets[0]).toMatchObject({
    privateChannel: false,
    migrations: { tool: 'golang-migrate' },
    services: [],
    roles: {},
    policy: { approvalTtlMinutes: 30, start: 'on_approval', require: ['backup'] },
  });
});

test('the defaults that the example shows are the defaults', () => {
  const document = parseDocument(example);
  document.deleteIn(['targets', 'auth', 'policy']);
  expect(readWith(String(document)).targets).toEqual(readWith(example).targets);
});

test('what is allowed and will surprise somebody is said once', () => {
  const text = example
    .replace('people: [dora, dev]', 'people: []')
    .replace('require: [backup]', 'require: [backup, rehearsal]')
    .replace('# rehearsal_url_env', 'rehearsal_url_env');
  expect(readWith(text).warnings).toEqual([
    'targets.auth.policy.require: this version cannot rehearse; plans say so and show a preview instead',
    'targets.auth.rehearsal_url_env: this version cannot rehearse; it is not used',
    'targets.auth.roles.dba: nobody is listed, so nothing can be approved',
  ]);
});

test('a file that is missing or no YAML is said in one line', () => {
  const missing = path.join(folder, 'missing.yaml');
  expect(refusalOf(() => readFileAlone({ BACKOUT_CONFIG: missing }))).toEqual([
    `${missing} cannot be read: copy backout.example.yaml there, or name another file in BACKOUT_CONFIG`,
  ]);
  expect(problemsOf('a: [1')).toEqual([expect.stringMatching(/^backout\.yaml: .* at line 1/)]);
  expect(problemsOf('')).toEqual(['backout.yaml expected a mapping with `people` and `targets`']);
  expect(problemsOf('a: *b')).toEqual([expect.stringContaining('backout.yaml: ')]);
});
