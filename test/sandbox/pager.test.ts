import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';

import { startPager, type Pager } from '../../sandbox/world/pager/pager.ts';
import {
  isSignedByPagerDuty,
  readPageAnswer,
  type PageAnswer,
} from '../../src/paging/pagerduty-webhook.ts';
import { localServer } from '../support/local-server.ts';

const KEY = 'a'.repeat(32);
const OTHER_KEY = 'b'.repeat(32);
const SECRET = 'the secret of the webhook';

let pager: Pager;

beforeAll(async () => {
  pager = await startPager({
    keys: { [KEY]: 'dora', [OTHER_KEY]: 'on-call' },
    webhookSecret: SECRET,
  });
});
beforeEach(() => pager.forget());
afterAll(() => pager.stop());

const trigger = {
  routing_key: KEY,
  event_action: 'trigger',
  dedup_key: 'INC-1/dba/1',
  payload: { summary: 'Come to INC-1', source: 'backout', severity: 'critical' },
};

test('a call is accepted, and shows whose phone rings', async () => {
  expect(await send(trigger)).toEqual({
    status: 202,
    body: { status: 'success', message: 'Event processed', dedup_key: 'INC-1/dba/1' },
  });
  expect(pager.calls()).toMatchObject([
    { who: 'dora', summary: 'Come to INC-1', state: 'triggered' },
  ]);
});

test.for([
  ['a routing key of the wrong length', { routing_key: 'short' }],
  ['a routing key of nobody', { routing_key: 'c'.repeat(32) }],
  ['an unknown action', { event_action: 'call' }],
  ['no payload', { payload: undefined }],
  [
    'a summary of more than 1024 characters',
    { payload: { ...trigger.payload, summary: 'x'.repeat(1025) } },
  ],
  ['an unknown severity', { payload: { ...trigger.payload, severity: 'fatal' } }],
  ['a deduplication key of more than 255 characters', { dedup_key: 'x'.repeat(256) }],
  ['an acknowledgement without a key', { event_action: 'acknowledge', dedup_key: undefined }],
] as const)('%s is refused, and nobody is called', async ([, wrong]) => {
  const { status, body } = await send({ ...trigger, ...wrong });
  expect(status).toBe(400);
  expect(body).toMatchObject({ status: 'invalid event' });
  expect(pager.calls()).toEqual([]);
});

test('the same key rings once, answered or not; after it is resolved it rings again', async () => {
  await send(trigger);
  await send(trigger);
  expect(pager.calls()).toHaveLength(1);
  await send({ routing_key: KEY, event_action: 'acknowledge', dedup_key: trigger.dedup_key });
  await send(trigger);
  expect(pager.calls()).toMatchObject([{ state: 'acknowledged' }]);
  await send({ routing_key: KEY, event_action: 'resolve', dedup_key: trigger.dedup_key });
  await send(trigger);
  expect(pager.calls()).toMatchObject([{ state: 'resolved' }, { state: 'triggered' }]);
});

test('an acknowledgement with the key of another integration changes nothing', async () => {
  await send(trigger);
  expect(
    (
      await send({
        routing_key: OTHER_KEY,
        event_action: 'acknowledge',
        dedup_key: trigger.dedup_key,
      })
    ).status,
  ).toBe(202);
  expect(pager.calls()).toMatchObject([{ state: 'triggered' }]);
});

test('more than 120 calls a minute with one key are too many', async () => {
  const busy = await startPager({ keys: { [KEY]: 'dora' }, webhookSecret: SECRET });
  const answers = await Promise.all(Array.from({ length: 121 }, () => send(trigger, busy)));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
  await busy.stop();
});

test('who answers a call is told to Backout, signed as PagerDuty signs', async () => {
  const heard: { readonly answer: PageAnswer | null; readonly isSigned: boolean }[] = [];
  await using receiver = await localServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const rawBody = Buffer.concat(chunks);
      const signatures = z.string().parse(request.headers['x-pagerduty-signature']);
      heard.push({
        answer: readPageAnswer(rawBody),
        isSigned: isSignedByPagerDuty({ signatures, rawBody, secret: SECRET }),
      });
      response.writeHead(200).end();
    });
  });
  pager.deliverTo(receiver.url);
  await send(trigger);
  const id = pager.calls()[0]?.id ?? '';
  expect(await pager.acknowledge(id, 'Dora')).toBe(true);
  expect(await pager.acknowledge(id, 'Dora')).toBe(false);
  expect(pager.calls()).toMatchObject([{ state: 'acknowledged', answeredBy: 'Dora' }]);
  expect(heard).toMatchObject([
    { isSigned: true, answer: { dedupKey: 'INC-1/dba/1', what: 'acknowledged', by: 'Dora' } },
  ]);
});

test("a team's own webhook rings too", async () => {
  const call = {
    summary: 'Come',
    dedup_key: 'INC-1/lead/1',
    severity: 'critical',
    link: null,
    source: 'backout',
  };
  const response = await fetch(`${pager.url}/webhook/pat`, {
    method: 'POST',
    body: JSON.stringify(call),
  });
  expect(response.status).toBe(200);
  expect(pager.calls()).toMatchObject([{ by: 'webhook', who: 'pat', dedupKey: 'INC-1/lead/1' }]);
});

async function send(
  event: object,
  to: Pager = pager,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${to.url}/v2/enqueue`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  });
  return { status: response.status, body: await response.json() };
}
