/** Whatever dies, whenever: nothing runs twice, nothing is lost, and no message is there twice. */
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import type { Story } from '../support/story.ts';
import { aStory } from '../support/story.ts';
import { annaStarts, benApproves, bothApprove, isOver } from '../support/story/chapters.ts';

const BOT = { role: 'bot' } as const;
const WORKER = { role: 'worker' } as const;
const BOT_APART = { role: 'bot', where: 'apart' } as const;
const WORKER_APART = { role: 'worker', where: 'apart' } as const;

async function everythingOnce(story: Story): Promise<void> {
  await story.isDrawn();
  expect(story.twice()).toEqual([]);
  const made = story.slack
    .calls()
    .filter(({ method, answer }) => method === 'conversations.create' && answer?.['ok'] === true);
  expect(made).toHaveLength(1);
  const { operations, runs } = await story.record.incident();
  const keys = operations.map((one) => one.key);
  expect(new Set(keys).size).toBe(keys.length);
  expect(runs).toHaveLength(1);
  expect(await story.database.version()).toBe('3');
  expect(story.services.state('auth-service')).toBe('running old');
  expect(story.services.state('gateway-service')).toBe('running old');
}

test('two bots and two workers at once: one effect each, one channel, each message once', async () => {
  await using story = await aStory({
    watched: true,
    processes: [BOT, BOT_APART, WORKER, WORKER_APART],
  });
  await Promise.all([
    story.anna.types('/rollback start auth Orders fail since the release'),
    story.pat.types('/rollback start auth Orders fail, I see it too'),
  ]);
  await story.record.until('a plan', ({ plan }) => plan);
  expect(await story.record.incidents()).toHaveLength(1);
  await Promise.all([benApproves(story), story.anna.presses('approve')]);
  await Promise.all([
    story.dora.presses('approve'),
    story.dev.presses('approve'),
    story.dora.presses('approve'),
  ]);
  await isOver(story);

  await everythingOnce(story);
  expect((await story.calls()).filter((one) => one === 'migrate')).toHaveLength(1);
  expect((await story.record.incident()).approvals).toHaveLength(2);
});

test('a worker killed during the backup: another one takes it again, and the rollback goes on', async () => {
  await using story = await aStory({ watched: true, processes: [BOT, WORKER_APART] });
  const gate = await story.gate('pg_dump');
  await story.anna.types('/rollback start auth Orders fail since the release');
  await gate.arrived();
  await story.processes.kill('worker');
  await gate.open();
  await story.processes.start('worker');
  await story.record.operation('back-up', 'succeeded');

  await bothApprove(story);
  await isOver(story);
  await everythingOnce(story);
  const backups = (await story.record.incident()).operations.filter(
    (one) => one.step === 'back-up',
  );
  expect(backups).toHaveLength(1);
});

test.each([
  ['before the tool has begun', 'migrate'],
  ['after the tool has ended', 'migrate-done'],
])(
  'a worker killed during the down, %s: it is looked up, said, and not run blindly',
  async (_when, name) => {
    await using story = await aStory({ watched: true, processes: [BOT, WORKER_APART] });
    await annaStarts(story);
    const gate = await story.gate(name);
    await bothApprove(story);
    await gate.arrived();
    await story.processes.kill('worker');
    await gate.open();
    await story.processes.start('worker');
    await story.hears(/lost its worker|had lost its worker/);
    await isOver(story);

    const down = (await story.record.incident()).operations.findLast(
      (one) => one.step === 'run-down',
    );
    expect(down).toMatchObject({ foundOut: true });
    expect((await story.calls()).filter((one) => one === 'migrate')).toHaveLength(1);
    if (name === 'migrate-done') {
      expect(down?.state).toBe('succeeded');
      await everythingOnce(story);
    } else {
      expect(await story.database.version()).toBe('4');
      expect(story.services.state('auth-service')).toBe('running new');
      await story.cardSays(/The rollback did not happen/);
    }
  },
);

test('Redis emptied in the middle: the next sweep goes on', async () => {
  await using story = await aStory({ watched: true });
  await annaStarts(story);
  const gate = await story.gate('migrate');
  await bothApprove(story);
  await gate.arrived();
  const redis = new Redis(story.redisUrl);
  await redis.flushdb();
  redis.disconnect();
  await gate.open();
  await isOver(story);
  await everythingOnce(story);
});

