import { describe, expect, test } from 'vitest';
import { health } from '../../src/web/health.ts';
import { locks, type DatabaseLock } from '../../src/web/locks.ts';
import { pagerDutyWebhook } from '../../src/web/pagerduty.ts';
import type { Route, WebAnswer, WebRequest } from '../../src/web/route.ts';

const nothing: WebRequest = { params: {}, query: {}, headers: {}, rawBody: new Uint8Array() };

async function ask(
  route: Route | undefined,
  request: Partial<WebRequest> = {},
): Promise<readonly [number, unknown]> {
  const answer: WebAnswer | undefined = await route?.handle({ ...nothing, ...request });
  const isJson = answer?.headers['content-type']?.startsWith('application/json') ?? false;
  const body = answer?.body ?? '';
  return [answer?.status ?? 0, isJson ? JSON.parse(body) : body];
}

describe('health', () => {
  const [live, ready] = health({
    live: () => true,
    ready: async () => ({ ok: true, why: 'Store and queue answer.' }),
  });

  test('a process that can go on is live, one that can work is ready', async () => {
    expect(await ask(live)).toEqual([200, { ok: true }]);
    expect(await ask(ready)).toEqual([200, { ok: true, why: 'Store and queue answer.' }]);
  });

  test('what is not ready says why', async () => {
    const [stuck, waiting] = health({
      live: () => false,
      ready: async () => ({ ok: false, why: 'The store does not answer.' }),
    });
    expect(await ask(stuck)).toEqual([503, { ok: false }]);
    expect(await ask(waiting)).toEqual([503, { ok: false, why: 'The store does not answer.' }]);
  });

  test('a check that fails is not ready', async () => {
    const [, failing] = health({ live: () => true, ready: () => Promise.reject(new Error('x')) });
    expect(await ask(failing)).toMatchObject([503, { ok: false }]);
  });
});

describe('the database lock that CI asks for', () => {
  const reading = (read: () => Promise<DatabaseLock>) =>
    ask(locks({ read }), { params: { target: 'auth' } });

  test('a free database is not locked', async () => {
    expect(await reading(async () => ({ state: 'free' }))).toEqual([
      200,
      { locked: false, by: null, since: null, incident: null },
    ]);
  });

  test('a rollback under way is named', async () => {
    const lock = { by: 'anna', since: '2026-11-22T03:14:15.000Z', incident: 'INC-42' } as const;
    expect(await reading(async () => ({ state: 'locked', ...lock }))).toEqual([
      200,
      { locked: true, ...lock },
    ]);
  });

  test('a lock that cannot be read counts as locked', async () => {
    expect(await reading(() => Promise.reject(new Error('x')))).toMatchObject([
      503,
      { locked: true },
    ]);
  });

  test('a misspelt target counts as locked', async () => {
    expect(await reading(async () => ({ state: 'no-such-target' }))).toMatchObject([
      404,
      { locked: true },
    ]);
  });
});

describe('deliveries of PagerDuty', () => {
  const rawBody = Buffer.from('{"event":{}}');

  test('a signed delivery is handed on as it came and accepted', async () => {
    const received: Uint8Array[] = [];
    const route = pagerDutyWebhook({
      isSigned: (delivery) => delivery.signatures === 'v1=right' && delivery.rawBody === rawBody,
      receive: async (body) => void received.push(body),
    });
    const signed = { rawBody, headers: { 'x-pagerduty-signature': 'v1=right' } };
    expect((await ask(route, signed))[0]).toBe(202);
    expect((await ask(route, { rawBody }))[0]).toBe(401);
    expect(received).toEqual([rawBody]);
  });
});
