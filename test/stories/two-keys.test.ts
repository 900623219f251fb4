/** Nothing dangerous without two different people for exactly this plan. */
import { expect, test } from 'vitest';
import { aStory } from '../support/story.ts';
import { annaStarts, benApproves, bothApprove, isOver } from '../support/story/chapters.ts';
import { HARMFUL_DOWN } from '../support/story/migrations.ts';

test('guests, bots, strangers and people without a role cannot approve, and are told whom to ask', async () => {
  await using story = await aStory();
  await annaStarts(story);

  await story.max.presses('approve');
  await story.max.reads(/on-call engineer or database administrator of auth.*Ask Anna or Ben/s);
  await story.gus.types('/rollback approve');
  await story.gus.reads(/you are a guest/);
  await story.rob.types('/rollback approve');
  await story.rob.reads(/you are an app/);
  story.zoe.writes('<@U0BACKOUT> approve');
  await story.zoe.reads(/you belong to another workspace/);

  const { approvals, operations } = await story.record.incident();
  expect(approvals).toEqual([]);
  expect(operations.map((one) => one.step)).not.toContain('run-down');
  expect(await story.database.version()).toBe('4');
});

test('one person with two accounts cannot turn both keys', async () => {
  await using story = await aStory({ target: { onCall: ['anna', 'dora'] } });
  await annaStarts(story);

  await story.dora.presses('approve');
  await story.dora.answers();
  await story.dora2.presses('approve');
  await story.dora2.reads(/You hold one of the two keys already.*Ask Dev/s);
  await story.dora2.types('/rollback approve role=on-call');
  await story.dora2.reads(/You have approved this plan already/);

  expect((await story.record.incident()).runs).toEqual([]);
  await story.dev.presses('approve');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('two people who press at the same moment, twice each, make one approval and one run', async () => {
  await using story = await aStory();
  await annaStarts(story);

  await Promise.all([story.ben.presses('approve'), story.anna.presses('approve')]);
  const sent = await Promise.all([story.ben.answers(), story.anna.answers()]);
  expect(sent.map((one) => one.saw).toSorted()).toEqual(['closed', 'errors']);
  await Promise.all([
    story.dora.presses('approve'),
    story.dora.presses('approve'),
    story.dev.presses('approve'),
    story.dev.presses('approve'),
  ]);
  await isOver(story);

  const { approvals, runs, operations } = await story.record.incident();
  expect(approvals.map((one) => one.role)).toEqual(['on_call', 'dba']);
  expect(runs).toHaveLength(1);
  expect(operations.filter((one) => one.step === 'run-down')).toHaveLength(1);
  expect(await story.database.version()).toBe('3');
});

test('an approval that ran out counts no longer, and is asked for again', async () => {
  await using story = await aStory({ target: { policy: { approval_ttl_minutes: 0.03 } } });
  await annaStarts(story);
  await benApproves(story);
  await story.record.until('the end of the approval', ({ approvals }) =>
    approvals.some((one) => one.state === 'expired'),
  );

  await story.dora.presses('approve');
  await story.dora.reads(/It now waits for the on-call engineer/);
  expect((await story.record.incident()).runs).toEqual([]);
  await story.anna.presses('approve');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('the button of an earlier plan is refused, with the way to the new one', async () => {
  await using story = await aStory();
  await annaStarts(story);
  const old = await story.hears(/^\*Awaited:/);
  const before = (await story.record.incident()).plan?.hash;
  await story.migrations.change({
    [HARMFUL_DOWN]: `-- reviewed\n${story.migrations.text(HARMFUL_DOWN)}`,
  });
  await story.anna.types('/rollback plan again');
  await story.record.until(
    'another plan',
    ({ plan }) => plan !== undefined && plan.hash !== before,
  );

  await story.ben.pressesOld(old, 'approve');
  await story.ben.reads(/The plan changed after you saw it.*Read the new one/s);
  expect((await story.record.incident()).approvals).toEqual([]);
});

test('a declined plan waits for the one who declined it', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await benApproves(story);

  await story.dora.presses('decline');
  await story.dora.answers({ why: 'The report of the month is running until four' });
  await story.cardSays(/declined the plan: The report of the month/);
  await story.dev.types('/rollback approve');
  await story.dev.reads(/declined this plan: The report of the month/);
  await story.dora.types('/rollback approve all-done');
  await story.ben.presses('approve');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('with start by hand, two approvals alone change nothing', async () => {
  await using story = await aStory({ target: { policy: { start: 'by_hand' } } });
  await annaStarts(story);
  await bothApprove(story);
  await story.cardSays(/Approved: the rollback from 4 to 3/);
  expect((await story.record.incident()).runs).toEqual([]);

  await story.pat.presses('run');
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test('a form that is sent twice is one approval', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await story.ben.presses('approve');
  const { id } = await story.ben.form();
  const client = story.slack.as(story.ben.id);
  const sent = await Promise.all([client.submit(id), client.submit(id)]);
  expect(sent.map((one) => one.saw)).toEqual(['closed', 'closed']);
  expect((await story.record.incident()).approvals).toHaveLength(1);
});

test('whoever has become a guest since turns no key', async () => {
  await using story = await aStory();
  await annaStarts(story);
  await benApproves(story);
  story.slack.setUserKind(story.dora.id, 'guest');
  await story.dora.presses('approve');
  await story.dora.reads(/Only full members of this workspace can do this; you are a guest/);
  expect((await story.record.incident()).runs).toEqual([]);
});

test('a button of an incident that is closed does nothing, and says so', async () => {
  await using story = await aStory();
  await annaStarts(story);
  const old = await story.hears(/^\*Awaited:/);
  await story.anna.types('/rollback close fixed-another-way A new release');
  await story.anna.reads(/INC-1 is closed/);
  await story.ben.pressesOld(old, 'approve');
  await story.ben.reads(/INC-1 is closed.*`\/rollback start auth` opens a new one/s);
  expect((await story.record.incident()).approvals).toEqual([]);
});
