/** Slack is a drawing: whatever it answers, the incident goes on, and is drawn once and whole in the end. */
import { expect, test } from 'vitest';
import { aStory } from '../support/story.ts';
import { annaStarts, bothApprove, isOver } from '../support/story/chapters.ts';
import { TALK, workspace } from '../support/story/workspace.ts';
import { wordsOf } from '../support/story/people.ts';

test('a channel of somebody else that has our name is left alone', async () => {
  const { channels } = workspace();
  await using story = await aStory({
    slack: { channels: [...channels, { id: 'C0THEIRS', name: 'inc-1-auth', members: ['U0MAX'] }] },
  });
  await annaStarts(story);
  const channel = await story.channel();
  await bothApprove(story);
  await isOver(story);

  expect(story.slack.channels().find((one) => one.id === channel)?.name).toBe('inc-1-auth-2');
  expect(story.slack.messages('C0THEIRS')).toEqual([]);
  expect(await story.database.version()).toBe('3');
});

test('where no channel can be made, the incident lives where the person is, and can be run there', async () => {
  await using story = await aStory();
  story.slack.faults.add({
    method: 'conversations.create',
    times: 99,
    kind: 'error',
    error: 'restricted_action',
  });
  await annaStarts(story);
  await story.record.until('that there is no channel', ({ channel }) => channel.state === 'failed');
  await bothApprove(story);
  await isOver(story);
  await story.isDrawn();

  expect(await story.database.version()).toBe('3');
  expect(story.slack.channels()).toHaveLength(2);
  expect(story.slack.messages(TALK).map(wordsOf).join('\n')).toMatch(/INC-1 · auth/);
  expect(story.said().join('\n')).toContain('does not let apps make channels');
  expect(story.twice()).toEqual([]);
});

test('Slack that limits, breaks and loses answers for a while: nothing twice, everything drawn', async () => {
  await using story = await aStory();
  const { faults } = story.slack;
  faults.add({ method: 'conversations.create', times: 1, kind: 'lost-answer' });
  faults.add({ method: 'chat.postMessage', times: 2, kind: 'lost-answer', after: 2 });
  faults.add({
    method: 'chat.postMessage',
    times: 2,
    kind: 'ratelimited',
    retryAfterSeconds: 1,
    after: 6,
  });
  faults.add({ method: 'chat.postMessage', times: 2, kind: 'http-500', after: 9 });
  faults.add({ method: 'chat.update', times: 2, kind: 'lost-answer', after: 3 });
  faults.add({
    method: 'chat.update',
    times: 2,
    kind: 'ratelimited',
    retryAfterSeconds: 1,
    after: 8,
  });
  faults.add({ method: 'conversations.invite', times: 1, kind: 'http-500' });
  faults.add({ method: 'pins.add', times: 1, kind: 'lost-answer' });
  faults.add({ method: 'conversations.setTopic', times: 1, kind: 'refused' });
  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);
  await story.isDrawn();

  expect(await story.database.version()).toBe('3');
  expect(story.twice()).toEqual([]);
  expect(story.slack.channels().filter((one) => one.name.startsWith('inc-'))).toHaveLength(1);
  const said = story.said();
  for (const section of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
    expect(said.filter((one) => one.startsWith(`*${section}. `))).toHaveLength(1);
  }
  const channel = story.slack.channels().find((one) => one.id === story.where());
  expect(channel?.topic).toContain('INC-1');
  expect(channel?.pinned).toHaveLength(1);
  expect(channel?.members).toContain(story.dora.id);
});

test('a bot that starts while Slack is away draws and hears as soon as it is back', async () => {
  await using story = await aStory({ processes: [{ role: 'worker' }] });
  story.slack.faults.add({ method: '*', times: 1_000, kind: 'refused' });
  await story.processes.start('bot');
  story.slack.faults.clear();

  await annaStarts(story);
  await bothApprove(story);
  await isOver(story);
  await story.isDrawn();
  expect(await story.database.version()).toBe('3');
  expect(story.twice()).toEqual([]);
});

test('a post-mortem whose upload was lost is there once', async () => {
  await using story = await aStory();
  story.slack.faults.add({ method: 'files.completeUploadExternal', times: 1, kind: 'lost-answer' });
  await annaStarts(story);
  await story.anna.types('/rollback close abandoned It was the load balancer');
  await story.isDrawn();
  const posted = story.slack
    .messages(story.where())
    .filter((one) => one.files?.some((file) => file.name === 'INC-1-post-mortem.md') === true);
  expect(posted).toHaveLength(1);
  expect(story.slack.files()[0]?.content.toString()).toContain('It was the load balancer');
});

test('while Slack cannot say what an account is, listed people can act and others cannot', async () => {
  await using story = await aStory();
  await annaStarts(story);
  story.slack.faults.add({ method: 'users.info', times: 1_000, kind: 'http-500' });
  await story.max.types('/rollback page dba');
  await story.max.reads(/Only full members of this workspace can do this/);
  await bothApprove(story);
  await isOver(story);
  expect(await story.database.version()).toBe('3');
});

test(
  'with the limits of Slack switched on, the drawing meets none, and every answer reaches its person',
  { timeout: 180_000 },
  async () => {
    await using story = await aStory({ pace: 'slack', slack: { rateLimits: 'on' } });
    await annaStarts(story);
    await bothApprove(story);
    await story.ben.reads(/Approved as on-call engineer/);
    await story.dora.reads(/Both keys are turned: the rollback starts now/);
    await isOver(story);
    await story.isDrawn();

    // An answer goes at once; where it meets the drawing, it takes the other way.
    const limited = story.slack.calls().filter((one) => one.status === 429);
    expect(limited.filter((one) => one.method !== 'response_url')).toEqual([]);
    expect(story.twice()).toEqual([]);
  },
);
