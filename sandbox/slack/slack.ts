import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { callMethod, faultReply, noteCall } from './api/call.ts';
import { receiveUpload } from './api/files.ts';
import { answerResponseUrl } from './api/response-url.ts';
import { deliverySide } from './delivery/delivery.ts';
import type { DeliverySide } from './delivery/delivery.ts';
import { socketSide } from './delivery/socket.ts';
import type { Sockets } from './delivery/socket.ts';
import { faultsOf, meetFault } from './faults.ts';
import type { Faults } from './faults.ts';
import type { Received, Reply } from './http.ts';
import { receive, send } from './http.ts';
import { channelMessages, threadMessages, versionsOf } from './messages.ts';
import { person } from './people/person.ts';
import type { Person } from './people/person.ts';
import type * as state from './state.ts';
import { transcript } from './transcript.ts';
import type { UntilOptions } from './until.ts';
import { until } from './until.ts';
import { stackOf } from './views.ts';
import type { WorkspaceOptions } from './workspace.ts';
import { changed, newWorkspace } from './workspace.ts';

export interface SlackOptions extends WorkspaceOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** How long the app has to acknowledge. Default 3,000, as with Slack. */
  readonly ackTimeoutMs?: number;
  /** Default: three times, at once. Slack itself: at once, after a minute, after five. */
  readonly eventRetryDelaysMs?: readonly number[];
}

/** A channel as a test or a page reads it. */
export interface ChannelSeen {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly topic: string;
  readonly purpose: string;
  readonly members: readonly string[];
  readonly pinned: readonly string[];
}

/** A Slack workspace on this machine that refuses what Slack refuses. */
export interface StandInSlack {
  readonly url: string;
  readonly apiUrl: string;
  readonly app: state.SlackApp;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** Where slash commands, interactions and events go, unless the app opens a socket. */
  readonly deliverTo: (url: string) => void;
  readonly as: (userId: string) => Person;
  readonly setUserKind: (userId: string, kind: state.UserKind) => void;
  readonly channels: () => readonly ChannelSeen[];
  /** The channel's messages, oldest first, without the replies in threads. */
  readonly messages: (channelId: string) => readonly state.Message[];
  readonly thread: (channelId: string, ts: string) => readonly state.Message[];
  /** Every form that a message has had, oldest first: for clicks of old clients. */
  readonly versions: (channelId: string, ts: string) => readonly state.Message[];
  readonly ephemerals: (userId: string) => readonly state.Ephemeral[];
  readonly view: (userId: string) => state.View | null;
  readonly home: (userId: string) => state.View | null;
  readonly pins: (channelId: string) => readonly string[];
  readonly bookmarks: (channelId: string) => state.Channel['bookmarks'];
  readonly files: () => readonly (state.SlackFile & { readonly content: Buffer })[];
  readonly calls: () => readonly state.ApiCall[];
  readonly deliveries: () => readonly state.Delivery[];
  readonly slashNotices: (userId: string) => readonly state.SlashNotice[];
  readonly transcript: () => string;
  readonly until: <T>(
    predicate: () => T | undefined | null | false,
    options?: UntilOptions,
  ) => Promise<T>;
  readonly faults: Faults;
  readonly sockets: Sockets;
  readonly close: () => Promise<void>;
}

export function channelSeen(channel: state.Channel): ChannelSeen {
  return {
    id: channel.id,
    name: channel.name,
    isPrivate: channel.kind !== 'public',
    isArchived: channel.isArchived,
    topic: channel.topic.value,
    purpose: channel.purpose.value,
    members: channel.members,
    pinned: channel.pins.map(({ ts }) => ts),
  };
}

async function uploadedBytes(received: Received): Promise<Buffer> {
  const type = received.headers['content-type'] ?? '';
  if (!type.startsWith('multipart/form-data')) return received.body;
  const body = new Uint8Array(received.body);
  const form = await new Response(body, { headers: { 'content-type': type } }).formData();
  for (const [, value] of form) {
    if (typeof value !== 'string') return Buffer.from(await value.arrayBuffer());
  }
  return Buffer.alloc(0);
}

async function upload(
  workspace: state.Workspace,
  ticket: string,
  received: Received,
): Promise<Reply> {
  const fault = meetFault(workspace, 'upload');
  const faulty = faultReply(fault);
  const content = await uploadedBytes(received);
  const taken = faulty === undefined && receiveUpload(workspace, ticket, content);
  const done: Reply = taken
    ? { status: 200, body: `OK - ${content.length}` }
    : { status: 404, body: 'no such upload' };
  const reply = faulty ?? (fault?.kind === 'lost-answer' ? 'cut' : done);
  noteCall(workspace, { method: 'upload', args: { ticket, length: content.length }, reply });
  return reply;
}