test('a bot that is restarted in the middle goes on where it was, and posts nothing twice', async () => {
  await using story = await aStory({ watched: true, processes: [BOT, WORKER] });
  await annaStarts(story);
  const gate = await story.gate('migrate');
  await bothApprove(story);
  await gate.arrived();
  await story.processes.stop('bot');
  await gate.open();
  await isOver(story);
  await story.processes.start('bot');

  await story.cardSays(/rolled back/i);
  await everythingOnce(story);
});

test('a bot that is killed while it draws is followed by one that draws the rest', async () => {
  await using story = await aStory({
    processes: [{ role: 'bot', where: 'apart' }, WORKER],
  });
  await story.anna.types('/rollback start auth Orders fail since the release');
  await story.hears(/^\*2\. Assess/);
  await story.processes.kill('bot');
  await story.record.until('a plan', ({ plan }) => plan);
  await story.processes.start('bot');

  await bothApprove(story);
  await isOver(story);
  await everythingOnce(story);
});

test('aborted before anything began: approvals are gone, and the same plan can be approved again', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await benApproves(story);
  await story.anna.types('/rollback abort Let us look at the replica first');
  await story.anna.reads(/Aborted. Nothing has been changed/);
  expect((await story.record.incident()).approvals.map((one) => one.state)).toEqual(['voided']);

  await story.anna.types('/rollback plan again');
  await story.record.operation('assess', 'succeeded');
  await bothApproveAgain(story);
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

async function bothApproveAgain(story: Story): Promise<void> {
  await story.ben.presses('approve');
  await story.ben.reads(/It now waits for the database administrator/);
  await story.dora.presses('approve');
}

test('aborted while the services are being stopped: they come back as they were', async () => {
  await using story = await aStory();
  await annaStarts(story);
  const held = story.services.hold('stop gateway-service');
  await bothApprove(story);
  await held.arrived;
  await story.ben.presses('abort');
  await story.ben.reads(/Aborting, while the services are being stopped/);
  held.letGo();
  await isOver(story);

  expect(await story.database.version()).toBe('4');
  expect(story.services.state('auth-service')).toBe('running new');
  expect(story.services.state('gateway-service')).toBe('running new');
  expect(story.services.isInMaintenance()).toBe(false);
  await story.cardSays(/everything is as it was before/);
});

test('aborted while the down waits for a lock: the database is looked at, and the services come back', async () => {
  await using story = await aStory({
    watched: true,
    target: { policy: { lock_timeout_ms: 60_000 } },
  });
  await annaStarts(story);
  const gate = await story.gate('migrate');
  await bothApprove(story);
  await gate.arrived();
  await using report = await story.database.session('report-tool');
  await report.run('begin; lock table people in access share mode');
  await gate.open();
  await story.ben.presses('abort');
  await story.ben.reads(/Aborting, while the database is being changed/);
  await isOver(story);

  const { result } = await story.record.operation('run-down', 'stopped');
  expect(result).toMatchObject({ schema: 'unchanged' });
  expect(await story.database.columns('people')).toContain('contact');
  expect(story.services.state('auth-service')).toBe('running new');
  expect(story.services.isInMaintenance()).toBe(false);
});

test('a worker killed while a service is switched back: a person says how it goes on', async () => {
  await using story = await aStory({ processes: [BOT, WORKER_APART] });
  await annaStarts(story);
  const held = story.services.hold('previous gateway-service');
  await bothApprove(story);
  await held.arrived;
  await story.processes.kill('worker');
  held.letGo();
  await story.processes.start('worker');

  const card = await story.cardSays(/it is UNKNOWN whether that happened/);
  expect(card).toContain('The database is rolled back to 3');
  await story.hears(/The services are NOT back/);
  await story.ben.types('/rollback resume same');
  await isOver(story);
  expect(story.services.state('gateway-service')).toBe('running old');
  expect(story.services.orders().filter((one) => one === 'previous gateway-service')).toHaveLength(
    1,
  );
  await story.isDrawn();
  expect(story.twice()).toEqual([]);
});
