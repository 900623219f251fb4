/** Where deliveries of Slack come in, over HTTP or a socket, and what looks at them before Bolt does. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import type { HTTPReceiverOptions } from '@slack/bolt';
import { readBody } from '../http.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import { keepSocket } from './socket.ts';
import { decoded } from './talk/forms.ts';
import { boltLogger, clientOptions } from './web.ts';

const PATH = '/slack/events';
const FORM = 'application/x-www-form-urlencoded';
const BODY_BYTES_MAX = 4 * 1_024 * 1_024;

export interface Receiving {
  readonly config: {
    readonly port: number;
    readonly slack: {
      readonly apiUrl: string;
      readonly signingSecret?: string | undefined;
      readonly appToken?: string | undefined;
    };
  };
  readonly routes: NonNullable<HTTPReceiverOptions['customRoutes']>;
  readonly log: Log;
}

export interface Receiver {
  readonly mode: 'http' | 'socket';
  readonly bolt: HTTPReceiver | SocketModeReceiver;
  /** Gives the port that is listened on; null in Socket Mode. */
  readonly start: () => Promise<number | null>;
  /** Takes nothing new while what has come in is answered. */
  readonly stop: (drain: () => Promise<void>) => Promise<void>;
}

export function openReceiver({ config, routes, log }: Receiving): Receiver {
  const { appToken, signingSecret, apiUrl } = config.slack;
  const logger = boltLogger(log);
  if (appToken !== undefined) {
    const bolt = new SocketModeReceiver({
      appToken,
      logger,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: clientOptions({ apiUrl }, log) },
    });
    return { mode: 'socket', bolt, ...socketLife(bolt, log) };
  }
  if (signingSecret === undefined) {
    throw new Error('Slack needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).');
  }
  const bolt = new HTTPReceiver({
    signingSecret,
    endpoints: [PATH],
    customRoutes: routes,
    logger,
  });
  lookFirst(bolt, log);
  return { mode: 'http', bolt, ...httpLife(bolt, config.port) };
}

type Life = Pick<Receiver, 'start' | 'stop'>;

function httpLife(bolt: HTTPReceiver, port: number): Life {
  let server: Server | null = null;
  return {
    start: async () => {
      server = await bolt.start(port);
      const address = server.address();
      return address === null || typeof address === 'string' ? null : address.port;
    },
    stop: async (drain) => {
      const closed = new Promise<void>((resolve) => {
        if (server === null) resolve();
        else server.close(() => resolve());
      });
      await drain();
      // Those that were in use when it closed would stay open for a while.
      server?.closeIdleConnections();
      await closed;
    },
  };
}

function socketLife(bolt: SocketModeReceiver, log: Log): Life {
  const socket = keepSocket(bolt.client, log);
  return {
    start: async () => {
      await socket.open();
      return null;
    },
    // What is being answered still needs the socket.
    stop: async (drain) => {
      await drain();
      await socket.close();
    },
  };
}

/**
 * Bolt (5.1) compares the content type letter by letter, and a body that is no object ends the whole process by a
 * rejection that nobody handles.
 */
function lookFirst(bolt: HTTPReceiver, log: Log): void {
  const listen = bolt.requestListener;
  bolt.requestListener = (request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== PATH) {
      listen(request, response);
      return;
    }
    admit(request, response)
      .then((isAdmitted) => (isAdmitted ? listen(request, response) : undefined))
      .catch((error: unknown) => {
        log.warn({ error: describeError(error) }, 'a delivery of Slack broke off');
        response.destroy();
      });
  };
}

async function admit(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (type !== undefined) request.headers['content-type'] = type;
  const rawBody = await readBody(request, BODY_BYTES_MAX);
  if (rawBody === null) {
    response.writeHead(413, { connection: 'close' }).end();
    return false;
  }
  if (!isObject(rawBody.toString(), type)) {
    response.writeHead(400).end();
    return false;
  }
  // Where Bolt looks for a body that was read before; the signature is checked over it.
  Object.assign(request, { rawBody });
  return true;
}

/** A slash command has fields of its own, and no `payload`. */
function isObject(text: string, type: string | undefined): boolean {
  const payload = type === FORM ? new URLSearchParams(text).get('payload') : text;
  if (payload === null) return true;
  const value = decoded(payload);
  return typeof value === 'object' && value !== null;
}
