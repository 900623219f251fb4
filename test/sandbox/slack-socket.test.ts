import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from 'vitest';
import WebSocket from 'ws';
import { z } from 'zod';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import { ANNA, aSocketApp, aWorkspace, call } from './slack-world.ts';

const Envelope = z.looseObject({
  type: z.string(),
  envelope_id: z.string().optional(),
  retry_attempt: z.number().optional(),
  accepts_response_payload: z.boolean().optional(),
  reason: z.string().optional(),
});
type Envelope = z.infer<typeof Envelope>;

interface Client {
  readonly socket: WebSocket;
  readonly next: () => Promise<Envelope>;
  readonly ack: (envelope: Envelope, payload?: object) => void;
}

let slack: StandInSlack;
let open: WebSocket[];

beforeEach(async () => {
  slack = await aWorkspace({ ackTimeoutMs: 150 });
  open = [];
});

afterEach(async () => {
  for (const socket of open) socket.terminate();
  await slack.close();
});

async function address(): Promise<string> {
  const answer = await call(slack, 'apps.connections.open', {}, slack.appToken);
  return String(answer['url']);
}

async function connect(url?: string): Promise<Client> {
  const socket = new WebSocket(url ?? (await address()));
  open.push(socket);
  const arrived: Envelope[] = [];
  let wake: (() => void) | undefined;
  socket.on('message', (data: Buffer) => {
    arrived.push(Envelope.parse(JSON.parse(data.toString())));
    wake?.();
  });
  return {
    socket,
    async next() {
      for (;;) {
        const envelope = arrived.shift();
        if (envelope !== undefined) return envelope;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    ack: ({ envelope_id: id }, payload) =>
      socket.send(JSON.stringify({ envelope_id: id, ...(payload !== undefined && { payload }) })),
  };
}

test('a socket begins with hello, and its address is good for once', async () => {
  const url = await address();
  const client = await connect(url);
  expect(await client.next()).toMatchObject({ type: 'hello', num_connections: 1 });

  const again = new WebSocket(url);
  expect(String(await once(again, 'error'))).toContain('403');
});

test('each envelope goes to one connection, in turns, and the answer comes back', async () => {
  const clients = [await connect(), await connect()];
  for (const client of clients) await client.next();

  for (const client of clients) {
    const seen = slack.as(ANNA).command('C0HOME', '/rollback', 'status');
    const envelope = await client.next();
    expect(envelope).toMatchObject({
      type: 'slash_commands',
      accepts_response_payload: true,
      payload: { command: '/rollback', text: 'status', user_id: ANNA },
    });
    client.ack(envelope, { text: 'All is well.' });
    expect(await seen).toMatchObject({ saw: 'ephemeral', message: { text: 'All is well.' } });
  }
});

test('an event without an answer is sent again, a command is not', async () => {
  const client = await connect();
  await client.next();

  expect(await slack.as(ANNA).command('C0HOME', '/rollback', 'x')).toMatchObject({
    saw: 'failure',
    notice: 'operation_timeout',
  });
  await client.next();
  slack.as(ANNA).say('C0HOME', 'hello');
  expect(await client.next()).toMatchObject({ type: 'events_api', retry_attempt: 0 });
  const second = await client.next();
  expect(second).toMatchObject({ retry_attempt: 1, retry_reason: 'timeout' });
  client.ack(second);
  await slack.until(() => slack.deliveries().some(({ outcome }) => outcome === 'acked'));
});

test('an event that was on a broken connection waits for the next one', async () => {
  const client = await connect();
  await client.next();
  slack.as(ANNA).say('C0HOME', 'hello');
  await client.next();
  slack.sockets.cut();
  await slack.until(() => slack.deliveries().some(({ outcome }) => outcome === 'unreachable'));
  expect(await slack.as(ANNA).command('C0HOME', '/rollback', 'x')).toMatchObject({
    notice: 'dispatch_failed',
  });

  const next = await connect();
  await next.next();
  const again = await next.next();
  expect(again).toMatchObject({ type: 'events_api', payload: { event: { text: 'hello' } } });
  next.ack(again);
});

test('the eleventh connection is turned away', async () => {
  for (let index = 0; index < 10; index += 1) await (await connect()).next();
  expect(await (await connect()).next()).toMatchObject({
    type: 'disconnect',
    reason: 'too_many_websockets',
  });
  expect(slack.sockets.count()).toBe(10);
});

test(
  'a real Bolt app comes back after its connection was renewed',
  { timeout: 20_000 },
  async () => {
    const { app, stop } = await aSocketApp(slack);
    app.command('/rollback', async ({ ack }) => ack('here'));
    await app.start();
    slack.sockets.disconnect('refresh_requested');
    expect(slack.sockets.count()).toBe(0);
    await slack.until(() => slack.sockets.count() === 1, {
      timeoutMs: 15_000,
      what: 'a new socket',
    });

    expect(await slack.as(ANNA).command('C0HOME', '/rollback', 'x')).toMatchObject({
      saw: 'ephemeral',
      message: { text: 'here' },
    });
    await stop();
  },
);
