import { App, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { startSlack } from '../../sandbox/slack/slack.ts';
import type { SlackOptions, StandInSlack } from '../../sandbox/slack/slack.ts';

export const SCOPES = [
  'app_mentions:read',
  'bookmarks:write',
  'channels:history',
  'channels:manage',
  'channels:join',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'groups:write',
  'im:history',
  'im:write',
  'pins:read',
  'pins:write',
  'reactions:write',
  'usergroups:read',
  'users:read',
];

export const ANNA = 'U0ANNA';
export const BEN = 'U0BEN';
const GUEST = 'U0GUEST';
export const GONE = 'U0GONE';
export const STRANGER = 'U0STRANGER';
export const BOT = 'U0BACKOUT';

/** A small workspace: five people, a home channel with the bot in it, another without. */
export async function aWorkspace(options: Partial<SlackOptions> = {}): Promise<StandInSlack> {
  return startSlack({
    team: { id: 'T0ACME', domain: 'acme' },
    users: [
      { id: ANNA, name: 'anna', realName: 'Anna Arendt' },
      { id: BEN, name: 'ben', realName: 'Ben Bell' },
      { id: GUEST, name: 'gus', realName: 'Gus Guest', kind: 'guest' },
      { id: GONE, name: 'gone', realName: 'Gone Gray', kind: 'deactivated' },
      { id: STRANGER, name: 'stran', realName: 'Stran Ger', kind: 'stranger' },
    ],
    app: {
      scopes: SCOPES,
      commands: ['/rollback'],
      botEvents: ['app_mention', 'message.channels', 'app_home_opened'],
    },
    channels: [
      { id: 'C0HOME', name: 'incidents', members: [ANNA, BEN, BOT] },
      { id: 'C0OTHER', name: 'other', members: [ANNA] },
    ],
    ...options,
  });
}

/** A call of the Web API as a form, with the bot's token unless another is given. */
export async function call(
  slack: StandInSlack,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  token: string = slack.botToken,
): Promise<Record<string, unknown>> {
  const body = new URLSearchParams();
  for (const [key, value] of Object.entries(args)) {
    if (value !== undefined)
      body.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  }
  const response = await fetch(`${slack.apiUrl}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  const answer: unknown = await response.json();
  return Object.fromEntries(Object.entries(answer ?? {}));
}

const silent = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  setLevel: () => {},
  getLevel: () => LogLevel.ERROR,
  setName: () => {},
};

/** A real Bolt app on this workspace, delivered to by HTTP. */
export async function anHttpApp(
  slack: StandInSlack,
): Promise<{ readonly app: App; readonly stop: () => Promise<void> }> {
  const app = new App({
    token: slack.botToken,
    signingSecret: slack.signingSecret,
    logger: silent,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } },
  });
  const server = await app.start(0);
  const address = 'address' in server ? server.address() : null;
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  slack.deliverTo(`http://127.0.0.1:${port}/slack/events`);
  return { app, stop: async () => void (await app.stop()) };
}

/** A real Bolt app on this workspace, over Socket Mode. */
export async function aSocketApp(
  slack: StandInSlack,
): Promise<{ readonly app: App; readonly stop: () => Promise<void> }> {
  const clientOptions = { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken: slack.appToken,
    logger: silent,
    // Also how long the client waits before it comes back.
    clientPingTimeout: 500,
    installerOptions: { clientOptions },
  });
  const app = new App({ token: slack.botToken, receiver, logger: silent, clientOptions });
  return { app, stop: async () => void (await app.stop()) };
}
