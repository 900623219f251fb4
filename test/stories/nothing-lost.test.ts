/** The world does not cooperate: what is true is said, and what was stopped comes back. */
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { aStory } from '../support/story.ts';
import {
  annaStarts,
  benApproves,
  bothApprove,
  isOver,
  somebodyMigrates,
} from '../support/story/chapters.ts';
import { HARMFUL_DOWN, MIGRATIONS } from '../support/story/migrations.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('a failing down leaves the database as it was, and the services as they were', async () => {
  await using story = await aStory({
    migrations: {
      [HARMFUL_DOWN]: `${MIGRATIONS[HARMFUL_DOWN]}drop table that_is_not_there;\n`,
    },
  });
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);

  const { says, state, tail } = await story.record.operation('run-down', 'failed');
  expect(state).toBe('failed');
  expect(says).toContain('The down failed and PostgreSQL undid it');
  expect(tail).toContain('that_is_not_there');
  expect(await story.database.columns('people')).toContain('contact');
  expect(story.services.state('auth-service')).toBe('running new');
  expect(story.services.orders()).not.toContain('previous auth-service');
  expect(story.services.isInMaintenance()).toBe(false);
  const card = await story.cardSays(/The rollback did not happen/);
  expect(card).toMatch(/back in the version they had/i);
  expect(card).toContain('`migrate force 4`');
  expect(card).toMatch(/Awaited:.*U0DORA/);
  expect(story.cardButtons()).toEqual(['plan', 'page']);

  // What stood in the way is taken out, the row is set right, and the approvals still hold.
  await story.migrations.change({ [HARMFUL_DOWN]: MIGRATIONS[HARMFUL_DOWN] ?? '' });
  await somebodyMigrates(story, ['force', '4']);
  await story.dora.presses('plan');
  await story.record.until('a new plan', ({ plans }) => plans.length === 2);
  await story.ben.presses('approve');
  await story.dora.presses('approve');
  await story.record.operation('run-down', 'succeeded');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('a down that waits behind an idle transaction gives up unchanged, and says so', async () => {
  await using story = await aStory({
    watched: true,
    target: { policy: { lock_timeout_ms: 500 } },
  });
  await annaStarts(story);
  const gate = await story.gate('migrate');
  await bothApprove(story);
  await gate.arrived();
  // Nobody had a transaction open when that was looked at; now somebody has.
  await using report = await story.database.session('report-tool');
  await report.run('begin; lock table people in access share mode');
  await gate.open();
  await isOver(story);

  const { says } = await story.record.operation('run-down', 'failed');
  expect(says).toContain('It waited for a lock that somebody else holds and gave up');
  expect(await story.database.columns('people')).toContain('contact');
  expect(story.services.state('gateway-service')).toBe('running new');
  expect(await story.database.version()).toBe('3 dirty');
  await story.cardSays(/The version row is left dirty/);

  // The transaction ends, the row is set right: the same plan is still approved by both.
  await report.run('rollback');
  await somebodyMigrates(story, ['force', '4']);
  await story.dev.presses('plan');
  await story.cardSays(/Approved: the rollback from 4 to 3/);
  await story.anna.presses('run');
  await story.record.operation('run-down', 'succeeded');
  expect(await story.database.version()).toBe('3');
  await isOver(story);
});

test('a database that is lower than planned by then voids the approvals, and names what changed', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await benApproves(story);
  await somebodyMigrates(story, ['down', '1']);
  await story.dora.presses('approve');
  await isOver(story);

  const { says } = await story.record.operation('run-down', 'failed');
  expect(says).toContain('It is not what was approved any more');
  expect(says).toContain('version');
  expect(await story.database.version()).toBe('3');
  expect(story.services.state('auth-service')).toBe('running new');
  await story.hears(/approvals of the plan `\w+` no longer hold/);
  const card = await story.cardSays(/There is no plan/);
  expect(card).toContain('The database is at version 3 already');
  expect(card).toContain('`/rollback close` ends this incident');
  await story.anna.types('/rollback close fixed-another-way Undone by hand');
  await story.cardSays(/Closed by .*fixed another way/);
});

