/**
 * The team's own command: `service.ts stop|start|status|previous|health|smoke|drop-cache <service> --control <url>`
 * and `service.ts maintenance on|off --control <url>`. `status` exits with 0 for running, 3 for stopped and
 * 4 when that cannot be found out.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';

import { loginOf } from './rows.ts';
import { messageOf, Problem } from './services/http.ts';

const ORDER_TIMEOUT_MS = 30_000;
const STOPPED = 3;
const UNKNOWN = 4;
/** Whoever this is logs in for the smoke test. */
const SMOKE_ACCOUNT = 7;
/** Lets it in while the service is in maintenance. */
const SMOKE_TEST = { 'x-smoke-test': 'yes' } as const;

const Said = z.object({ say: z.string(), state: z.enum(['running', 'stopped']).optional() });
const Words = z.union([
  z.tuple([
    z.enum(['stop', 'start', 'status', 'previous', 'health', 'smoke', 'drop-cache']),
    z.string(),
  ]),
  z.tuple([z.literal('maintenance'), z.enum(['on', 'off'])]),
]);
const Tokens = z.object({ token: z.string(), refresh_token: z.string() });

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { control: { type: 'string' } },
});
const control = values.control ?? 'http://127.0.0.1:0';
const [verb, what] = Words.parse(positionals);

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = verb === 'status' ? UNKNOWN : 1;
}

async function run(): Promise<number> {
  switch (verb) {
    case 'health':
      return health(await addressOf(what));
    case 'smoke':
      return smoke(await addressOf(what), what);
    case 'drop-cache':
      return dropCache(what);
    case 'maintenance':
    case 'stop':
    case 'start':
    case 'previous':
    case 'status': {
      const said = await order(
        verb === 'maintenance' ? `/maintenance/${what}` : `/${what}/${verb}`,
      );
      process.stdout.write(`${said.say}\n`);
      return verb === 'status' && said.state === 'stopped' ? STOPPED : 0;
    }
  }
}

async function order(path: string): Promise<z.infer<typeof Said>> {
  const answer = await ask(`${control}${path}`, { method: 'POST' }).catch((error: unknown) => {
    throw new Error(`The services' supervisor cannot be reached: ${messageOf(error)}`);
  });
  if (answer.status !== 200)
    throw new Error(Problem.parse(answer.body).error ?? `It answered ${answer.status}.`);
  return Said.parse(answer.body);
}

async function addressOf(service: string): Promise<string> {
  return (await order(`/${service}/address`)).say;
}

async function health(address: string): Promise<number> {
  const { status, body } = await ask(`${address}/health`, { method: 'GET' });
  process.stdout.write(`${status} ${JSON.stringify(body)}\n`);
  return status === 200 ? 0 : 1;
}

/** Logs in, refreshes the token and, at the gateway, reads who one is: as a browser that names no device. */
async function smoke(address: string, service: string): Promise<number> {
  const loggedIn = await asJson(`${address}/login`, loginOf(SMOKE_ACCOUNT));
  const tokens = Tokens.parse(loggedIn);
  await asJson(`${address}/refresh`, { refresh_token: tokens.refresh_token });
  if (service === 'gateway-service') {
    const me = await ask(`${address}/me`, {
      method: 'GET',
      headers: { ...SMOKE_TEST, authorization: `Bearer ${tokens.token}` },
    });
    if (me.status !== 200)
      throw new Error(`GET /me answered ${me.status}: ${Problem.parse(me.body).error ?? ''}`);
  }
  process.stdout.write(`${service}: logging in and refreshing work\n`);
  return 0;
}

async function dropCache(service: string): Promise<number> {
  if ((await order(`/${service}/status`)).state === 'stopped') {
    process.stdout.write(`${service} is stopped: its cache went with it\n`);
    return 0;
  }
  const { status, body } = await ask(`${await addressOf(service)}/cache/drop`, { method: 'POST' });
  process.stdout.write(`${JSON.stringify(body)}\n`);
  return status === 200 ? 0 : 1;
}

async function asJson(url: string, body: unknown): Promise<unknown> {
  const answer = await ask(url, {
    method: 'POST',
    headers: { ...SMOKE_TEST, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status !== 200) {
    throw new Error(
      `POST ${new URL(url).pathname} answered ${answer.status}: ${Problem.parse(answer.body).error ?? ''}`,
    );
  }
  return answer.body;
}

async function ask(
  url: string,
  init: RequestInit,
): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(ORDER_TIMEOUT_MS) });
  return { status: response.status, body: await response.json() };
}
