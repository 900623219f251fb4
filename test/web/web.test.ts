import { request as httpRequest } from 'node:http';
import { HTTPReceiver } from '@slack/bolt';
import { expect, test } from 'vitest';
import { answerText, type Route } from '../../src/web/route.ts';
import { asCustomRoutes, serve } from '../../src/web/serve.ts';

const echo: Route = {
  method: 'POST',
  path: '/echo/:name',
  async handle({ params, query, headers, rawBody }) {
    const body = Buffer.from(rawBody).toString('hex');
    return answerText(
      200,
      [params['name'], query['q'], headers['x-word'], body].map(String).join('|'),
    );
  },
};
const broken: Route = {
  method: 'GET',
  path: '/broken',
  async handle() {
    throw new Error('the password is hunter2');
  },
};

/** The same routes behind our own server and behind Bolt's receiver. */
const hosts: readonly (readonly [string, () => Promise<Host>])[] = [
  ['our own server', byServe],
  ['the receiver of Bolt', byBolt],
];
interface Host extends AsyncDisposable {
  readonly url: string;
  readonly problems: unknown[];
}

async function byServe(): Promise<Host> {
  const problems: unknown[] = [];
  const server = await serve({
    routes: [echo, broken],
    port: 0,
    host: '127.0.0.1',
    onError: (problem) => problems.push(problem),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    problems,
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function byBolt(): Promise<Host> {
  const problems: unknown[] = [];
  const receiver = new HTTPReceiver({
    signingSecret: 'not used here',
    customRoutes: asCustomRoutes([echo, broken], (problem) => problems.push(problem)),
  });
  const server = await receiver.start({ port: 0, host: '127.0.0.1' });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    problems,
    async [Symbol.asyncDispose]() {
      await receiver.stop();
    },
  };
}

test.for(hosts)('%s hands over names, query, headers and the raw body', async ([, start]) => {
  await using host = await start();
  const response = await fetch(`${host.url}/echo/a%2Fb%20c?q=1%2B1`, {
    method: 'POST',
    headers: { 'x-word': 'tree' },
    body: Buffer.from([0, 255, 10]),
  });
  expect(await response.text()).toBe('a/b c|1+1|tree|00ff0a\n');
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test.for(hosts)('an error behind %s is reported to us and not to the caller', async ([, start]) => {
  await using host = await start();
  const response = await fetch(`${host.url}/broken`);
  expect(response.status).toBe(500);
  expect(await response.text()).toBe('Something is wrong on our side.\n');
  expect(host.problems).toHaveLength(1);
});

test.for(hosts)('%s does not take more than it can use', async ([, start]) => {
  await using host = await start();
  const answer = await fetch(`${host.url}/echo/big`, { method: 'POST', body: 'x'.repeat(300_000) });
  expect(answer.status).toBe(413);
});

test('what is not there is not found, and the wrong method is refused', async () => {
  await using host = await byServe();
  expect((await fetch(`${host.url}/`)).status).toBe(404);
  expect((await fetch(`${host.url}/echo/a/b`, { method: 'POST' })).status).toBe(404);
  expect((await fetch(`${host.url}/echo/a`)).status).toBe(405);
});

test('a path that is no path is not found either', async () => {
  await using host = await byServe();
  const { port } = new URL(host.url);
  for (const path of ['/echo/%E0%A4%A', '//', '//evil.example/echo/a', '/%00']) {
    const status = await new Promise((answered, failed) => {
      const asking = httpRequest({ host: '127.0.0.1', port, path, method: 'POST' }, (answer) => {
        answer.resume();
        answered(answer.statusCode);
      });
      asking.on('error', failed).end();
    });
    expect(status).toBe(404);
  }
});

test('a port that is taken is an error at once', async () => {
  await using host = await byServe();
  const port = Number(new URL(host.url).port);
  const second = serve({ routes: [], port, host: '127.0.0.1', onError: () => undefined });
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
