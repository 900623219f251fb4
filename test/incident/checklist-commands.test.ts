import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/incident/checklist-commands.ts';
import type { ReadyCommand } from '../../src/incident/command-values.ts';
import { commandsFor, shellWord } from '../../src/incident/command-values.ts';
import { ITEMS } from '../../src/incident/evidence.ts';
import { event } from '../../src/incident/events.ts';
import type { Story } from '../support/incidents.ts';
import { aStory, aStoryAt } from '../support/incidents.ts';
import { freshDatabase } from '../support/postgres.ts';
import { aBackup, aService, aTarget, someFacts } from '../support/targets.ts';

const run = promisify(execFile);

function ready({ incident, target }: Story): readonly ReadyCommand[] {
  return Object.values(ITEMS).flatMap((item) => commandsFor(item, incident, target));
}

/** Everything is known: exports were named, maintenance and smoke tests are configured. */
function fullStory(): Story {
  const target = aTarget({
    maintenance: { on: ['maintenance', 'on'], off: ['maintenance', 'off'] },
    services: [aService('auth-service', { smoke: ['curl', '-H', "it's", '$SMOKE_URL'] })],
    migrations: { tool: 'golang-migrate', path: './migrations of auth' },
  });
  const users = { name: 'users', source: { kind: 'table', table: 'users' } } as const;
  const taken = { name: 'users', file: 'users.csv', columns: ['id', 'E mail'], rows: 3 };
  return aStory({ target })
    .happens(event('back-up-asked', { round: 2, exports: [users] }))
    .ends('assess')
    .ends('back-up', {
      result: {
        job: 'back-up',
        backup: aBackup({ exports: [{ ...taken, sha256: 'sha256:00' }] }),
      },
    });
}

test('a command is shown only once everything in it is known', () => {
  const { incident, target } = aStory();

  expect(commandsFor(ITEMS.down, incident, target)).toEqual([]);
  expect(commandsFor(ITEMS.workersStopped, incident, target)[0]?.text).toBe(
    'svc stop auth-service\nsvc stop gateway-service',
  );
});

test('the rollback by hand names the version to go to, never a number of steps that can be repeated', () => {
  const { incident, target } = aStoryAt('planned');

  expect(commandsFor(ITEMS.down, incident, target)[0]?.text).toMatch(/\n {2}goto 7$/);
});

test('there is no dry run, and it says so', () => {
  const [command] = commandsFor(ITEMS.preview, aStoryAt('planned').incident, aTarget());

  expect(command?.text).toBe('cd ./migrations/auth && cat 8_step_8.down.sql');
  expect(command?.differs).toContain('no `-dry-run`');
});

test('slow queries are asked for by the name that the server’s version knows', () => {
  const { identity } = someFacts();
  const old = someFacts({ identity: { ...identity, serverVersionNum: 120022 } });
  const before13 = aStory().ends('assess', { result: { job: 'assess', facts: old } });
  const sql = ({ incident, target }: Story): string | undefined =>
    commandsFor(ITEMS.slowQueries, incident, target)[0]?.text;

  expect(sql(aStoryAt('planned'))).toContain('mean_exec_time');
  expect(sql(before13)).not.toContain('mean_exec_time');
});

test('force is shown only with the one version that the evidence supports', () => {
  const dirty = aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed' });
  const force = (story: Story): string | undefined =>
    commandsFor(ITEMS.manualRecovery, story.incident, story.target)[0]?.text;

  expect(force(aStoryAt('planned'))).toBeUndefined();
  // The row says 7 (dirty), and the schema is that of 8.
  expect(force(dirty)).toMatch(/force 8$/);
});

test('nothing in a command is left to be filled in, and no shell reads more than one word of a value', async () => {
  const commands = ready(fullStory()).filter((one) => one.language === 'bash');

  expect(commands.length).toBeGreaterThan(8);
  for (const { text } of commands) {
    expect(text).not.toMatch(/(?<!\$)\{[a-zA-Z]+\}/);
    await run('bash', ['-n', '-c', text]);
  }
  const { stdout } = await run('bash', ['-c', `printf %s ${shellWord("it's; rm -rf /")}`]);
  expect(stdout).toBe("it's; rm -rf /");
});

test('every query runs as it is shown', async () => {
  await using database = await freshDatabase();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(
      'create table schema_migrations (version bigint primary key, dirty boolean)',
    );
    const queries = ready(aStoryAt('planned')).filter(
      (one) => one.language === 'sql' && !one.text.includes('pg_stat_statements'),
    );
    expect(queries.length).toBeGreaterThan(5);
    for (const { text } of queries) await client.query(text);
  } finally {
    await client.end();
  }
});

test('every item of which the checklist shows a command has one, and each that is different says why', () => {
  const corrected = COMMANDS.filter((one) => one.differs !== undefined).map((one) => one.item);

  expect(corrected).toEqual(
    expect.arrayContaining([
      '4.1',
      '4.2',
      '4.3',
      '6.1',
      '6.2',
      '6.3',
      '7.1',
      '8.1',
      '8.2',
      '8.3',
      '10.1',
      '10.2',
      '11.1',
      '11.2',
    ]),
  );
});
