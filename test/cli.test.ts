import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { reportKey, verifyReportLink } from '../src/web/report-link.ts';
import { containing } from './support/conversation.ts';
import type { FreshStore } from './support/store.ts';
import { freshStore } from './support/store.ts';

const CLI = path.join(import.meta.dirname, '..', 'src', 'cli.ts');
const MIGRATIONS = path.join(import.meta.dirname, '..', 'sandbox', 'world', 'migrations');
const TOKEN = 'xoxb-for-the-terminal';
const me = userInfo().username;

const folder = mkdtempSync(path.join(tmpdir(), 'backout-cli-'));
const file = path.join(folder, 'backout.yaml');
let store: FreshStore;
beforeAll(async () => {
  store = await freshStore();
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
beforeEach(() => configure());
afterEach(() => forget());

/** Whoever runs the tests is anna, unless said otherwise. */
function configure(given: { readonly asAnna?: string; readonly billing?: boolean } = {}): void {
  const { asAnna = me, billing = true } = given;
  const target = (name: string): object => ({
    database_url_env: 'ANY_DATABASE_URL',
    environment: 'production',
    migrations: { path: path.join(folder, 'migrations', name) },
    roles: { on_call: { people: ['anna'] }, dba: { people: ['dora'] } },
  });
  const people = {
    anna: { name: 'Anna', os_user: asAnna },
    dora: { name: 'Dora', slack: 'U0DORA' },
  };
  const targets = { auth: target('auth'), ...(billing ? { billing: target('billing') } : {}) };
  writeFileSync(file, stringify({ people, targets }));
}

interface Printed {
  readonly exit: unknown;
  readonly out: string;
  readonly err: string;
}

async function type(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Printed> {
  const env = {
    PATH: process.env['PATH'],
    TZ: 'UTC',
    BACKOUT_CONFIG: file,
    STORE_URL: store.appUrl,
    SLACK_BOT_TOKEN: TOKEN,
    ...environment,
  };
  return new Promise((ended) => {
    execFile(process.execPath, [CLI, ...words], { env }, (error, out, err) =>
      ended({ exit: error?.code ?? 0, out, err }),
    );
  });
}

async function opened(): Promise<string> {
  const { out } = await type(['start', 'auth', 'logins fail']);
  return /INC-\d+/.exec(out)?.[0] ?? out;
}

/** No incident is open any more. */
async function forget(): Promise<void> {
  const client = new Client({ connectionString: store.ownerUrl });
  await client.connect();
  await client.query('update backout.incidents set is_open = false');
  await client.end();
}

test('a rollback is started, followed and annotated from a terminal, in the name of who is logged in', async () => {
  const started = await type(['start', 'auth', 'logins fail']);
  expect(started).toMatchObject({ exit: 0, err: '' });
  expect(started.out).toMatch(/^INC-\d+ is open for auth\. The database is being read/);
  expect(started.out).toContain('call Dora yourself');
  expect(started.out).toMatch(/→ `npm run backout -- page INC-\d+` \(Call somebody\)/);

  const status = await type(['status']);
  expect(status.out).toMatch(/since \d+ \w+, [0-9:]+ UTC\./);
  expect(status.out).not.toMatch(/<!date|<@|\{person|\*[A-Z]/);

  expect(await type(['note', 'the', 'release was taken back'])).toMatchObject({ exit: 0 });
  const history = await type(['history']);
  expect(history.out).toContain('Anna: ');
  expect(history.out).toContain('the release was taken back');
});

test('a refusal is exit code 1, and says what to type here', async () => {
  const { exit, out } = await type(['plan']);
  expect(exit).toBe(1);
  expect(out).toBe(
    'There is no open incident here.\n`npm run backout -- start` opens one; `npm run backout -- status` lists those that are open.\n',
  );
});

test('where Slack would open a form, the terminal says which words to type', async () => {
  const { exit, err } = await type(['start']);
  expect(exit).toBe(2);
  expect(err).toContain(
    'This needs more words: `npm run backout -- start [target] [what is wrong]`',
  );
  expect(err).toContain('Which database?\n    auth (production)\n    billing (production)\n');
});

test('words that are not understood are exit code 2, with the nearest verb', async () => {
  expect(await type(['statsu'])).toMatchObject({
    exit: 2,
    err: containing('Did you mean `npm run backout -- status`?'),
  });
  expect(await type(['lock'])).toMatchObject({
    exit: 2,
    err: 'Type it as `npm run backout -- lock <target>`.\n',
  });
});

test('whoever is not listed with an os_user may read, and decides nothing', async () => {
  configure({ asAnna: 'somebody-else' });
  const refused = await type(['start', 'auth', 'logins fail']);
  expect(refused.exit).toBe(1);
  expect(refused.err).toContain(`nobody in backout.yaml has \`os_user: ${me}\``);
  expect(await type(['status'])).toMatchObject({ exit: 0, out: containing('No incident is open') });
});

test('help lists the verbs and what only a terminal knows', async () => {
  const { exit, out } = await type(['--help']);
  expect(exit).toBe(0);
  expect(out).toContain('• `npm run backout -- approve [plan hash]');
  expect(out).toContain('• `npm run backout -- verify-audit [file]`: ');
});

test('a store that does not answer is exit code 3, and 2 for whoever asks about the lock', async () => {
  const away = { STORE_URL: 'postgres://nobody@127.0.0.1:1/backout' };
  expect(await type(['status'], away)).toMatchObject({
    exit: 3,
    err: 'The store refuses the connection (STORE_URL). Nothing was asked of it.\n',
  });
  expect(await type(['lock', 'auth'], away)).toMatchObject({ exit: 2 });
});

test('a configuration that is wrong is exit code 2, with everything that is wrong', async () => {
  const { exit, err } = await type(['status'], { STORE_URL: '', BACKOUT_CONFIG: '/nowhere.yaml' });
  expect(exit).toBe(2);
  expect(err).toMatch(/environment STORE_URL: .*missing\n.*\/nowhere\.yaml cannot be read/);
});

test('a deployment can ask whether the database is being rolled back', async () => {
  expect(await type(['lock', 'auth'])).toMatchObject({ exit: 0, out: 'auth is free.\n' });
  await type(['start', 'auth', 'logins fail']);
  const locked = await type(['lock', 'auth']);
  expect(locked.exit).toBe(1);
  expect(locked.out).toMatch(/^auth is locked: INC-\d+, opened by Anna at /);
  expect(await type(['lock', 'billing'])).toMatchObject({ exit: 0 });
  expect(await type(['lock', 'nothing'])).toMatchObject({ exit: 2 });
});

test('CI is told of every migration file that a rollback would stumble over, without a database', async () => {
  configure({ billing: false });
  const auth = path.join(folder, 'migrations', 'auth');
  const nothing = { STORE_URL: '', SLACK_BOT_TOKEN: '' };
  const missing = await type(['check'], nothing);
  expect([missing.exit, missing.out]).toEqual([1, expect.stringContaining('is not there')]);

  cpSync(MIGRATIONS, auth, { recursive: true });
  const sound = await type(['check'], nothing);
  expect([sound.exit, sound.out]).toEqual([0, expect.stringMatching(/nothing to mend\.\n$/)]);

  writeFileSync(path.join(auth, '90_half.up.sql'), 'select 1;');
  writeFileSync(path.join(auth, '91_none.up.sql'), 'select 1;');
  writeFileSync(path.join(auth, '91_none.down.sql'), '-- nothing');
  const { exit, out } = await type(['check'], nothing);
  expect(exit).toBe(1);
  expect(out).toMatch(/Version 90 has no down file.*\n.*`91_none\.down\.sql` holds nothing/);
});

test('an auditor sees that the history is whole, and where it is not', async () => {
  const id = await opened();
  const whole = await type(['verify-audit']);
  expect(whole.exit).toBe(0);
  expect(whole.out).toMatch(/^Every link of the history holds: /);
  expect(whole.out).toMatch(new RegExp(`^${id} [0-9]+ [0-9a-f]{64}$`, 'm'));

  const exported = path.join(folder, 'history.jsonl');
  writeFileSync(exported, (await type(['export-audit'])).out);
  const away = { STORE_URL: '', BACKOUT_CONFIG: '/nowhere.yaml' };
  expect(await type(['verify-audit', exported], away)).toMatchObject({ exit: 0, out: whole.out });
  writeFileSync(exported, readFileSync(exported, 'utf8').replaceAll('logins', 'log-ins'));
  const tampered = await type(['verify-audit', exported], away);
  expect([tampered.exit, tampered.out]).toEqual([1, containing(`  - ${id} 1: changed`)]);

  const client = new Client({ connectionString: store.ownerUrl });
  await client.connect();
  await client.query('alter table backout.events disable trigger all');
  await client.query(
    "update backout.events set body = replace(body, 'logins', 'log-ins') where stream = $1 and seq = 1",
    [id],
  );
  await client.end();
  const changed = await type(['verify-audit']);
  expect(changed.exit).toBe(1);
  expect(changed.out).toContain(`It breaks at (stream, number):\n  - ${id} 1: changed`);
});

test('a link to an incident’s page is the one that the bot takes', async () => {
  const id = await opened();
  const { exit, out } = await type(['report-link', id.toLowerCase()]);
  expect(exit).toBe(0);
  const url = new URL(out.trim(), 'https://backout.example');
  expect(url.pathname).toBe(`/incidents/${id}`);
  const link = verifyReportLink({
    id,
    until: url.searchParams.get('until') ?? '',
    signature: url.searchParams.get('signature') ?? '',
    key: reportKey(TOKEN),
    now: new Date(),
  });
  expect(link).toBe('valid');
  expect(await type(['report-link', 'INC-999'])).toMatchObject({ exit: 1 });
});
