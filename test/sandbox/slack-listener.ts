import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SlackOptions, StandInSlack } from '../../sandbox/slack/slack.ts';
import { SCOPES, aWorkspace, call } from './slack-world.ts';

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A workspace and the plainest of apps behind it: it keeps what it hears and answers as told. */
export interface Listener {
  readonly slack: StandInSlack;
  readonly heard: Heard[];
  /** The fields of the latest slash command. */
  readonly slash: () => Readonly<Record<string, string>>;
  /** The payload of the latest interaction. */
  readonly interaction: () => unknown;
  answer: (response: ServerResponse) => void;
  readonly clock: { nowMs: number };
  readonly hangUp: () => void;
  readonly close: () => Promise<void>;
}

function fields(body: string): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(body));
}

export async function aListener(options: Partial<SlackOptions> = {}): Promise<Listener> {
  const heard: Heard[] = [];
  const clock = { nowMs: Date.now() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      listener.answer(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const hangUp = (): void => {
    server.closeAllConnections();
    server.close();
  };
  const slack = await aWorkspace({
    ackTimeoutMs: 150,
    now: () => clock.nowMs,
    app: {
      scopes: SCOPES,
      commands: ['/rollback', { command: '/escaped', shouldEscape: true }],
      botEvents: ['app_mention', 'message.channels'],
    },
    ...options,
  });
  const listener: Listener = {
    slack,
    clock,
    heard,
    slash: () => fields(heard.findLast(({ body }) => body.includes('command='))?.body ?? ''),
    interaction() {
      const last = heard.findLast(({ body }) => body.startsWith('payload='));
      const payload: unknown = JSON.parse(fields(last?.body ?? '')['payload'] ?? 'null');
      return payload;
    },
    answer: (response) => response.end(),
    hangUp,
    async close() {
      hangUp();
      await slack.close();
    },
  };
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  slack.deliverTo(`http://127.0.0.1:${port}`);
  return listener;
}

/** A message with one button, `go`. */
export async function buttonMessage(slack: StandInSlack): Promise<string> {
  const button = { type: 'button', action_id: 'go', text: { type: 'plain_text', text: 'Go' } };
  const { ts } = await call(slack, 'chat.postMessage', {
    channel: 'C0HOME',
    text: 'Go?',
    blocks: [{ type: 'actions', elements: [button] }],
  });
  return String(ts);
}
