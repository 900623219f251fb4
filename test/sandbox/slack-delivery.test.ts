import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signature } from '../../sandbox/slack/delivery/http.ts';
import { aListener, buttonMessage } from './slack-listener.ts';
import type { Listener } from './slack-listener.ts';
import { ANNA, BEN, STRANGER, call } from './slack-world.ts';

let app: Listener;

beforeEach(async () => {
  app = await aListener();
});

afterEach(async () => app.close());

test('the signature is Slack’s own', () => {
  const body =
    'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c';
  expect(signature('8f742231b10e8888abcd99yyyzzz85a5', '1531420618', body)).toBe(
    'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  );
});

test('a slash command arrives signed, as a form, with everything Slack says', async () => {
  await app.slack.as(ANNA).command('C0HOME', '/rollback', ' start auth ');

  const [one] = app.heard;
  const timestamp = String(one?.headers['x-slack-request-timestamp']);
  expect(one?.headers['content-type']).toBe('application/x-www-form-urlencoded');
  expect(one?.headers['x-slack-signature']).toBe(
    signature(app.slack.signingSecret, timestamp, one?.body ?? ''),
  );
  expect(app.slash()).toMatchObject({
    team_id: 'T0ACME',
    team_domain: 'acme',
    channel_id: 'C0HOME',
    channel_name: 'incidents',
    user_id: ANNA,
    user_name: 'anna',
    command: '/rollback',
    text: 'start auth',
    is_enterprise_install: 'false',
  });
});

test('names in a command are escaped only where the command asks for it', async () => {
  await app.slack.as(ANNA).command('C0HOME', '/rollback', 'page @ben #other');
  expect(app.slash()['text']).toBe('page @ben #other');
  await app.slack.as(ANNA).command('C0HOME', '/escaped', 'page @ben #other');
  expect(app.slash()['text']).toBe(`page <@${BEN}|ben> <#C0OTHER|other>`);
});

describe('a person sees what became of it', () => {
  const typed = async (): Promise<unknown> =>
    app.slack.as(ANNA).command('C0HOME', '/rollback', 'x');

  test('when the app is too slow', async () => {
    app.answer = () => {};
    expect(await typed()).toEqual({ saw: 'failure', notice: 'operation_timeout', ackMs: null });
    expect(app.slack.slashNotices(ANNA)[0]?.saw).toBe(
      '/rollback failed with the error "operation_timeout"',
    );
    expect(app.slack.deliveries()).toMatchObject([{ outcome: 'timeout', ackMs: null }]);
    expect(app.heard).toHaveLength(1); // Commands are not sent again.
  });

  test('when nobody is there', async () => {
    app.hangUp();
    expect(await typed()).toMatchObject({ saw: 'failure', notice: 'dispatch_failed' });
  });

  test('when the app fails', async () => {
    app.answer = (response) => response.writeHead(500).end();
    expect(await typed()).toMatchObject({ saw: 'failure', notice: 'http_service_error' });
    app.answer = (response) => response.writeHead(401).end();
    expect(await typed()).toMatchObject({ saw: 'failure', notice: 'http_client_error' });
  });

  test('when the command is not the app’s', async () => {
    expect(await app.slack.as(ANNA).command('C0HOME', '/rollforward')).toMatchObject({
      saw: 'failure',
      notice: '/rollforward is not a valid command.',
    });
    expect(app.heard).toEqual([]);
  });

  test('when the answer is for everybody', async () => {
    app.answer = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ response_type: 'in_channel', text: 'Rolling back.' }));
    };
    expect(await typed()).toMatchObject({ saw: 'message', message: { text: 'Rolling back.' } });
    expect(app.slack.messages('C0HOME')).toHaveLength(1);
  });
});

test('only what is there can be pressed, except on an old client', async () => {
  const ts = await buttonMessage(app.slack);
  const [old] = app.slack.versions('C0HOME', ts);
  await call(app.slack, 'chat.update', { channel: 'C0HOME', ts, text: 'Gone.' });

  await expect(app.slack.as(BEN).click('C0HOME', ts, 'go')).rejects.toThrow(
    'There is no "go" here',
  );
  if (old === undefined) throw new Error('the first form is kept');
  expect(await app.slack.as(BEN).click('C0HOME', ts, 'go', { stale: old })).toMatchObject({
    saw: 'nothing',
  });
  expect(app.interaction()).toMatchObject({
    message: { text: 'Go?' },
    actions: [{ action_id: 'go' }],
  });
  await expect(app.slack.as(STRANGER).click('C0HOME', ts, 'go', { stale: old })).rejects.toThrow(
    'sees no channel',
  );
});

test('a response_url is good for five posts and half an hour', async () => {
  const addresses: string[] = [];
  for (const text of ['a', 'b']) {
    await app.slack.as(ANNA).command('C0HOME', '/rollback', text);
    addresses.push(app.slash()['response_url'] ?? '');
  }
  const [first = '', second = ''] = addresses;
  const post = async (url: string, body: object): Promise<number> =>
    (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).status;

  for (const text of ['1', '2', '3', '4', '5']) expect(await post(first, { text })).toBe(200);
  expect(await post(first, { text: '6' })).toBe(404);
  expect(app.slack.ephemerals(ANNA)).toHaveLength(5);
  expect(await post(second, { blocks: [{ type: 'alert' }] })).toBe(400);
  app.clock.nowMs += 30 * 60_000 + 1;
  expect(await post(second, { text: 'late' })).toBe(404);
});

test('an event is sent up to three times more, and says so', async () => {
  app.answer = (response) => {
    response.writeHead(app.heard.length < 3 ? 503 : 200).end();
  };
  app.slack.as(ANNA).say('C0HOME', 'Logins fail');
  await app.slack.until(() => app.slack.deliveries().some(({ outcome }) => outcome === 'acked'));

  expect(app.heard.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([
    undefined,
    '1',
    '2',
  ]);
  expect(app.heard[1]?.headers['x-slack-retry-reason']).toBe('http_error');
  expect(new Set(app.heard.map(({ body }) => body)).size).toBe(1);
  expect(app.heard[0]?.headers['content-type']).toBe('application/json');
});

test('an app hears nothing of channels it is not in, nor of what it did not ask for', async () => {
  app.slack.as(ANNA).say('C0OTHER', 'private talk');
  app.slack.as(ANNA).say('C0HOME', 'hello');
  await app.slack.until(() => app.slack.deliveries().length > 0);

  expect(app.slack.deliveries().map(({ payload }) => payload['event'])).toEqual([
    expect.objectContaining({ text: 'hello', channel: 'C0HOME' }),
  ]);
});

test('what does not come in time is told with the whole conversation', async () => {
  app.slack.as(ANNA).say('C0HOME', 'Logins fail');
  await buttonMessage(app.slack);
  const waiting = app.slack.until(() => false, { timeoutMs: 20, what: 'the second approval' });
  await expect(waiting).rejects.toThrow(/the second approval[^]*Logins fail[^]*\[Go: go\]/);
});
