import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aListener } from './slack-listener.ts';
import type { Listener } from './slack-listener.ts';
import { ANNA, call } from './slack-world.ts';

let app: Listener;

beforeEach(async () => {
  app = await aListener();
});

afterEach(async () => app.close());

describe('a form', () => {
  const view = {
    type: 'modal',
    title: { type: 'plain_text', text: 'Note' },
    submit: { type: 'plain_text', text: 'Keep' },
    notify_on_close: true,
    blocks: [
      {
        type: 'input',
        block_id: 'note',
        label: { type: 'plain_text', text: 'Note' },
        element: { type: 'plain_text_input', action_id: 'text', min_length: 3 },
      },
    ],
  };
  const open = async (more: object = {}): Promise<Record<string, unknown>> => {
    await app.slack.as(ANNA).command('C0HOME', '/rollback', 'form');
    const trigger = app.slash()['trigger_id'];
    return call(app.slack, 'views.open', { trigger_id: trigger, view, ...more });
  };

  test('opens once for each trigger, and only within three seconds', async () => {
    expect(await open()).toMatchObject({ ok: true, view: { type: 'modal', callback_id: '' } });
    const { trigger_id: trigger } = app.slash();
    expect(await call(app.slack, 'views.open', { trigger_id: trigger, view })).toMatchObject({
      error: 'exchanged_trigger_id',
    });
    expect(await call(app.slack, 'views.open', { trigger_id: '1.2.abc', view })).toMatchObject({
      error: 'invalid_trigger_id',
    });
    await app.slack.as(ANNA).command('C0HOME', '/rollback', 'form');
    app.clock.nowMs += 3001;
    const late = app.slash()['trigger_id'];
    expect(await call(app.slack, 'views.open', { trigger_id: late, view })).toMatchObject({
      error: 'expired_trigger_id',
    });
  });

  test('is updated only by who knows its present form', async () => {
    await open();
    const { id = '', hash = '' } = app.slack.view(ANNA) ?? {};
    const update = async (args: object): Promise<unknown> =>
      call(app.slack, 'views.update', { view_id: id, view, ...args });
    expect(await update({ hash })).toMatchObject({ ok: true });
    expect(await update({ hash })).toMatchObject({ error: 'hash_conflict' });
    expect(await update({ view_id: 'V0NONE' })).toMatchObject({ error: 'not_found' });
    expect(await update({ view: { ...view, blocks: [] } })).toMatchObject({
      error: 'invalid_arguments',
    });
  });

  test('stays open with trouble when the app is slow, fails or talks nonsense', async () => {
    await open();
    const id = app.slack.view(ANNA)?.id ?? '';
    const send = async (): Promise<unknown> => app.slack.as(ANNA).submit(id, { note: 'why' });
    const json = (value: object) => (response: ServerResponse) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    const trouble = { saw: 'trouble', notice: 'We had some trouble connecting. Try again?' };

    app.answer = () => {};
    expect(await send()).toMatchObject(trouble);
    app.answer = (response) => response.writeHead(500).end();
    expect(await send()).toMatchObject(trouble);
    app.answer = json({ response_action: 'errors', errors: { nowhere: 'No.' } });
    expect(await send()).toMatchObject(trouble);
    app.answer = json({ response_action: 'update', view: { type: 'modal' } });
    expect(await send()).toMatchObject(trouble);
    expect(app.slack.view(ANNA)?.id).toBe(id);
    app.answer = json({ response_action: 'push', view });
    expect(await send()).toMatchObject({ saw: 'pushed', view: { previous_view_id: id } });
    expect(app.slack.view(ANNA)?.id).not.toBe(id);
  });

  test('tells the app of a field at once only when the field asks for it', async () => {
    const choice = (more: object): object => ({
      type: 'input',
      block_id: 'target',
      label: { type: 'plain_text', text: 'Target' },
      element: {
        type: 'static_select',
        action_id: 'choice',
        options: [{ text: { type: 'plain_text', text: 'auth' }, value: 'auth' }],
      },
      ...more,
    });
    await open({ view: { ...view, blocks: [choice({})] } });
    const before = app.heard.length;
    const quiet = app.slack.view(ANNA)?.id ?? '';
    await app.slack.as(ANNA).clickView(quiet, 'choice', { value: 'auth' });
    expect(app.heard).toHaveLength(before);
    expect(await app.slack.as(ANNA).submit(quiet)).toMatchObject({ saw: 'closed' });
    expect(app.interaction()).toMatchObject({
      type: 'view_submission',
      view: { state: { values: { target: { choice: { selected_option: { value: 'auth' } } } } } },
    });

    await open({ view: { ...view, blocks: [choice({ dispatch_action: true })] } });
    const loud = app.slack.view(ANNA)?.id ?? '';
    await app.slack.as(ANNA).clickView(loud, 'choice', { value: 'auth' });
    expect(app.interaction()).toMatchObject({
      type: 'block_actions',
      container: { type: 'view', view_id: loud },
      actions: [{ action_id: 'choice', selected_option: { value: 'auth' } }],
    });
    // What was chosen stays when the app redraws the form around it.
    const blocks = [choice({ dispatch_action: true }), { type: 'divider' }];
    await call(app.slack, 'views.update', { view_id: loud, view: { ...view, blocks } });
    expect(await app.slack.as(ANNA).submit(loud)).toMatchObject({ saw: 'closed' });
  });

  test('is checked by Slack before the app hears of it', async () => {
    await open();
    const id = app.slack.view(ANNA)?.id ?? '';
    const before = app.heard.length;
    expect(await app.slack.as(ANNA).submit(id, { note: 'no' })).toMatchObject({
      by: 'slack',
      errors: { note: 'Enter at least 3 characters.' },
    });
    expect(app.heard).toHaveLength(before);
    await expect(app.slack.as(ANNA).submit(id, { reason: 'x' })).rejects.toThrow(
      'no field "reason"',
    );
    await app.slack.as(ANNA).closeView(id);
    expect(app.interaction()).toMatchObject({
      type: 'view_closed',
      is_cleared: false,
    });
    expect(app.slack.view(ANNA)).toBeNull();
  });
});