test('a file that changed after the approval is never run: the approvals are void, and it is named', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await benApproves(story);
  await story.migrations.change({ [HARMFUL_DOWN]: 'drop table people cascade;\n' });
  await story.dora.presses('approve');
  await isOver(story);

  const message = await story.hears(/approvals of the plan `\w+` no longer hold/);
  expect(JSON.stringify(message.blocks)).toContain(HARMFUL_DOWN);
  expect(await story.database.version()).toBe('4');
  expect(await story.database.columns('people')).toContain('contact');
  expect(story.services.state('auth-service')).toBe('running new');
});

test.each([
  ['missing', { [HARMFUL_DOWN]: null }, /has no down file/],
  ['empty', { [HARMFUL_DOWN]: '' }, /is empty/],
  ['only a comment', { [HARMFUL_DOWN]: '-- nothing to do here\n' }, /only comments/],
])(
  'a down file that is %s is named, and two people can agree that it needs nothing',
  async (_what, files, says) => {
    await using story = await aStory({ migrations: files });
    // Somebody has undone it by hand already.
    await story.database.run('alter table people rename column contact to email');
    await story.anna.types('/rollback start auth Orders fail since the release');
    const card = await story.cardSays(/There is no plan/);
    expect(card).toMatch(says);
    expect(card).toContain('/rollback plan nothing=4');

    await story.anna.types('/rollback plan nothing=4');
    await bothApprove(story);
    await isOver(story);
    expect(await story.database.version()).toBe('3');
    expect(story.services.state('auth-service')).toBe('running old');
  },
);

test('two down files for one version are both named, and neither is run', async () => {
  await using story = await aStory({
    migrations: { '0004_another.down.sql': 'drop table people cascade;\n' },
  });
  await story.anna.types('/rollback start auth Orders fail since the release');
  const card = await story.cardSays(/There is no plan/);
  expect(card).toContain('0004_another.down.sql');
  expect(card).toContain(HARMFUL_DOWN);
  expect(card).toContain('Remove one of the two files');
  expect(story.cardButtons()).not.toContain('approve');

  await story.migrations.change({ '0004_another.down.sql': null });
  await story.anna.presses('plan');
  await story.record.until('a plan', ({ plan }) => plan);
});

test('without a backup there is no plan: an older pg_dump is refused, with what to install', async () => {
  const old = join(import.meta.dirname, '../programs/fixtures/clients');
  await using programs = await folderWith({ pg_dump: join(old, 'pg_dump-old') });
  vi.stubEnv('PATH', `${programs.path}:${process.env['PATH'] ?? ''}`);
  await using story = await aStory();
  await story.anna.types('/rollback start auth Orders fail since the release');
  const card = await story.cardSays(/There is no plan/);
  expect(card).toContain('pg_dump 9.6.24 is older than the server');
  expect(story.cardButtons()).toContain('back-up');
  expect(story.cardButtons()).not.toContain('approve');

  vi.unstubAllEnvs();
  await story.anna.presses('back-up');
  await story.record.until('a plan', ({ plan }) => plan);
});

test('without a place for the backup there is no plan, and it is said which', async () => {
  await using programs = await folderWith({});
  const file = join(programs.path, 'a-file');
  await writeFile(file, '');
  await using story = await aStory({ environment: { BACKUP_DIR: join(file, 'backups') } });
  await story.anna.types('/rollback start auth Orders fail since the release');
  const card = await story.cardSays(/There is no plan/);
  expect(card).toContain('a file stands where a folder has to be');
  expect(card).toContain(programs.path);
  expect(story.cardButtons()).toContain('back-up');
  expect((await story.record.incident()).plan).toBeUndefined();
});

interface Folder extends AsyncDisposable {
  readonly path: string;
}

/** A folder with these programs, to stand first in the PATH. */
async function folderWith(programs: Readonly<Record<string, string>>): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), 'backout-programs-'));
  for (const [name, file] of Object.entries(programs)) await symlink(file, join(path, name));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
