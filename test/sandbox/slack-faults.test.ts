import { afterEach, expect, test } from 'vitest';
import { LogLevel, WebClient, WebClientEvent } from '@slack/web-api';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { aWorkspace, call } from './slack-world.ts';

let slack: StandInSlack;

afterEach(async () => slack.close());

async function statusOf(method: string, body: Record<string, string>): Promise<Response> {
  return fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${slack.botToken}` },
    body: new URLSearchParams(body),
  });
}

test('faults come as often as asked, after as many good calls as asked', async () => {
  slack = await aWorkspace();
  const post = async (): Promise<Response> =>
    statusOf('chat.postMessage', { channel: 'C0HOME', text: 'x' });
  slack.faults.add({
    method: 'chat.postMessage',
    kind: 'ratelimited',
    times: 1,
    after: 2,
    retryAfterSeconds: 7,
  });
  slack.faults.add({ method: '*', kind: 'http-500', times: 1 });
  slack.faults.add({ method: '*', kind: 'error', times: 1, error: 'fatal_error' });

  expect((await post()).status).toBe(500);
  expect(await (await post()).json()).toEqual({ ok: false, error: 'fatal_error' });
  const limited = await post();
  expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '7']);
  expect((await post()).status).toBe(200);
  expect(slack.calls().map(({ status }) => status)).toEqual([500, 200, 429, 200]);
});

test('a lost answer leaves its effect, a refused call leaves none', async () => {
  slack = await aWorkspace();
  slack.faults.add({ method: 'chat.postMessage', kind: 'lost-answer', times: 1 });
  slack.faults.add({ method: 'chat.update', kind: 'refused', times: 1 });

  const text = 'still here';
  await expect(call(slack, 'chat.postMessage', { channel: 'C0HOME', text })).rejects.toThrow();
  const [message] = slack.messages('C0HOME');
  expect(message?.text).toBe(text);
  const update = { channel: 'C0HOME', ts: message?.ts, text: 'changed' };
  await expect(call(slack, 'chat.update', update)).rejects.toThrow();
  expect(slack.messages('C0HOME')[0]?.text).toBe(text);
  slack.faults.clear();
  expect(await call(slack, 'chat.update', update)).toMatchObject({ ok: true });
});

test('limits are kept for each method and for each channel', async () => {
  let nowMs = Date.now();
  slack = await aWorkspace({ rateLimits: 'on', now: () => nowMs });
  const statuses = async (count: number, one: () => Promise<Response>): Promise<number[]> => {
    const seen: number[] = [];
    for (let index = 0; index < count; index += 1) seen.push((await one()).status);
    return seen;
  };
  const post = async (): Promise<Response> =>
    statusOf('chat.postMessage', { channel: 'C0HOME', text: 'x' });
  expect(await statuses(5, post)).toEqual([200, 200, 200, 200, 429]);
  nowMs += 1000;
  expect(await statuses(2, post)).toEqual([200, 429]);

  const topic = async (): Promise<Response> =>
    statusOf('conversations.setTopic', { channel: 'C0HOME', topic: 'x' });
  const topics = await statuses(21, topic);
  expect(topics.filter((status) => status === 429)).toHaveLength(1);
  const last = await topic();
  expect(last.headers.get('retry-after')).toBe('3');
});

test('Slack’s own client waits out a limit and goes on', async () => {
  slack = await aWorkspace();
  slack.faults.add({ method: 'auth.test', kind: 'ratelimited', times: 1, retryAfterSeconds: 1 });
  const client = new WebClient(slack.botToken, {
    slackApiUrl: slack.apiUrl,
    logLevel: LogLevel.ERROR,
  });
  const limits: number[] = [];
  client.on(WebClientEvent.RATE_LIMITED, (seconds: number) => limits.push(seconds));

  expect((await client.auth.test()).ok).toBe(true);
  expect(limits).toEqual([1]);
});
