import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readBody } from '../http.ts';
import { answerText, type Route, type WebAnswer } from './route.ts';

/** PagerDuty's deliveries are at most this large; nothing else that we are sent comes near. */
const BODY_BYTES_MAX = 256 * 1_024;
const REQUEST_TIMEOUT_MS = 10_000;

export type OnWebError = (problem: unknown, route: Pick<Route, 'method' | 'path'>) => void;

export interface WebServer {
  readonly port: number;
  /** Lets what is being answered finish, for a short while. */
  close(): Promise<void>;
}

/** Serves the routes for a process that has no Bolt receiver: a worker, or a bot in Socket Mode. */
export async function serve(options: {
  readonly routes: readonly Route[];
  /** 0 takes a free one. */
  readonly port: number;
  readonly host?: string;
  readonly onError: OnWebError;
}): Promise<WebServer> {
  const routes = options.routes.map((route) => ({ route, match: matcher(route.path) }));
  const server = createServer((request, response) => {
    const { pathname } = urlOf(request);
    const there = routes.flatMap(({ route, match }) => {
      const params = match(pathname);
      return params === null ? [] : [{ route, params }];
    });
    const found = there.find(({ route }) => route.method === request.method);
    if (found !== undefined) {
      void respond({ ...found, request, response, onError: options.onError });
      return;
    }
    write(response, there.length === 0 ? answerText(404, 'Not found.') : answerText(405, 'No.'));
  });
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  server.headersTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen({ port: options.port, host: options.host }, () => {
      server.off('error', failed);
      listening();
    });
  });
  const address = server.address();
  return {
    port: address === null || typeof address === 'string' ? options.port : address.port,
    close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      setTimeout(() => server.closeAllConnections(), REQUEST_TIMEOUT_MS).unref();
      return closed;
    },
  };
}

type CustomRequest = IncomingMessage & { readonly params?: Readonly<Record<string, unknown>> };

/** The routes as Bolt's receivers take them: `customRoutes`. */
export function asCustomRoutes(
  routes: readonly Route[],
  onError: OnWebError,
): {
  path: string;
  method: string;
  handler(request: CustomRequest, response: ServerResponse): void;
}[] {
  return routes.map((route) => ({
    path: route.path,
    method: route.method,
    handler(request, response) {
      void respond({ route, params: texts(request.params ?? {}), request, response, onError });
    },
  }));
}

async function respond({
  route,
  params,
  request,
  response,
  onError,
}: {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly onError: OnWebError;
}): Promise<void> {
  try {
    const rawBody = await readBody(request, BODY_BYTES_MAX);
    if (rawBody === null) {
      write(response, answerText(413, 'That is too much.'), { connection: 'close' });
      return;
    }
    const query = Object.fromEntries(urlOf(request).searchParams);
    write(
      response,
      await route.handle({ params, query, headers: texts(request.headers), rawBody }),
    );
  } catch (problem) {
    onError(problem, { method: route.method, path: route.path });
    if (!response.headersSent) write(response, answerText(500, 'Something is wrong on our side.'));
  }
}

function write(
  response: ServerResponse,
  { status, headers, body }: WebAnswer,
  more: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, {
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
      ...more,
    })
    .end(body);
}

/** Only the path and the query count; a request line can hold anything, also what is no URL. */
function urlOf({ url }: IncomingMessage): URL {
  const place = (url ?? '/').replace(/^\/+/, '/');
  return URL.canParse(place, 'http://here')
    ? new URL(place, 'http://here')
    : new URL('http://here');
}

function texts(values: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      typeof value === 'string' ? [[name, value]] : [],
    ),
  );
}

/** The decoded `:names` of a path, or null when it is another path. */
function matcher(pattern: string): (path: string) => Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/');
  return (path) => {
    const given = path.split('/');
    if (given.length !== wanted.length) return null;
    const params: Record<string, string> = {};
    for (const [at, part] of wanted.entries()) {
      const value = given[at] ?? '';
      if (!part.startsWith(':')) {
        if (part !== value) return null;
        continue;
      }
      const decoded = decode(value);
      if (decoded === null || decoded === '') return null;
      params[part.slice(1)] = decoded;
    }
    return params;
  };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
