import { expect, test } from 'vitest';
import type { ServiceOutcome } from '../../src/doors.ts';
import { checkHealth, type HealthCheck } from '../../src/services/health.ts';
import { localServer } from '../support/local-server.ts';

const { signal } = new AbortController();

function check(url: string, parts: Partial<HealthCheck> = {}): Promise<ServiceOutcome> {
  return checkHealth({ url, timeoutMs: 5_000, secrets: [], signal, ...parts });
}

test('an answer of 200 is healthy and says what was answered and how fast', async () => {
  await using server = await localServer((_, response) => response.end('{"ok":true}'));
  const outcome = await check(`${server.url}/health?token=abcdef`);
  expect(outcome.ok).toBe(true);
  expect(outcome.tail).toMatch(/\/health answered 200 in \d+ ms: \{"ok":true\}$/);
  expect(outcome.tail).not.toContain('abcdef');
});

test('an answer of 503 is not healthy, and its secrets are masked', async () => {
  await using server = await localServer((_, response) =>
    response.writeHead(503).end('no route to correct-horse\n\u0007'),
  );
  const outcome = await check(server.url, { secrets: ['correct-horse'] });
  expect(outcome.ok).toBe(false);
  expect(outcome.tail).toMatch(/answered 503 in \d+ ms: no route to •••$/);
});

test('a redirect on the same host is followed', async () => {
  await using server = await localServer((request, response) =>
    request.url === '/new'
      ? response.end('fine')
      : response.writeHead(301, { location: '/new' }).end(),
  );
  const outcome = await check(server.url);
  expect(outcome.ok).toBe(true);
  expect(outcome.tail).toMatch(/\/new answered 200 .* fine$/);
});

test('a redirect to another host is not followed: a login page says nothing about the service', async () => {
  const asked: string[] = [];
  await using login = await localServer((request, response) => {
    asked.push(request.url ?? '');
    response.end('Please log in.');
  });
  await using server = await localServer((_, response) =>
    response.writeHead(302, { location: login.url }).end(),
  );
  const outcome = await check(server.url);
  expect(outcome.ok).toBe(false);
  expect(outcome.tail).toContain('points to another host, which was not asked');
  expect(asked).toEqual([]);
});

test('a redirect in a circle ends', async () => {
  await using server = await localServer((_, response) =>
    response.writeHead(302, { location: '/' }).end(),
  );
  expect(await check(server.url)).toMatchObject({ ok: false });
});

test('an answer without end is cut', async () => {
  await using server = await localServer((_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
    };
    response.on('drain', more);
    more();
  });
  const outcome = await check(server.url);
  expect(outcome.ok).toBe(true);
  expect(outcome.tail.length).toBeLessThan(700);
});

test('a service that does not answer is unhealthy', async () => {
  await using server = await localServer(() => undefined);
  const outcome = await check(server.url, { timeoutMs: 100 });
  expect(outcome.ok).toBe(false);
  expect(outcome.tail).toContain('did not answer within 0.1 s');
});

test('a closed port is said in plain words', async () => {
  const server = await localServer(() => undefined);
  await server[Symbol.asyncDispose]();
  expect(await check(server.url)).toEqual({
    ok: false,
    tail: `${server.url}/ refused the connection.`,
  });
});

test('an abort while waiting is a fault', async () => {
  const stopping = new AbortController();
  await using server = await localServer(() => stopping.abort());
  await expect(check(server.url, { signal: stopping.signal })).rejects.toMatchObject({
    why: 'stopped',
  });
});

test('an address that cannot be one is said to be none', async () => {
  expect(await check('auth.internal/health')).toEqual({
    ok: false,
    tail: 'The health address cannot be called: its address is no http or https URL.',
  });
});

test('a name and a password in the address are sent as basic authentication and never shown', async () => {
  await using server = await localServer((request, response) =>
    response.end(`Hello ${request.headers.authorization ?? 'stranger'}`),
  );
  const address = new URL(server.url);
  address.username = 'probe';
  address.password = 'p@ss';
  const outcome = await check(address.href);
  expect(outcome.tail).toContain('answered 200');
  expect(outcome.tail).toContain('Hello Basic •••');
  expect(outcome.tail).not.toContain('p%40ss');
});
