import { afterEach, beforeEach, expect, test } from 'vitest';
import { aListener, buttonMessage } from './slack-listener.ts';
import type { Listener } from './slack-listener.ts';
import { ANNA, BEN, GONE, STRANGER, call } from './slack-world.ts';

let app: Listener;

beforeEach(async () => {
  app = await aListener();
});

afterEach(async () => app.close());

const words = (text: string): object => ({ type: 'plain_text', text });
const choices = {
  type: 'actions',
  block_id: 'choices',
  elements: [
    {
      type: 'static_select',
      action_id: 'version',
      options: ['41', '42'].map((value) => ({ text: words(`Version ${value}`), value })),
    },
    {
      type: 'button',
      action_id: 'run',
      text: words('Run'),
      confirm: {
        title: words('Run?'),
        text: words('Now.'),
        confirm: words('Yes'),
        deny: words('No'),
      },
    },
  ],
};

async function respond(body: object): Promise<number> {
  const { response_url: url } = Object.assign({ response_url: '' }, app.interaction());
  return (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status;
}

test('what a person chose in a message comes with their next press', async () => {
  const { ts } = await call(app.slack, 'chat.postMessage', {
    channel: 'C0HOME',
    text: 'Which version?',
    blocks: [choices],
  });
  const anna = app.slack.as(ANNA);
  const option = { text: { ...words('Version 42'), emoji: true }, value: '42' };

  await anna.click('C0HOME', String(ts), 'version', { value: 'Version 42' });
  expect(app.interaction()).toMatchObject({
    actions: [{ type: 'static_select', block_id: 'choices', selected_option: option }],
  });
  await anna.click('C0HOME', String(ts), 'run');
  expect(app.interaction()).toMatchObject({
    actions: [{ type: 'button', action_id: 'run' }],
    state: { values: { choices: { version: { selected_option: option } } } },
  });
  await app.slack.as(BEN).click('C0HOME', String(ts), 'run');
  expect(app.interaction()).toMatchObject({
    user: { id: BEN },
    state: { values: { choices: { version: { selected_option: null } } } },
  });
  await expect(anna.click('C0HOME', String(ts), 'version', { value: '43' })).rejects.toThrow(
    'There is no option "43"; there are: 41 (Version 41), 42 (Version 42)',
  );
});

test('a no to the confirmation sends nothing', async () => {
  const { ts } = await call(app.slack, 'chat.postMessage', {
    channel: 'C0HOME',
    text: 'Run?',
    blocks: [choices],
  });
  const seen = await app.slack.as(ANNA).click('C0HOME', String(ts), 'run', { confirm: 'deny' });
  expect(seen).toEqual({ saw: 'nothing', ackMs: null });
  expect(app.slack.deliveries().some(({ kind }) => kind === 'interactive')).toBe(false);
});

test('a private message is replaced and removed by its own response_url', async () => {
  await call(app.slack, 'chat.postEphemeral', {
    channel: 'C0HOME',
    user: ANNA,
    text: 'Panel',
    blocks: [choices],
  });
  const [panel] = app.slack.ephemerals(ANNA);
  const anna = app.slack.as(ANNA);
  await anna.clickEphemeral('C0HOME', panel?.ts ?? '', 'run');

  expect(app.interaction()).toMatchObject({ container: { is_ephemeral: true } });
  expect(app.interaction()).not.toHaveProperty('message');
  await expect(app.slack.as(BEN).clickEphemeral('C0HOME', panel?.ts ?? '', 'run')).rejects.toThrow(
    'sees no private message',
  );
  await respond({ text: 'Done.', replace_original: true });
  expect(app.slack.ephemerals(ANNA)).toMatchObject([{ ts: panel?.ts, text: 'Done.' }]);
  await respond({ delete_original: true });
  expect(app.slack.ephemerals(ANNA)).toEqual([]);
});

test('a private message goes when the person waves it off', async () => {
  await call(app.slack, 'chat.postEphemeral', { channel: 'C0HOME', user: ANNA, text: 'psst' });
  app.slack.as(ANNA).dismiss(app.slack.ephemerals(ANNA)[0]?.ts ?? '');
  expect(app.slack.ephemerals(ANNA)).toEqual([]);
});

test('an answer can go to everybody, into the thread of the message', async () => {
  const ts = await buttonMessage(app.slack);
  await app.slack.as(ANNA).click('C0HOME', ts, 'go');
  await respond({ text: 'Going.', response_type: 'in_channel', thread_ts: ts });
  expect(app.slack.thread('C0HOME', ts).map(({ text }) => text)).toEqual(['Go?', 'Going.']);
});

test('the home tab shows what was published for this person', async () => {
  const view = {
    type: 'home',
    blocks: [
      { type: 'actions', elements: [{ type: 'button', action_id: 'start', text: words('Start') }] },
    ],
  };
  const home = await call(app.slack, 'views.publish', { user_id: ANNA, view });
  expect(home).toMatchObject({ ok: true, view: { type: 'home', submit: null } });
  expect(app.slack.home(BEN)).toBeNull();

  await app.slack.as(ANNA).clickView(app.slack.home(ANNA)?.id ?? '', 'start');
  expect(app.interaction()).toMatchObject({ container: { type: 'view' }, view: { type: 'home' } });
  expect(
    await call(app.slack, 'views.publish', { user_id: ANNA, view, hash: 'old' }),
  ).toMatchObject({ error: 'hash_conflict' });
});

test('people of another workspace press in shared channels, but have no commands of ours', async () => {
  await app.slack.close();
  app.hangUp();
  app = await aListener({
    channels: [{ id: 'C0HOME', name: 'shared', members: [ANNA, STRANGER, 'U0BACKOUT'] }],
  });
  const ts = await buttonMessage(app.slack);

  await app.slack.as(STRANGER).click('C0HOME', ts, 'go');
  expect(app.interaction()).toMatchObject({
    team: { id: 'T0ACME' },
    user: { id: STRANGER, team_id: 'T0ELSEWHERE' },
  });
  expect(await app.slack.as(STRANGER).command('C0HOME', '/rollback', 'start')).toMatchObject({
    notice: '/rollback is not a valid command.',
  });
});

test('who left the company cannot do anything', async () => {
  const ts = await buttonMessage(app.slack);
  await expect(app.slack.as(GONE).click('C0HOME', ts, 'go')).rejects.toThrow('is deactivated');
  app.slack.setUserKind(BEN, 'deactivated');
  await expect(app.slack.as(BEN).command('C0HOME', '/rollback')).rejects.toThrow('is deactivated');
});
