import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BOT, aWorkspace, call } from './slack-world.ts';

let slack: StandInSlack;

beforeEach(async () => {
  slack = await aWorkspace();
});

afterEach(async () => slack.close());

describe('a message', () => {
  const post = async (args: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> =>
    call(slack, 'chat.postMessage', { channel: 'C0HOME', ...args });

  test('is stored escaped and comes back with its author', async () => {
    expect(await post({ text: 'a < b & c https://example.com' })).toMatchObject({
      ok: true,
      channel: 'C0HOME',
      message: {
        type: 'message',
        text: 'a &lt; b &amp; c <https://example.com>',
        user: BOT,
        bot_id: 'B0BACKOUT',
        ts: expect.stringMatching(/^\d{10}\.\d{6}$/) as unknown,
      },
    });
  });

  test('needs something to show, and a channel the bot is in', async () => {
    expect(await post({})).toMatchObject({ error: 'no_text' });
    expect(await post({ channel: 'C0OTHER', text: 'x' })).toMatchObject({
      error: 'not_in_channel',
    });
    expect(await post({ channel: 'C0NOWHERE', text: 'x' })).toMatchObject({
      error: 'channel_not_found',
    });
    expect(await post({ channel: '#incidents', text: 'x' })).toMatchObject({ ok: true });
    expect(await post({ channel: ANNA, text: 'x' })).toMatchObject({
      ok: true,
      channel: expect.stringMatching(/^D/) as unknown,
    });
  });

  test('with bad blocks is refused with Slack’s reasons', async () => {
    expect(await post({ blocks: '{' })).toMatchObject({ error: 'invalid_blocks_format' });
    expect(await post({ blocks: [{ type: 'section' }] })).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: ['must define either `text` or `fields` [json-pointer:/blocks/0]'],
      response_metadata: {
        messages: ['[ERROR] must define either `text` or `fields` [json-pointer:/blocks/0]'],
      },
    });
    const long = { type: 'section', text: { type: 'mrkdwn', text: 'x'.repeat(2900) } };
    expect(await post({ blocks: [long, long, long, long] })).toMatchObject({ ok: true });
    expect(await post({ blocks: [long, long, long, long, long] })).toMatchObject({
      error: 'msg_blocks_too_long',
    });
  });

  test('of more than 40,000 characters is cut', async () => {
    expect(await post({ text: 'x'.repeat(40_001) })).toMatchObject({
      ok: true,
      warning: 'message_truncated',
    });
    expect(slack.messages('C0HOME')[0]?.text).toHaveLength(40_000);
  });

  test('in a thread belongs to the parent, even when a reply is named', async () => {
    const { ts } = await post({ text: 'parent' });
    const reply = await post({ text: 'one', thread_ts: ts });
    await post({ text: 'two', thread_ts: reply['ts'] });

    expect(slack.thread('C0HOME', String(ts)).map(({ text }) => text)).toEqual([
      'parent',
      'one',
      'two',
    ]);
    expect(slack.messages('C0HOME').map(({ text }) => text)).toEqual(['parent']);
    expect(await post({ text: 'x', thread_ts: '1111111111.000000' })).toMatchObject({
      error: 'thread_not_found',
    });
  });

  test('keeps its metadata to those who ask for it', async () => {
    const metadata = { event_type: 'card', event_payload: { incident: 'INC-1' } };
    const { ts } = await post({ text: 'card', metadata });
    const read = async (all: boolean): Promise<unknown> => {
      const history = await call(slack, 'conversations.history', {
        channel: 'C0HOME',
        include_all_metadata: all,
      });
      return history['messages'];
    };

    expect(await read(false)).toEqual([expect.not.objectContaining({ metadata })]);
    expect(await read(true)).toEqual([expect.objectContaining({ metadata })]);
    expect(await post({ text: 'x', metadata: '{' })).toMatchObject({
      error: 'invalid_metadata_format',
    });
    await call(slack, 'chat.update', { channel: 'C0HOME', ts, text: 'still' });
    expect(await read(true)).toEqual([expect.objectContaining({ metadata })]);
  });

  test('updated with text alone loses its blocks', async () => {
    const { ts } = await post({ text: 'x', blocks: [{ type: 'divider' }] });
    const update = async (args: Readonly<Record<string, unknown>>): Promise<unknown> =>
      call(slack, 'chat.update', { channel: 'C0HOME', ts, ...args });

    expect(await update({ text: 'y' })).toMatchObject({ ok: true, text: 'y' });
    expect(slack.messages('C0HOME')[0]).toMatchObject({ text: 'y', edited: { user: BOT } });
    expect(slack.messages('C0HOME')[0]).not.toHaveProperty('blocks');
    expect(slack.versions('C0HOME', String(ts))).toHaveLength(2);
    expect(await update({ text: 'x'.repeat(4001) })).toMatchObject({ error: 'msg_too_long' });
    expect(await update({ ts: '1111111111.000000', text: 'x' })).toMatchObject({
      error: 'message_not_found',
    });
    const { ts: hers } = slack.as(ANNA).say('C0HOME', 'mine');
    expect(await update({ ts: hers, text: 'x' })).toMatchObject({ error: 'cant_update_message' });
  });

  test('for one person is seen by that person only, and only in their channels', async () => {
    const show = async (user: string): Promise<unknown> =>
      call(slack, 'chat.postEphemeral', { channel: 'C0HOME', user, text: 'psst' });

    expect(await show(ANNA)).toMatchObject({ ok: true });
    expect(await show('U0GUEST')).toMatchObject({ error: 'user_not_in_channel' });
    expect(slack.ephemerals(ANNA).map(({ text }) => text)).toEqual(['psst']);
    expect(slack.messages('C0HOME')).toEqual([]);
  });

  test('for one person is shown in a thread only where somebody has replied', async () => {
    const show = async (thread: string): Promise<unknown> =>
      call(slack, 'chat.postEphemeral', {
        channel: 'C0HOME',
        user: ANNA,
        text: 'psst',
        thread_ts: thread,
      });
    const { ts } = slack.as(ANNA).say('C0HOME', 'parent');

    expect(await show(ts)).toMatchObject({ ok: true });
    expect(slack.ephemerals(ANNA)).toEqual([]);
    slack.as(ANNA).say('C0HOME', 'reply', { threadTs: ts });
    expect(await show(ts)).toMatchObject({ ok: true });
    expect(slack.ephemerals(ANNA)).toMatchObject([{ thread_ts: ts }]);
  });

  test('can be pinned once, marked once, linked to and removed', async () => {
    const { ts } = await post({ text: 'card' });
    const item = { channel: 'C0HOME', timestamp: ts };

    expect(await call(slack, 'pins.add', item)).toEqual({ ok: true });
    expect(await call(slack, 'pins.add', item)).toMatchObject({ error: 'already_pinned' });
    expect(slack.pins('C0HOME')).toEqual([ts]);
    expect(await call(slack, 'pins.list', { channel: 'C0HOME' })).toMatchObject({
      items: [{ message: { ts } }],
    });
    expect(await call(slack, 'reactions.add', { ...item, name: 'eyes' })).toEqual({ ok: true });
    expect(await call(slack, 'reactions.add', { ...item, name: 'eyes' })).toMatchObject({
      error: 'already_reacted',
    });
    expect(
      await call(slack, 'chat.getPermalink', { channel: 'C0HOME', message_ts: ts }),
    ).toMatchObject({
      permalink: `https://acme.slack.com/archives/C0HOME/p${String(ts).replace('.', '')}`,
    });
    expect(await call(slack, 'chat.delete', { channel: 'C0HOME', ts })).toMatchObject({ ok: true });
    expect(slack.messages('C0HOME')).toEqual([]);
  });
});
