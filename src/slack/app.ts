/** The Slack side of the bot: one listener for each way of speaking, over HTTP or Socket Mode. */
import type { HTTPReceiverOptions } from '@slack/bolt';
import { App, HTTPReceiver, SocketModeReceiver } from '@slack/bolt';
import type { Command } from '../define-command.ts';
import type { Handle, Prepare } from '../handle.ts';
import type { PersonId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';
import { readIncident } from '../store/incidents.ts';
import { answerOf, openTelling } from './answers.ts';
import { hearForm, hearMention, hearPress, hearSlash } from './talk/conversation.ts';
import type { OnAcknowledged } from './deliveries.ts';
import { watchDeliveries } from './deliveries.ts';
import type { WhoAreWe } from './identity.ts';
import { openIdentity, WrongToken } from './identity.ts';
import { openPeople } from './talk/people.ts';
import { openWhereabouts } from './talk/whereabouts.ts';
import { openShows } from './scenes.ts';
import { keepSocket } from './socket.ts';
import type { Talk } from './talk/settling.ts';
import type { DrawnPerson } from './views/drawing.ts';
import type { WebClients } from './web.ts';
import { boltLogger, clientOptions, openWeb } from './web.ts';

export interface SlackSettings {
  readonly people: Readonly<Record<PersonId, DrawnPerson>>;
  readonly targets: readonly Target[];
  readonly port: number;
  readonly slack: {
    readonly botToken: string;
    readonly apiUrl: string;
    /** HTTP. */
    readonly signingSecret?: string | undefined;
    /** Socket Mode, which is taken when both are there. */
    readonly appToken?: string | undefined;
  };
}

export interface SlackAppOptions {
  readonly config: SlackSettings;
  readonly handle: Handle;
  readonly prepare: Prepare;
  readonly commands: readonly Command[];
  readonly store: StoreConnection;
  /** Our other pages, beside `/slack/events`. In Socket Mode nothing is served here. */
  readonly routes: NonNullable<HTTPReceiverOptions['customRoutes']>;
  readonly log: Log;
  readonly onAcknowledged: OnAcknowledged;
}

export interface SlackApp {
  readonly mode: 'http' | 'socket';
  /** For the projection, so that there is one client for each purpose. */
  readonly web: WebClients;
  readonly whoAreWe: WhoAreWe;
  /** Gives the port that is listened on; null in Socket Mode. Throws when Slack refuses a token. */
  readonly start: () => Promise<number | null>;
  /** Takes nothing new, and lets what has come in be answered. */
  readonly stop: () => Promise<void>;
}

export function openSlackApp(options: SlackAppOptions): SlackApp {
  const { config, log } = options;
  const web = openWeb(config.slack, log);
  const whoAreWe = openIdentity(web.interaction);
  const receiver = receiverOf(options);
  const app = new App({
    receiver,
    logger: boltLogger(log),
    clientOptions: clientOptions(config.slack, log),
    convoStore: false,
    authorize: async () => {
      const { botUser, bot } = await whoAreWe();
      return { botToken: config.slack.botToken, botId: bot, botUserId: botUser };
    },
  });
  const deliveries = watchDeliveries(app, options);
  const talk = talkOf(options, web, whoAreWe);
  listen(app, talk, deliveries.acknowledgeOf);
  const lifeOf = receiver instanceof SocketModeReceiver ? socketLife(receiver, log) : httpLife(app);
  return {
    mode: receiver instanceof SocketModeReceiver ? 'socket' : 'http',
    web,
    whoAreWe,
    start: async () => {
      await whoAreWe().catch((error: unknown) => {
        if (error instanceof WrongToken) throw error;
        log.warn({}, 'Slack cannot be reached yet; requests are answered as soon as it can');
      });
      return lifeOf.start();
    },
    stop: () => {
      talk.whereabouts.stop();
      return lifeOf.stop(deliveries.drain);
    },
  };
}

function receiverOf({ config, routes, log }: SlackAppOptions): HTTPReceiver | SocketModeReceiver {
  const { appToken, signingSecret, apiUrl } = config.slack;
  const logger = boltLogger(log);
  if (appToken !== undefined) {
    return new SocketModeReceiver({
      appToken,
      logger,
      autoReconnectEnabled: false,
      installerOptions: { clientOptions: clientOptions({ apiUrl }, log) },
    });
  }
  if (signingSecret === undefined) {
    throw new Error('Slack needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (Socket Mode).');
  }
  return new HTTPReceiver({ signingSecret, port: config.port, customRoutes: routes, logger });
}

function talkOf(options: SlackAppOptions, web: WebClients, whoAreWe: WhoAreWe): Talk {
  const { config, handle, prepare, commands, store, log } = options;
  const { people, targets } = config;
  const shows = openShows({ store, targets, people });
  const tell = openTelling({ web: web.interaction, log });
  return {
    handle,
    prepare,
    commands,
    web: web.interaction,
    whoAreWe,
    people,
    peopleOfSlack: openPeople({
      web: web.interaction,
      people,
      team: async () => (await whoAreWe()).team,
      now: () => performance.now(),
    }),
    shows,
    tell,
    whereabouts: openWhereabouts({
      read: async (id) => (await readIncident(store, id))?.incident ?? null,
      tell: async ({ speaker, place }, { incident, text }) => {
        await tell(speaker.user, place, answerOf(text, people, await shows('status', incident)));
      },
      log,
    }),
    log,
  };
}

type AcknowledgeOf = ReturnType<typeof watchDeliveries>['acknowledgeOf'];

function listen(app: App, talk: Talk, acknowledgeOf: AcknowledgeOf): void {
  app.command(/.*/, ({ body }) => hearSlash(talk, body, acknowledgeOf(body)));
  app.action(/.*/, ({ body }) => hearPress(talk, body, acknowledgeOf(body)));
  app.view(/.*/, ({ body }) => hearForm(talk, body, acknowledgeOf(body)));
  app.event('app_mention', ({ body }) => hearMention(talk, body, acknowledgeOf(body)));
}

interface Life {
  readonly start: () => Promise<number | null>;
  readonly stop: (drain: () => Promise<void>) => Promise<void>;
}

function httpLife(app: App): Life {
  let server: Awaited<ReturnType<App['start']>> | null = null;
  return {
    start: async () => {
      server = await app.start();
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

function socketLife(receiver: SocketModeReceiver, log: Log): Life {
  const socket = keepSocket(receiver.client, log);
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
