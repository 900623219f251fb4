import { createServer, type IncomingMessage, type Server } from 'node:http';
import { z } from 'zod';

const BODY_BYTES_MAX = 64 * 1024;

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawBody: Buffer;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** A small JSON server. What goes wrong in `answer` is a 500 that says why, as the world's services do. */
export async function listen(
  port: number,
  answer: (asked: Asked) => Promise<Answer>,
): Promise<Server> {
  const server = createServer((request, response) => {
    void read(request)
      .then((rawBody) =>
        answer({
          method: request.method ?? 'GET',
          path: new URL(request.url ?? '/', 'http://here').pathname,
          headers: request.headers,
          rawBody,
        }),
      )
      .catch((error: unknown): Answer => ({ status: 500, body: { error: messageOf(error) } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return address.port;
}

export async function close(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
    server.closeAllConnections();
  });
}

/** Fields of a JSON body; anything else is an empty object, so that a schema can say what is missing. */
export function jsonOf(asked: Asked): unknown {
  try {
    return JSON.parse(asked.rawBody.toString('utf8'));
  } catch {
    return {};
  }
}

export function bearerOf(asked: Asked): string | null {
  return /^Bearer (.+)$/.exec(asked.headers.authorization ?? '')?.[1] ?? null;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export const Problem = z.object({ error: z.string() }).partial();

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(z.instanceof(Uint8Array).parse(chunk));
    size += bytes.length;
    if (size > BODY_BYTES_MAX) throw new Error('The body is too large.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
