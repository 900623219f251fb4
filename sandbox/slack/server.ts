import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { callMethod, faultReply, noteCall } from './api/call.ts';
import { receiveUpload } from './api/files.ts';
import { answerResponseUrl } from './api/response-url.ts';
import type { DeliverySide } from './delivery/delivery.ts';
import { meetFault } from './faults.ts';
import type { Received, Reply } from './http.ts';
import { receive, send } from './http.ts';
import { pageReply, streamChanges } from './page-api.ts';
import { pageFile } from './page-files.ts';
import type * as state from './state.ts';

/** An address that the demo adds to the page's; a path ending in `/*` takes all below it. */
export interface ExtraRoute {
  readonly method: string;
  readonly path: string;
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
}

interface Served {
  readonly workspace: state.Workspace;
  readonly delivery: DeliverySide;
  readonly pageFolder: string | undefined;
  readonly extraRoutes: readonly ExtraRoute[];
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

function matches({ method, path }: ExtraRoute, request: IncomingMessage): boolean {
  const [pathname = ''] = (request.url ?? '').split('?');
  if (method !== request.method) return false;
  return path.endsWith('/*') ? pathname.startsWith(path.slice(0, -1)) : pathname === path;
}

async function answer(
  served: Served,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { workspace, pageFolder, extraRoutes } = served;
  const extra = extraRoutes.find((route) => matches(route, request));
  if (extra !== undefined) {
    await extra.handler(request, response);
    return;
  }
  if (request.method === 'GET' && request.url === '/page/events') {
    streamChanges(workspace, response);
    return;
  }
  const received = await receive(request);
  const { pathname } = received.url;
  const reply = pathname.startsWith('/page/')
    ? await pageReply(served, received)
    : await slackReply(workspace, received);
  if (reply !== undefined) {
    send(response, reply);
  } else if (pageFolder !== undefined && request.method === 'GET') {
    send(response, await pageFile(pageFolder, pathname));
  } else {
    send(response, { status: 404, body: 'not found' });
  }
}

/** The stand-in's addresses: Slack's own, the page's, and those of the demo. */
export function slackServer(served: Served): Server {
  return createServer((request, response) => {
    answer(served, request, response).catch((error: unknown) => {
      console.error(error);
      if (response.headersSent) response.end();
      else send(response, { status: 500, body: 'the stand-in itself failed' });
    });
  });
}
