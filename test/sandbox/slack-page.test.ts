import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, BEN, STRANGER, aWorkspace, anHttpApp, call } from './slack-world.ts';

const State = z.looseObject({
  rev: z.number(),
  me: z.object({ id: z.string(), name: z.string(), realName: z.string(), kind: z.string() }),
  users: z.array(z.looseObject({ id: z.string() })),
  channels: z.array(
    z.looseObject({
      id: z.string(),
      name: z.string(),
      isPrivate: z.boolean(),
      isArchived: z.boolean(),
      topic: z.string(),
      members: z.array(z.string()),
      pinned: z.array(z.string()),
    }),
  ),
  messages: z.record(z.string(), z.array(z.looseObject({ ts: z.string(), text: z.string() }))),
  ephemerals: z.array(z.looseObject({ text: z.string() })),
  view: z.looseObject({ id: z.string() }).nullable(),
  slashNotices: z.array(z.looseObject({ command: z.string(), saw: z.string() })),
});

const Told = z.object({
  ok: z.boolean(),
  saw: z.string().optional(),
  errors: z.record(z.string(), z.string()).optional(),
});

const Bytes = z.instanceof(Uint8Array);

let folder: string;
let slack: StandInSlack;
let stop: () => Promise<void>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'page-'));
  await writeFile(join(folder, 'index.html'), '<h1>Workspace</h1>');
  await writeFile(join(folder, 'page.ts'), 'const answer: number = 42;\nexport { answer };\n');
  await symlink('/etc/hostname', join(folder, 'link.json'));
  slack = await aWorkspace({
    pageFolder: folder,
    extraRoutes: [
      {
        method: 'GET',
        path: '/pager/*',
        handler: (_request, response) => void response.end('pager'),
      },
    ],
  });
  const http = await anHttpApp(slack);
  stop = http.stop;
  http.app.command('/rollback', async ({ ack, command, client }) => {
    if (command.text === 'form') {
      await client.views.open({
        trigger_id: command.trigger_id,
        view: {
          type: 'modal',
          callback_id: 'note',
          title: { type: 'plain_text', text: 'Note' },
          submit: { type: 'plain_text', text: 'Keep' },
          blocks: [
            {
              type: 'input',
              block_id: 'note',
              label: { type: 'plain_text', text: 'Note' },
              element: { type: 'plain_text_input', action_id: 'text' },
            },
          ],
        },
      });
    }
    await ack(`heard: ${command.text}`);
  });
  http.app.view('note', async ({ ack }) => ack());
  http.app.action('go', async ({ ack, respond }) => {
    await ack();
    await respond({ text: 'Went.', replace_original: true });
  });
});

afterEach(async () => {
  await stop();
  await slack.close();
  await rm(folder, { recursive: true });
});

async function stateOf(user: string): Promise<z.infer<typeof State>> {
  const response = await fetch(`${slack.url}/page/state?user=${user}`);
  return State.parse(await response.json());
}

async function does(user: string, what: string, body: object): Promise<z.infer<typeof Told>> {
  const response = await fetch(`${slack.url}/page/as/${user}/${what}`, {
    method: 'POST',
    body: JSON.stringify(body),
  });
  return Told.parse(await response.json());
}

test('the page shows each person their own workspace', async () => {
  slack.as(ANNA).say('C0HOME', 'Logins fail');
  await does(ANNA, 'command', { channel: 'C0HOME', text: '/rollback start auth' });

  const anna = await stateOf(ANNA);
  const ben = await stateOf(BEN);

  expect(anna.me).toEqual({ id: ANNA, name: 'anna', realName: 'Anna Arendt', kind: 'member' });
  expect(anna.messages['C0HOME']?.map(({ text }) => text)).toEqual(['Logins fail']);
  expect(anna.ephemerals.map(({ text }) => text)).toEqual(['heard: start auth']);
  expect(anna.slashNotices).toMatchObject([{ command: '/rollback', saw: 'heard: start auth' }]);
  expect(ben.ephemerals).toEqual([]);
  expect((await stateOf(STRANGER)).channels).toEqual([]);
});

test('on the page people press, fill in, write and close', async () => {
  const go = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
  const posted = await call(slack, 'chat.postMessage', {
    channel: 'C0HOME',
    text: 'Go?',
    blocks: [{ type: 'actions', block_id: 'b', elements: [go] }],
  });
  const press = { channel: 'C0HOME', ts: posted['ts'], blockId: 'b', actionId: 'go' };
  expect(await does(BEN, 'click', press)).toMatchObject({ ok: true, saw: 'nothing' });
  await slack.until(() => slack.messages('C0HOME').some(({ text }) => text === 'Went.'));

  expect(await does(BEN, 'click', press)).toMatchObject({ ok: false });

  await does(ANNA, 'command', { channel: 'C0HOME', text: '/rollback form' });
  const viewId = (await stateOf(ANNA)).view?.id;
  expect(await does(ANNA, 'submit', { viewId, values: {} })).toEqual({
    ok: false,
    saw: 'errors',
    errors: { note: 'Please complete this required field.' },
  });
  const values = { note: { text: 'Deployed at 14:02' } };
  expect(await does(ANNA, 'submit', { viewId, values })).toMatchObject({ ok: true, saw: 'closed' });
  expect((await stateOf(ANNA)).view).toBeNull();

  expect(await does(ANNA, 'say', { channel: 'C0HOME', text: 'Hello' })).toMatchObject({ ok: true });
  expect(await does(BEN, 'say', { channel: 'C0OTHER', text: 'Hello' })).toMatchObject({
    ok: false,
  });
  expect(await does(BEN, 'join', { channel: 'C0OTHER' })).toMatchObject({ ok: true });
  expect(await does(BEN, 'say', { channel: 'C0OTHER', text: 'Hello' })).toMatchObject({ ok: true });
});

test('the page hears of a change', async () => {
  const response = await fetch(`${slack.url}/page/events`);
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const first = decoder.decode(Bytes.parse((await reader?.read())?.value));
  slack.as(ANNA).say('C0HOME', 'Hello');
  const second = decoder.decode(Bytes.parse((await reader?.read())?.value));
  await reader?.cancel();

  const rev = (text: string): number =>
    Number(/^event: changed\ndata: \{"rev":(\d+)\}/.exec(text)?.[1]);
  expect(rev(second)).toBeGreaterThan(rev(first));
});

test('the page is served from its folder and from nowhere else', async () => {
  const get = async (path: string): Promise<Response> => fetch(`${slack.url}${path}`);

  expect(await (await get('/')).text()).toBe('<h1>Workspace</h1>');
  const script = await get('/page.ts');
  expect(script.headers.get('content-type')).toContain('text/javascript');
  expect(await script.text()).not.toContain(': number');
  expect((await get('/..%2f..%2fetc/passwd')).status).toBe(404);
  expect((await get('/%2e%2e/%2e%2e/etc/passwd')).status).toBe(404);
  expect((await get('/link.json')).status).toBe(404);
  expect((await get('/nothing.html')).status).toBe(404);
  expect(await (await get('/pager/calls')).text()).toBe('pager');
});
