import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BEN, BOT, GONE, STRANGER, aWorkspace, call } from './slack-world.ts';

const Paged = z.object({ response_metadata: z.object({ next_cursor: z.string() }) });

let slack: StandInSlack;

beforeEach(async () => {
  slack = await aWorkspace();
});

afterEach(async () => slack.close());

async function made(name: string, isPrivate = false): Promise<string> {
  await call(slack, 'conversations.create', { name, is_private: isPrivate });
  return slack.channels().find((channel) => channel.name === name)?.id ?? '';
}

describe('the name of a new channel', () => {
  test.for([
    ['', 'invalid_name_required'],
    ['x'.repeat(81), 'invalid_name_maxlength'],
    ['---', 'invalid_name_punctuation'],
    ['Inc-1', 'invalid_name_specials'],
    ['inc 1', 'invalid_name_specials'],
    ['inc.1', 'invalid_name_specials'],
    ['incidents', 'name_taken'],
  ])('%s is refused: %s', async ([name, error]) => {
    expect(await call(slack, 'conversations.create', { name })).toEqual({ ok: false, error });
  });

  test('stays taken by archived channels and by private ones', async () => {
    const channel = await made('inc-1');
    await call(slack, 'conversations.archive', { channel });
    await made('inc-2', true);

    for (const name of ['inc-1', 'inc-2']) {
      expect(await call(slack, 'conversations.create', { name })).toMatchObject({
        error: 'name_taken',
      });
    }
  });
});

test('a new channel has the bot in it and nobody else', async () => {
  expect(await call(slack, 'conversations.create', { name: 'inc-1' })).toMatchObject({
    ok: true,
    channel: { name: 'inc-1', creator: BOT, is_member: true, is_private: false },
  });
  expect(slack.channels().find(({ name }) => name === 'inc-1')?.members).toEqual([BOT]);
});

test('one wrong person keeps all of them out, unless that is forced', async () => {
  const channel = await made('inc-1');
  const users = [ANNA, 'U0NOBODY', GONE, STRANGER, BOT].join(',');

  expect(await call(slack, 'conversations.invite', { channel, users })).toEqual({
    ok: false,
    error: 'user_not_found',
    errors: [
      { user: 'U0NOBODY', ok: false, error: 'user_not_found' },
      { user: GONE, ok: false, error: 'cant_invite' },
      { user: STRANGER, ok: false, error: 'user_not_found' },
      { user: BOT, ok: false, error: 'cant_invite_self' },
    ],
  });
  expect(slack.channels().find(({ id }) => id === channel)?.members).toEqual([BOT]);
  expect(await call(slack, 'conversations.invite', { channel, users, force: true })).toMatchObject({
    ok: true,
  });
  expect(slack.channels().find(({ id }) => id === channel)?.members).toEqual([BOT, ANNA]);
  expect(await call(slack, 'conversations.invite', { channel, users: ANNA })).toMatchObject({
    error: 'already_in_channel',
  });
});

test('a bot can invite only where it is', async () => {
  expect(
    await call(slack, 'conversations.invite', { channel: 'C0OTHER', users: BEN }),
  ).toMatchObject({ error: 'not_in_channel' });
  expect(await call(slack, 'conversations.join', { channel: 'C0OTHER' })).toMatchObject({
    ok: true,
  });
  expect(await call(slack, 'conversations.join', { channel: 'C0OTHER' })).toMatchObject({
    ok: true,
    warning: 'already_in_channel',
    response_metadata: { warnings: ['already_in_channel'] },
  });
  expect(
    await call(slack, 'conversations.invite', { channel: 'C0OTHER', users: BEN }),
  ).toMatchObject({ ok: true });
  expect(await call(slack, 'conversations.leave', { channel: 'C0OTHER' })).toEqual({ ok: true });
  expect(await call(slack, 'conversations.leave', { channel: 'C0OTHER' })).toEqual({
    ok: false,
    not_in_channel: true,
  });
});

test('a private channel exists only for its members', async () => {
  const channel = await made('secret', true);
  await call(slack, 'conversations.invite', { channel, users: ANNA });

  expect(await call(slack, 'conversations.leave', { channel })).toEqual({ ok: true });
  expect(await call(slack, 'conversations.info', { channel })).toMatchObject({
    error: 'channel_not_found',
  });
  expect(await call(slack, 'chat.postMessage', { channel, text: 'x' })).toMatchObject({
    error: 'channel_not_found',
  });
  expect(() => slack.as(BEN).say(channel, 'x')).toThrow('sees no channel');
  slack.as(ANNA).say(channel, 'still here');
});

