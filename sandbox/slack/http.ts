import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JsonObject } from './json.ts';

/** What goes back: a status with a body, or `cut` for a connection that breaks. */
export type Reply =
  | {
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body: JsonObject | string | Buffer;
    }
  | 'cut';

/** A request with its body read. */
export interface Received {
  readonly httpMethod: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  }
  return {
    httpMethod: request.method ?? 'GET',
    url: new URL(request.url ?? '/', 'http://127.0.0.1'),
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}

export function send(response: ServerResponse, reply: Reply): void {
  if (reply === 'cut') {
    response.socket?.destroy();
    return;
  }
  const { status, headers = {}, body } = reply;
  const isJson = typeof body === 'object' && !Buffer.isBuffer(body);
  const type = isJson ? 'application/json; charset=utf-8' : 'text/plain; charset=utf-8';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(isJson ? JSON.stringify(body) : body);
}

/** The form fields of a body, files left out. */
export async function formFields({ headers, body }: Received): Promise<Record<string, string>> {
  const type = headers['content-type'] ?? '';
  const form = await new Response(new Uint8Array(body), {
    headers: { 'content-type': type },
  }).formData();
  const fields: Record<string, string> = {};
  for (const [key, value] of form) {
    if (typeof value === 'string') fields[key] = value;
  }
  return fields;
}