function sendFile(workspace: state.Workspace, id: string): Reply {
  const entry = workspace.files.get(id);
  if (entry === undefined) return { status: 404, body: 'no such file' };
  return { status: 200, headers: { 'content-type': entry.file.mimetype }, body: entry.content };
}

/** What Slack's own addresses answer; undefined for a path that is none of them. */
async function slackReply(
  workspace: state.Workspace,
  received: Received,
): Promise<Reply | undefined> {
  const { pathname } = received.url;
  const [, first = '', second = '', third = ''] = pathname.split('/');
  switch (first) {
    case 'api':
      return callMethod(workspace, second, received);
    case 'upload':
      return upload(workspace, third, received);
    case 'commands':
    case 'actions':
      return answerResponseUrl(workspace, pathname, received);
    case 'files':
      return sendFile(workspace, second);
    default:
      return undefined;
  }
}

function reading(
  workspace: state.Workspace,
): Pick<
  StandInSlack,
  | 'channels'
  | 'messages'
  | 'thread'
  | 'versions'
  | 'ephemerals'
  | 'view'
  | 'home'
  | 'pins'
  | 'bookmarks'
  | 'files'
  | 'calls'
  | 'deliveries'
  | 'slashNotices'
  | 'transcript'
> {
  const viewOf = (id: string | undefined): state.View | null =>
    workspace.views.get(id ?? '')?.view ?? null;
  return {
    channels: () => [...workspace.channels.values()].map(channelSeen),
    messages: (channelId) => channelMessages(workspace, channelId),
    thread: (channelId, ts) => threadMessages(workspace, channelId, ts),
    versions: (channelId, ts) => versionsOf(workspace, channelId, ts),
    ephemerals: (userId) => workspace.ephemerals.filter(({ to }) => to === userId),
    view: (userId) => viewOf(stackOf(workspace, userId).at(-1)),
    home: (userId) => viewOf(workspace.homes.get(userId)),
    pins: (channelId) => workspace.channels.get(channelId)?.pins.map(({ ts }) => ts) ?? [],
    bookmarks: (channelId) => workspace.channels.get(channelId)?.bookmarks ?? [],
    files: () => [...workspace.files.values()].map(({ file, content }) => ({ ...file, content })),
    calls: () => workspace.calls,
    deliveries: () => workspace.deliveries,
    slashNotices: (userId) => workspace.slashNotices.filter(({ user }) => user === userId),
    transcript: () => transcript(workspace),
  };
}

function setUserKind(workspace: state.Workspace, userId: string, kind: state.UserKind): void {
  const user = workspace.users.get(userId);
  if (user === undefined) throw new Error(`There is nobody called ${userId} here.`);
  workspace.users.set(userId, { ...user, kind });
  changed(workspace);
}

function standIn(
  workspace: state.Workspace,
  parts: {
    readonly delivery: DeliverySide;
    readonly sockets: Sockets;
    readonly close: () => Promise<void>;
  },
): StandInSlack {
  const { app, baseUrl } = workspace;
  const { delivery, sockets, close } = parts;
  return {
    url: baseUrl,
    apiUrl: `${baseUrl}/api/`,
    app,
    botToken: app.botToken,
    appToken: app.appToken,
    signingSecret: app.signingSecret,
    deliverTo: delivery.deliverTo,
    as: (userId) => person({ workspace, delivery, userId }),
    setUserKind: (userId, kind) => setUserKind(workspace, userId, kind),
    ...reading(workspace),
    until: (predicate, options = {}) => until(workspace, predicate, options),
    faults: faultsOf(workspace),
    sockets,
    close,
  };
}

/** Starts the stand-in on 127.0.0.1. */
export async function startSlack(options: SlackOptions): Promise<StandInSlack> {
  const workspace = newWorkspace(options);
  const socket = socketSide(workspace);
  const delivery = deliverySide(workspace, {
    ackTimeoutMs: options.ackTimeoutMs ?? 3000,
    eventRetryDelaysMs: options.eventRetryDelaysMs ?? [0, 0, 0],
    socket: socket.carrier,
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const reply = await slackReply(workspace, await receive(request));
    send(response, reply ?? { status: 404, body: 'not found' });
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      send(response, { status: 500, body: 'the stand-in itself failed' });
    });
  });
  server.on('upgrade', socket.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The stand-in has no port.');
  workspace.baseUrl = `http://127.0.0.1:${address.port}`;
  return standIn(workspace, {
    delivery,
    sockets: socket.sockets,
    async close() {
      delivery.close();
      socket.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  });
}
