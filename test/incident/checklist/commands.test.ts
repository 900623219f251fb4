import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/incident/checklist/commands.ts';
import type { ReadyCommand } from '../../../src/incident/checklist/command-values.ts';
import {
  commandsFor,
  psqlFor,
  whyNoConnection,
} from '../../../src/incident/checklist/command-values.ts';
import type { KnownItem } from '../../../src/incident/facts/evidence.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import { event } from '../../../src/incident/events.ts';
import type { Facts } from '../../../src/incident/facts/facts.ts';
import { shellLine, shellWord } from '../../../src/incident/checklist/shell.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { freshDatabase } from '../../support/postgres.ts';
import { aBackup, aService, aTarget, someFacts } from '../../support/targets.ts';

const run = promisify(execFile);

function ready({ incident, target }: Story): readonly ReadyCommand[] {
  return Object.values(ITEMS).flatMap((item) => commandsFor(item, incident, target));
}

function textOf(item: KnownItem, { incident, target }: Story): string | undefined {
  return commandsFor(item, incident, target)[0]?.commands.join('\n');
}

function assessed(facts: Facts): Story {
  return aStory()
    .ends('assess', { result: { job: 'assess', facts } })
    .ends('back-up');
}

/** Everything is known: exports were named, maintenance and smoke tests are configured. */
function fullStory(): Story {
  const target = aTarget({
    maintenance: { on: ['maintenance', 'on'], off: ['maintenance', 'off'] },
    services: [aService('auth-service', { smoke: ['curl', '-H', "it's", '$SMOKE_URL'] })],
    migrations: { tool: 'golang-migrate', path: './migrations of auth' },
  });
  const users = { name: 'users', source: { kind: 'table', table: 'Users' } } as const;
  const taken = {
    name: 'users',
    file: 'users.csv',
    table: 'public."Users"',
    columns: ['id', 'E mail'],
    rows: 3,
  };
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
  const story = aStory();

  expect(commandsFor(ITEMS.down, story.incident, story.target)).toEqual([]);
  expect(commandsFor(ITEMS.workersStopped, story.incident, story.target)[0]?.commands).toEqual([
    'svc stop auth-service',
    'svc stop gateway-service',
  ]);
});

test('a command that goes to the database is shown only when it is known how it is reached', () => {
  const { identity, ...facts } = someFacts();
  const { address, ...before } = identity;
  const older = assessed({ ...facts, identity: before });
  const leftOut = address && { ...address, leftOut: ['app.tenant'] };
  const withOwn = assessed({ ...facts, identity: { ...identity, address: leftOut } });

  for (const story of [older, withOwn]) {
    for (const item of [ITEMS.backup, ITEMS.down, ITEMS.validation]) {
      expect(textOf(item, story)).toBeUndefined();
    }
    expect(psqlFor(story.incident)).toBeNull();
  }
  expect(whyNoConnection(older.incident)).toContain('`/rollback plan again` notes it');
  expect(whyNoConnection(withOwn.incident)).toContain('also sets app.tenant');
  expect(whyNoConnection(aStoryAt('planned').incident)).toBeNull();
});

test('there is no dry run, and it says so', () => {
  const [command] = commandsFor(ITEMS.preview, aStoryAt('planned').incident, aTarget());

  expect(command?.commands).toEqual(['cat ./migrations/auth/8_step_8.down.sql']);
  expect(command?.differs).toContain('no `-dry-run`');
});

test('slow queries are asked for by the name that the server’s version knows', () => {
  const { identity } = someFacts();
  const before13 = assessed(someFacts({ identity: { ...identity, serverVersionNum: 120022 } }));

  expect(textOf(ITEMS.slowQueries, aStoryAt('planned'))).toContain('mean_exec_time');
  expect(textOf(ITEMS.slowQueries, before13)).not.toContain('mean_exec_time');
});

test('force is shown only with the one version that the evidence supports', () => {
  const dirty = aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed' });

  expect(textOf(ITEMS.manualRecovery, aStoryAt('planned'))).toBeUndefined();
  // The row says 7 (dirty), and the schema is that of 8.
  expect(textOf(ITEMS.manualRecovery, dirty)).toMatch(/\|7\|t'[^]* force -- 8\n\)$/);
});

test('section 9 can be finished by pasting: caches, the version before and its start, maintenance off', () => {
  const target = aTarget({
    maintenance: { on: ['maintenance', 'on'], off: ['maintenance', 'off'] },
    services: [
      aService('auth', { caches: [['redis-cli', '-u', '$CACHE', 'DEL', 'sessions']] }),
      aService('web', { commands: { ...aService('web').commands, previous: undefined } }),
    ],
  });
  const { incident } = aStory({ target });
  const [caches, previous, start] = commandsFor(ITEMS.previousVersion, incident, target);

  expect(caches?.commands).toEqual(['redis-cli -u "${CACHE:?}" DEL sessions']);
  expect(previous?.commands).toEqual(['svc previous auth && svc start auth']);
  expect(previous?.differs).toContain('web: there is no command for the version before');
  expect(start?.commands).toEqual(['svc start auth', 'svc start web']);
  expect(commandsFor(ITEMS.errorLogs, incident, target)[0]?.commands).toEqual(['maintenance off']);
});

test('a service that is in the version before already is not told again', () => {
  const { incident, target } = aStoryAt('done');
  const [previous] = commandsFor(ITEMS.previousVersion, incident, target);

  expect(previous?.commands).toEqual(['svc start auth-service', 'svc start gateway-service']);
});

test('a variable of the configuration is the shell’s to fill in, and nothing runs without it', async () => {
  const line = shellLine(['printf', '%s,', '--url=$SOME_URL', '$SOME_URL', '$5', 'a$SOME_URL']);
  const { stdout } = await run('bash', ['-c', line], { env: { SOME_URL: 'a b' } });

  expect(stdout).toBe('--url=a b,a b,$5,a$SOME_URL,');
  await expect(run('bash', ['-c', line], { env: {} })).rejects.toThrow('SOME_URL');
});

test('nothing in a command is left to be filled in, and no shell reads more than one word of a value', async () => {
  const commands = ready(fullStory()).filter((one) => one.language === 'bash');

  expect(commands.length).toBeGreaterThan(8);
  for (const text of commands.flatMap((one) => one.commands)) {
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
    const queries = ready(aStoryAt('planned'))
      .filter((one) => one.language === 'sql')
      .flatMap((one) => one.commands)
      .filter((one) => !one.includes('pg_stat_statements'));
    expect(queries.length).toBeGreaterThan(5);
    for (const text of queries) await client.query(text);
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