test('a topic has at most 250 characters and is said in the channel', async () => {
  const topic = 'INC-1: auth';
  expect(await call(slack, 'conversations.setTopic', { channel: 'C0HOME', topic })).toMatchObject({
    ok: true,
    channel: { topic: { value: topic, creator: BOT } },
  });
  expect(slack.messages('C0HOME')[0]).toMatchObject({ subtype: 'channel_topic', topic });
  expect(
    await call(slack, 'conversations.setTopic', { channel: 'C0HOME', topic: 'x'.repeat(251) }),
  ).toEqual({ ok: false, error: 'too_long' });
});

test('an archived channel takes nothing more, and a bot cannot bring it back', async () => {
  const channel = await made('inc-1');
  const { ts } = await call(slack, 'chat.postMessage', { channel, text: 'x' });
  await call(slack, 'conversations.invite', { channel, users: ANNA });
  expect(await call(slack, 'conversations.archive', { channel })).toEqual({ ok: true });

  const refused = async (
    method: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<unknown> => (await call(slack, method, { channel, ...args }))['error'];
  expect(await refused('conversations.archive', {})).toBe('already_archived');
  expect(await refused('chat.postMessage', { text: 'x' })).toBe('is_archived');
  expect(await refused('chat.update', { ts, text: 'y' })).toBe('is_inactive');
  expect(await refused('conversations.setTopic', { topic: 'x' })).toBe('is_archived');
  expect(await refused('conversations.invite', { users: BEN })).toBe('is_archived');
  expect(await refused('conversations.unarchive', {})).toBe('not_in_channel');
  expect(() => slack.as(ANNA).say(channel, 'x')).toThrow('is archived');
});

test('only the maker renames a channel', async () => {
  const channel = await made('inc-1');
  expect(await call(slack, 'conversations.rename', { channel, name: 'inc-1-auth' })).toMatchObject({
    channel: { name: 'inc-1-auth', previous_names: ['inc-1'] },
  });
  expect(
    await call(slack, 'conversations.rename', { channel: 'C0HOME', name: 'mine' }),
  ).toMatchObject({ error: 'not_authorized' });
});

test('long lists come in pages', async () => {
  const one = await call(slack, 'conversations.list', { limit: 1 });
  expect(one).toMatchObject({ channels: [{ name: 'incidents' }] });
  const cursor = Paged.parse(one).response_metadata.next_cursor;
  expect(await call(slack, 'conversations.list', { limit: 1, cursor })).toMatchObject({
    channels: [{ name: 'other' }],
    response_metadata: { next_cursor: '' },
  });
  expect(await call(slack, 'conversations.list', { cursor: 'nonsense' })).toMatchObject({
    error: 'invalid_cursor',
  });
  expect(await call(slack, 'conversations.list', { limit: 1000 })).toMatchObject({
    error: 'invalid_limit',
  });
  expect(await call(slack, 'users.conversations', {})).toMatchObject({
    channels: [{ name: 'incidents' }],
  });
});

test('history is for members', async () => {
  slack.as(ANNA).say('C0OTHER', 'x');
  expect(await call(slack, 'conversations.history', { channel: 'C0OTHER' })).toMatchObject({
    error: 'not_in_channel',
  });
  const first = slack.as(ANNA).say('C0HOME', 'first');
  slack.as(BEN).say('C0HOME', 'second', { threadTs: first.ts });
  slack.as(BEN).say('C0HOME', 'third');
  expect(await call(slack, 'conversations.history', { channel: 'C0HOME' })).toMatchObject({
    messages: [{ text: 'third' }, { text: 'first', reply_count: 1 }],
  });
  expect(
    await call(slack, 'conversations.replies', { channel: 'C0HOME', ts: first.ts }),
  ).toMatchObject({ messages: [{ text: 'first' }, { text: 'second' }] });
});

test('a direct conversation opens with members only', async () => {
  expect(await call(slack, 'conversations.open', { users: ANNA })).toMatchObject({ ok: true });
  expect(await call(slack, 'conversations.open', { users: GONE })).toMatchObject({
    error: 'user_disabled',
  });
  expect(await call(slack, 'conversations.open', {})).toMatchObject({
    error: 'users_list_not_supplied',
  });
});
