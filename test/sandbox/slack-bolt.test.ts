import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { App } from '@slack/bolt';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BEN, aSocketApp, aWorkspace, anHttpApp } from './slack-world.ts';

const FORM = {
  type: 'modal' as const,
  callback_id: 'start',
  title: { type: 'plain_text' as const, text: 'Start' },
  submit: { type: 'plain_text' as const, text: 'Start' },
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: { type: 'plain_text' as const, text: 'What is wrong?' },
      element: { type: 'plain_text_input' as const, action_id: 'text', max_length: 20 },
    },
    {
      type: 'input' as const,
      block_id: 'target',
      label: { type: 'plain_text' as const, text: 'Target' },
      element: {
        type: 'static_select' as const,
        action_id: 'choice',
        options: ['auth', 'billing'].map((value) => ({
          text: { type: 'plain_text' as const, text: value },
          value,
        })),
      },
    },
  ],
};

function card(text: string): {
  readonly text: string;
  readonly blocks: { type: 'actions'; elements: object[] }[];
} {
  const button = { type: 'button', action_id: 'approve', text: { type: 'plain_text', text } };
  return { text, blocks: [{ type: 'actions', elements: [{ ...button, value: '{"v":1}' }] }] };
}

function listen(app: App, heard: unknown[]): void {
  app.command('/rollback', async ({ ack, command, client, respond }) => {
    if (command.text === 'form') {
      await client.views.open({ trigger_id: command.trigger_id, view: FORM });
      await ack();
    } else if (command.text === 'later') {
      await ack();
      await respond({ text: 'Said later.' });
    } else {
      await ack(`You said ${command.text}`);
    }
  });
  app.action('approve', async ({ ack, body, respond }) => {
    await ack();
    heard.push(body);
    await respond({ text: 'Approved.', replace_original: true });
  });
  app.view('start', async ({ ack, view, body, client }) => {
    const why = view.state.values['why']?.['text']?.value;
    if (why === 'no') {
      await ack({ response_action: 'errors', errors: { why: 'Say more.' } });
      return;
    }
    await ack();
    const target = view.state.values['target']?.['choice']?.selected_option?.value;
    await client.apiCall('chat.postMessage', {
      channel: 'C0HOME',
      text: `<@${body.user.id}> ${target ?? '?'}: ${why ?? '?'}`,
    });
  });
  app.event('app_mention', async ({ event, say }) => {
    heard.push(event);
    await say({ text: 'Here.', thread_ts: event.ts });
  });
}

for (const mode of ['HTTP', 'Socket Mode'] as const) {
  describe(`a real Bolt app over ${mode}`, () => {
    let slack: StandInSlack;
    let app: App;
    let stop: () => Promise<void>;
    let heard: unknown[];

    beforeEach(async () => {
      slack = await aWorkspace();
      heard = [];
      ({ app, stop } = await (mode === 'HTTP' ? anHttpApp(slack) : aSocketApp(slack)));
      listen(app, heard);
      if (mode === 'Socket Mode') await app.start();
    });

    afterEach(async () => {
      await stop();
      await slack.close();
    });

    test('answers a slash command, which only the person who typed it sees', async () => {
      const seen = await slack.as(ANNA).command('C0HOME', '/rollback', 'hello');

      expect(seen).toMatchObject({ saw: 'ephemeral', message: { text: 'You said hello' } });
      expect(slack.ephemerals(ANNA)).toHaveLength(1);
      expect(slack.ephemerals(BEN)).toHaveLength(0);
      expect(slack.deliveries()[0]).toMatchObject({ kind: 'slash', outcome: 'acked' });
    });

    test('answers later through the response_url', async () => {
      expect(await slack.as(ANNA).command('C0HOME', '/rollback', 'later')).toMatchObject({
        saw: 'nothing',
      });
      await slack.until(() => slack.ephemerals(ANNA).find(({ text }) => text === 'Said later.'));
    });

    test('opens a form, refuses what it does not like, and takes the rest', async () => {
      const anna = slack.as(ANNA);
      await anna.command('C0HOME', '/rollback', 'form');
      const view = slack.view(ANNA);
      expect(view?.callback_id).toBe('start');
      const id = view?.id ?? '';

      expect(await anna.submit(id, {})).toMatchObject({
        saw: 'errors',
        by: 'slack',
        errors: {
          why: 'Please complete this required field.',
          target: 'Please complete this required field.',
        },
      });
      expect(await anna.submit(id, { why: 'no', Target: 'auth' })).toMatchObject({
        saw: 'errors',
        by: 'app',
        errors: { why: 'Say more.' },
      });
      expect(await anna.submit(id, { 'What is wrong?': 'Logins fail' })).toMatchObject({
        saw: 'closed',
      });
      expect(slack.view(ANNA)).toBeNull();
      const said = await slack.until(() => slack.messages('C0HOME').at(-1));
      expect(said.text).toBe(`<@${ANNA}> auth: Logins fail`);
    });

    test('hears a button and replaces its message', async () => {
      await app.client.apiCall('chat.postMessage', { channel: 'C0HOME', ...card('Approve') });
      const ts = slack.messages('C0HOME').at(-1)?.ts ?? '';

      expect(await slack.as(BEN).click('C0HOME', ts, 'approve')).toMatchObject({ saw: 'nothing' });
      await slack.until(() => slack.messages('C0HOME').at(-1)?.text === 'Approved.');
      expect(slack.messages('C0HOME').at(-1)?.blocks).toBeUndefined();
      expect(heard[0]).toMatchObject({
        type: 'block_actions',
        user: { id: BEN, team_id: 'T0ACME' },
        container: { type: 'message', message_ts: ts, channel_id: 'C0HOME', is_ephemeral: false },
        channel: { id: 'C0HOME', name: 'incidents' },
        message: { ts },
        actions: [{ type: 'button', action_id: 'approve', value: '{"v":1}' }],
      });
    });

    test('hears a mention and answers in its thread', async () => {
      const { ts } = slack.as(ANNA).say('C0HOME', '@backout status');

      const replies = await slack.until(() => {
        const thread = slack.thread('C0HOME', ts);
        return thread.length > 1 && thread;
      });
      expect(replies.map(({ text }) => text)).toEqual(['<@U0BACKOUT> status', 'Here.']);
    });

    test('uploads a file into a channel', async () => {
      await app.client.filesUploadV2({
        channel_id: 'C0HOME',
        filename: 'post-mortem.md',
        content: '# What happened',
        initial_comment: 'The post-mortem.',
      });

      expect(slack.files()[0]).toMatchObject({ name: 'post-mortem.md', mimetype: 'text/markdown' });
      expect(slack.files()[0]?.content.toString()).toBe('# What happened');
      expect(slack.messages('C0HOME').at(-1)?.text).toBe('The post-mortem.');
    });
  });
}
