/** The Slack side of the bot: one listener for each way of speaking, over HTTP or Socket Mode. */
import type { HTTPReceiverOptions } from '@slack/bolt';
import { App } from '@slack/bolt';
import type { Command } from '../define-command.ts';
import type { Handle, Prepare } from '../handle.ts';
import type { PersonId } from '../incident/names.ts';
import type { Target } from '../incident/target.ts';
import type { Log } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';
import { readIncident } from '../store/incidents.ts';
import { claimAnswer } from '../store/requests.ts';
import { answerOf } from './answers.ts';
import { hearForm, hearMention, hearPress, hearSlash } from './talk/conversation.ts';
import type { OnAcknowledged } from './deliveries.ts';
import { watchDeliveries } from './deliveries.ts';
import type { WhoAreWe } from './identity.ts';
import { openIdentity, WrongToken } from './identity.ts';
import { openPeople, within } from './talk/people.ts';
import type { Telling } from './talk/telling.ts';
import { openTelling } from './talk/telling.ts';
import { openWhereabouts } from './talk/whereabouts.ts';
import { openShows } from './scenes.ts';
import { openReceiver } from './receivers.ts';
import type { Talk } from './talk/settling.ts';
import type { DrawnPerson } from './views/drawing.ts';
import type { WebClients } from './web.ts';
import { boltLogger, clientOptions, openWeb } from './web.ts';

const CLAIM_MS = 1_000;

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
  const telling = openTelling({ web: web.interaction, log });
  const receiver = openReceiver(options);
  const app = new App({
    receiver: receiver.bolt,
    logger: boltLogger(log),
    clientOptions: clientOptions(config.slack, log),
    convoStore: false,
    authorize: async () => {
      const { botUser, bot } = await whoAreWe();
      return { botToken: config.slack.botToken, botId: bot, botUserId: botUser };
    },
  });
  const deliveries = watchDeliveries(app, options);
  const talk = talkOf(options, { web, whoAreWe, telling });
  listen(app, talk, deliveries.acknowledgeOf);
  return {
    mode: receiver.mode,
    web,
    whoAreWe,
    start: async () => {
      await whoAreWe().catch((error: unknown) => {
        if (error instanceof WrongToken) throw error;
        log.warn({}, 'Slack cannot be reached yet; requests are answered as soon as it can');
      });
      return receiver.start();
    },
    stop: async () => {
      talk.whereabouts.stop();
      await receiver.stop(deliveries.drain);
      telling.stop();
    },
  };
}

interface Voice {
  readonly web: WebClients;
  readonly whoAreWe: WhoAreWe;
  readonly telling: Telling;
}

function talkOf(options: SlackAppOptions, { web, whoAreWe, telling: { tell } }: Voice): Talk {
  const { config, handle, prepare, commands, store, log } = options;
  const { people, targets } = config;
  const shows = openShows({ store, targets, people });
  // Said twice is better than not at all, so a store that does not answer keeps nobody from answering.
  const claim: Talk['claim'] = async ({ id, speaker }) => {
    const claimed = claimAnswer(store, { request: id, person: speaker.user }).catch(() => null);
    return (await within(claimed, CLAIM_MS)) ?? true;
  };
  return {
    handle,
    prepare,
    commands,
    web: web.interaction,
    people,
    peopleOfSlack: openPeople({
      web: web.interaction,
      people,
      team: async () => (await whoAreWe()).team,
      now: () => performance.now(),
    }),
    shows,
    tell,
    claim,
    whereabouts: openWhereabouts({
      read: async (id) => (await readIncident(store, id))?.incident ?? null,
      tell: async ({ id, speaker, place }, { incident, text }) => {
        if (!(await claim({ id: `${id}:place`, speaker }))) return;
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
