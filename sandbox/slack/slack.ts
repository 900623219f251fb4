import { deliverySide } from './delivery/delivery.ts';
import type { DeliverySide } from './delivery/delivery.ts';
import { socketSide } from './delivery/socket.ts';
import type { Sockets } from './delivery/socket.ts';
import { faultsOf } from './faults.ts';
import type { Faults } from './faults.ts';
import { person } from './people/person.ts';
import type { Person } from './people/person.ts';
import type { Reading } from './reading.ts';
import { reading } from './reading.ts';
import type { ExtraRoute } from './server.ts';
import { slackServer } from './server.ts';
import type * as state from './state.ts';
import type { UntilOptions } from './until.ts';
import { until } from './until.ts';
import type { WorkspaceOptions } from './workspace.ts';
import { changed, newWorkspace } from './workspace.ts';

export interface SlackOptions extends WorkspaceOptions {
  /** Where people's browsers reach it. Default 127.0.0.1, by which the app always does. */
  readonly host?: string;
  /** Default: a free one. */
  readonly port?: number;
  /** How long the app has to acknowledge. Default 3,000, as with Slack. */
  readonly ackTimeoutMs?: number;
  /** Default: three times, at once. Slack itself: at once, after a minute, after five. */
  readonly eventRetryDelaysMs?: readonly number[];
  /** The folder of the page that shows the workspace in a browser. */
  readonly pageFolder?: string;
  readonly extraRoutes?: readonly ExtraRoute[];
}

/** A Slack workspace on this machine that refuses what Slack refuses. */
export interface StandInSlack extends Reading {
  readonly url: string;
  readonly apiUrl: string;
  readonly app: state.SlackApp;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  /** The server that gets slash commands, interactions and events, unless the app opens a socket. */
  readonly deliverTo: (url: string) => void;
  readonly as: (userId: string) => Person;
  /** Delivers what people cannot do here: something a second time, or of another shape. */
  readonly hand: DeliverySide['hand'];
  readonly setUserKind: (userId: string, kind: state.UserKind) => void;
  readonly until: <T>(
    predicate: () => T | undefined | null | false,
    options?: UntilOptions,
  ) => Promise<T>;
  readonly faults: Faults;
  readonly sockets: Sockets;
  readonly close: () => Promise<void>;
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
    hand: delivery.hand,
    as: (userId) => person({ workspace, delivery, userId }),
    setUserKind: (userId, kind) => setUserKind(workspace, userId, kind),
    ...reading(workspace),
    until: (predicate, options = {}) => until(workspace, predicate, options),
    faults: faultsOf(workspace),
    sockets,
    close,
  };
}

/** Starts the stand-in. */
export async function startSlack(options: SlackOptions): Promise<StandInSlack> {
  const workspace = newWorkspace(options);
  const socket = socketSide(workspace);
  const delivery = deliverySide(workspace, {
    ackTimeoutMs: options.ackTimeoutMs ?? 3000,
    eventRetryDelaysMs: options.eventRetryDelaysMs ?? [0, 0, 0],
    socket: socket.carrier,
  });
  const { pageFolder, extraRoutes = [] } = options;
  const server = slackServer({ workspace, delivery, pageFolder, extraRoutes });
  server.on('upgrade', socket.upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
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
