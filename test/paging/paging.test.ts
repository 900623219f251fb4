import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { PagingDoor } from '../../src/doors.ts';
import { paging } from '../../src/paging/paging.ts';
import { localServer, type LocalServer } from '../support/local-server.ts';

const KEY = 'f00dfeed00000000000000000000cafe';
const ROUTE = { kind: 'pagerduty', keyEnv: 'PD_DBA' } as const;
const HOOK = { kind: 'webhook', urlEnv: 'PAT_PAGER' } as const;

type Call = Parameters<PagingDoor['page']>[0];

function aCall(parts: Partial<Call> = {}): Call {
  return {
    address: ROUTE,
    dedupKey: 'backout/INC-42/dba/1',
    summary: 'auth is being rolled back: your approval is needed',
    source: 'auth',
    severity: 'critical',
    details: { incident: 'INC-42' },
    signal: new AbortController().signal,
    ...parts,
  };
}

function theDoor(url: string, env: Record<string, string> = { PD_DBA: KEY }): PagingDoor {
  return paging({ env, pagerDutyUrl: url, retryDelaysMs: [1, 1, 1] });
}

interface Provider extends LocalServer {
  readonly requests: { readonly url: string; readonly body: unknown }[];
}

/** A provider that gives these answers one after the other, the last one for ever. */
async function provider(
  ...answers: readonly ((response: ServerResponse, request: IncomingMessage) => void)[]
): Promise<Provider> {
  const requests: { readonly url: string; readonly body: unknown }[] = [];
  const server = await localServer((request, response) => {
    void text(request).then((body) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push({ url: request.url ?? '', body: JSON.parse(body) });
      return answer?.(response, request);
    });
  });
  return { ...server, requests };
}

function status(code: number, body = '', headers: Record<string, string> = {}) {
  return (response: ServerResponse): void => {
    response.writeHead(code, headers).end(body);
  };
}

const EventBody = z.object({
  dedup_key: z.string(),
  payload: z.object({ summary: z.string() }),
});

test('PagerDuty gets one event with our own dedup key, and 202 is not said to be more than it is', async () => {
  await using pagerDuty = await provider(status(202, '{"status":"success"}'));
  const link = 'https://backout.example/incidents/INC-42';
  expect(await theDoor(pagerDuty.url).page(aCall({ link }))).toEqual({
    accepted: true,
    says: 'PagerDuty accepted the call (202). Accepted does not mean that a phone rang.',
  });
  expect(pagerDuty.requests).toEqual([
    {
      url: '/v2/enqueue',
      body: {
        routing_key: KEY,
        event_action: 'trigger',
        dedup_key: 'backout/INC-42/dba/1',
        client: 'Backout',
        client_url: link,
        links: [{ href: link, text: 'The incident' }],
        payload: {
          summary: 'auth is being rolled back: your approval is needed',
          source: 'auth',
          severity: 'critical',
          custom_details: { incident: 'INC-42' },
        },
      },
    },
  ]);
});

test('a rate limit, an error and a lost answer are tried again under the same dedup key', async () => {
  await using pagerDuty = await provider(
    status(429, '', { 'retry-after': '0' }),
    status(500),
    (response) => response.destroy(),
    status(202),
  );
  expect(await theDoor(pagerDuty.url).page(aCall())).toMatchObject({ accepted: true });
  const keys = pagerDuty.requests.map(({ body }) => EventBody.parse(body).dedup_key);
  expect(keys).toEqual(Array.from({ length: 4 }, () => 'backout/INC-42/dba/1'));
});

test('a provider that stays broken is said to be, after a few tries', async () => {
  await using pagerDuty = await provider(status(503));
  expect(await theDoor(pagerDuty.url).page(aCall())).toEqual({
    accepted: false,
    says: 'PagerDuty answered 503, also when asked again, and took no call.',
  });
  expect(pagerDuty.requests).toHaveLength(4);
});

