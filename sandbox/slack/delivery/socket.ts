import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import type { JsonObject } from '../json.ts';
import { decodeObject, isObject, textAt } from '../json.ts';
import type { Workspace } from '../state.ts';
import { changed } from '../workspace.ts';
import type { Ack, Carrier, Outcome, Parcel } from './parcel.ts';

const CONNECTIONS_MAX = 10;
const PING_EVERY_MS = 10_000;

const ENVELOPES = {
  slash: 'slash_commands',
  interactive: 'interactive',
  event: 'events_api',
} as const;

/** Test control over the open sockets. */
export interface Sockets {
  readonly count: () => number;
  /** Tells every connection to go, as Slack does when it renews them or Socket Mode is turned off. */
  readonly disconnect: (reason: 'warning' | 'refresh_requested' | 'link_disabled') => void;
  /** Cuts every connection without a word. */
  readonly cut: () => void;
}

interface Waiting {
  readonly socket: WebSocket;
  readonly settle: (outcome: Outcome) => void;
}

interface SocketSide {
  readonly carrier: Carrier;
  readonly sockets: Sockets;
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly close: () => void;
}

function readAck(payload: unknown): Ack {
  if (!isObject(payload) || Object.keys(payload).length === 0) return { type: 'empty' };
  return { type: 'json', value: payload };
}

function envelope(id: string, parcel: Parcel): JsonObject {
  return {
    envelope_id: id,
    type: ENVELOPES[parcel.kind],
    accepts_response_payload: parcel.kind !== 'event',
    payload: parcel.payload,
    ...(parcel.kind === 'event' && {
      retry_attempt: parcel.attempt,
      retry_reason: parcel.retryReason,
    }),
  };
}

interface Line {
  readonly workspace: Workspace;
  /** In the order of their turns. */
  open: readonly WebSocket[];
  readonly waiting: Map<string, Waiting>;
  arrivals: readonly (() => void)[];
}

function forget(line: Line, socket: WebSocket): void {
  line.open = line.open.filter((one) => one !== socket);
  for (const [id, { socket: used, settle }] of line.waiting) {
    if (used !== socket) continue;
    line.waiting.delete(id);
    settle({ kind: 'unreachable' });
  }
  changed(line.workspace);
}

function hear(line: Line, text: string): void {
  const message = decodeObject(text);
  const id = textAt(message, 'envelope_id') ?? '';
  const acked = line.waiting.get(id);
  if (acked === undefined || message === undefined) return;
  line.waiting.delete(id);
  const ack = readAck(message['payload']);
  acked.settle({ kind: 'acked', ackMs: 0, status: 200, ack });
}

function dismiss(socket: WebSocket, reason: string): void {
  socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'stand-in' } }));
}

function welcome(line: Line, socket: WebSocket): void {
  if (line.open.length >= CONNECTIONS_MAX) {
    dismiss(socket, 'too_many_websockets');
    socket.close();
    return;
  }
  line.open = [...line.open, socket];
  // Slack's clients watch for pings once they have seen one, so these go on until the end.
  const pings = setInterval(() => socket.ping(), PING_EVERY_MS);
  socket.on('message', (data: Buffer) => hear(line, data.toString()));
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    clearInterval(pings);
    forget(line, socket);
  });
  socket.send(
    JSON.stringify({
      type: 'hello',
      connection_info: { app_id: line.workspace.app.appId },
      num_connections: line.open.length,
      debug_info: { host: 'stand-in', started: new Date().toISOString(), build_number: 1 },
    }),
  );
  const { arrivals } = line;
  line.arrivals = [];
  for (const tell of arrivals) tell();
  changed(line.workspace);
}

async function carry(line: Line, parcel: Parcel, timeoutMs: number): Promise<Outcome> {
  const [socket, ...others] = line.open;
  if (socket === undefined) return { kind: 'unreachable' };
  // The next parcel goes to another connection.
  line.open = [...others, socket];
  const id = randomUUID();
  const started = performance.now();
  const outcome = await new Promise<Outcome>((resolve) => {
    const timer = setTimeout(() => {
      line.waiting.delete(id);
      resolve({ kind: 'timeout' });
    }, timeoutMs);
    const settle = (settled: Outcome): void => {
      clearTimeout(timer);
      resolve(settled);
    };
    line.waiting.set(id, { socket, settle });
    socket.send(JSON.stringify(envelope(id, parcel)));
  });
  if (outcome.kind !== 'acked') return outcome;
  return { ...outcome, ackMs: performance.now() - started };
}

function controls(line: Line): Sockets {
  return {
    count: () => line.open.length,
    disconnect(reason) {
      for (const socket of line.open) dismiss(socket, reason);
      // After a warning the connection still serves for some seconds.
      if (reason !== 'warning') line.open = [];
    },
    cut() {
      for (const socket of line.open) socket.terminate();
      line.open = [];
    },
  };
}

/** Socket Mode's side of Slack: connections, envelopes, acknowledgements. */
export function socketSide(workspace: Workspace): SocketSide {
  const server = new WebSocketServer({ noServer: true });
  const line: Line = { workspace, open: [], waiting: new Map(), arrivals: [] };
  return {
    carrier: {
      via: 'socket',
      carry: (parcel, timeoutMs) => carry(line, parcel, timeoutMs),
      reachable: () =>
        new Promise((resolve) => {
          if (line.open.length > 0) resolve();
          else line.arrivals = [...line.arrivals, resolve];
        }),
    },
    sockets: controls(line),
    upgrade(request, socket, head) {
      const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
      if (!workspace.tickets.delete(ticket)) {
        socket.end('HTTP/1.1 403 Forbidden\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => welcome(line, client));
    },
    close() {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}
