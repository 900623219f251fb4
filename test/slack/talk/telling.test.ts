import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StandInSlack } from '../../../sandbox/slack/slack.ts';
import { startSlack } from '../../../sandbox/slack/slack.ts';
import type { Telling } from '../../../src/slack/talk/telling.ts';
import { openTelling } from '../../../src/slack/talk/telling.ts';
import { openWeb } from '../../../src/slack/web.ts';
import { aWorkspace, quiet, TALK } from '../support/office.ts';

const SHOWN = { text: 'Noted.', blocks: [] };
let slack: StandInSlack;
let telling: Telling;
let warned: string[];

beforeEach(async () => {
  slack = await startSlack(aWorkspace());
  warned = [];
  const log = { ...quiet, warn: (_facts: object, text: string) => void warned.push(text) };
  telling = openTelling({ web: openWeb(slack, quiet).interaction, log });
});
afterEach(async () => {
  telling.stop();
  await slack.close();
});

const told = (): boolean => slack.ephemerals('U0ANNA').length > 0;
const tries = (): number =>
  slack.calls().filter(({ method }) => method === 'chat.postEphemeral').length;

test('a private answer is tried again while Slack has trouble', async () => {
  slack.faults.add({ method: 'chat.postEphemeral', times: 1, kind: 'http-500' });
  await telling.tell('U0ANNA', { channel: TALK }, SHOWN);
  expect(told()).toBe(false);
  await slack.until(told);
  expect(warned).toEqual([]);
});

test('a private answer waits as long as Slack says', async () => {
  const limit = { kind: 'ratelimited', retryAfterSeconds: 2 } as const;
  slack.faults.add({ method: 'chat.postEphemeral', times: 1, ...limit });
  const from = performance.now();
  await telling.tell('U0ANNA', { channel: TALK }, SHOWN);
  await slack.until(told);
  expect(performance.now() - from).toBeGreaterThanOrEqual(1_900);
});

test('what Slack will never take is not tried again', async () => {
  await telling.tell('U0ANNA', { channel: 'C0NOWHERE' }, SHOWN);
  expect(warned).toHaveLength(1);
  expect(tries()).toBe(1);
});

test('a stop ends what is still being tried', async () => {
  slack.faults.add({ method: 'chat.postEphemeral', times: 99, kind: 'http-500' });
  await telling.tell('U0ANNA', { channel: TALK }, SHOWN);
  telling.stop();
  await expect.poll(() => warned).toHaveLength(1);
  expect(tries()).toBe(1);
});