test('a refusal is shown plainly, once, and without the key', async () => {
  const refusal = {
    status: 'invalid event',
    message: 'Event object is invalid.',
    errors: [`'routing_key' ${KEY} is invalid`],
  };
  await using pagerDuty = await provider(status(400, JSON.stringify(refusal)));
  expect(await theDoor(pagerDuty.url).page(aCall())).toEqual({
    accepted: false,
    says: "PagerDuty refused the call (400): Event object is invalid; 'routing_key' ••• is invalid.",
  });
  expect(pagerDuty.requests).toHaveLength(1);
});

test('a provider that cannot be reached is an outcome', async () => {
  const pagerDuty = await provider(status(202));
  await pagerDuty[Symbol.asyncDispose]();
  expect(await theDoor(pagerDuty.url).page(aCall())).toEqual({
    accepted: false,
    says: 'PagerDuty refused the connection, also when asked again. The call may have arrived.',
  });
});

test('an abort ends the waiting and says what is not known', async () => {
  const stopping = new AbortController();
  await using pagerDuty = await provider(() => stopping.abort());
  expect(await theDoor(pagerDuty.url).page(aCall({ signal: stopping.signal }))).toEqual({
    accepted: false,
    says: 'PagerDuty had not answered when we stopped waiting. The call may have arrived.',
  });
});

test('a key that is not set is named and nobody is called', async () => {
  await using pagerDuty = await provider(status(202));
  const outcome = await theDoor(pagerDuty.url, {}).page(aCall());
  expect(outcome.accepted).toBe(false);
  expect(outcome.says).toContain('PD_DBA is not set');
  expect(pagerDuty.requests).toEqual([]);
});

test('a summary is cut to what PagerDuty takes', async () => {
  await using pagerDuty = await provider(status(202));
  await theDoor(pagerDuty.url).page(aCall({ summary: '🔥'.repeat(2_000) }));
  const { payload } = EventBody.parse(pagerDuty.requests[0]?.body);
  expect(payload.summary.length).toBeLessThanOrEqual(1_024);
  expect(payload.summary.isWellFormed()).toBe(true);
});

test('a webhook gets the call as JSON', async () => {
  await using pager = await provider(status(200));
  const door = theDoor('', { PAT_PAGER: `${pager.url}/call?token=abcdef` });
  const call = aCall({ address: HOOK, incident: 'INC-42', role: 'platform_lead' });
  expect(await door.page(call)).toEqual({
    accepted: true,
    says: 'The webhook took the call (200). That does not mean that anybody has seen it.',
  });
  expect(pager.requests).toEqual([
    {
      url: '/call?token=abcdef',
      body: {
        incident: 'INC-42',
        role: 'platform_lead',
        summary: 'auth is being rolled back: your approval is needed',
        dedup_key: 'backout/INC-42/dba/1',
        source: 'auth',
        severity: 'critical',
        details: { incident: 'INC-42' },
        link: null,
      },
    },
  ]);
});

test('a webhook that redirects is not followed, and its address is not shown', async () => {
  await using elsewhere = await provider(status(200));
  await using pager = await provider(status(302, '', { location: elsewhere.url }));
  const door = theDoor('', { PAT_PAGER: `${pager.url}/abcdef` });
  const outcome = await door.page(aCall({ address: HOOK }));
  expect(outcome.accepted).toBe(false);
  expect(outcome.says).toContain('redirect');
  expect(outcome.says).not.toMatch(/abcdef|127\.0\.0\.1/);
  expect(elsewhere.requests).toEqual([]);
});

test('an address that is none is said so at once', async () => {
  const outcome = await theDoor('', { PAT_PAGER: 'secret-words' }).page(aCall({ address: HOOK }));
  expect(outcome).toEqual({
    accepted: false,
    says: 'The webhook cannot be called: its address is no http or https URL. Correct its variable.',
  });
});
