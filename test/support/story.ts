/** A whole rollback, Slack in to Slack out, on real servers and with the real tools. */
import { expect, onTestFailed } from 'vitest';
import { z } from 'zod';
import type { StandInSlack } from '../../sandbox/slack/slack.ts';
import type { Message } from '../../sandbox/slack/state.ts';
import { HOME } from './story/config.ts';
import type { Ground, GroundOptions } from './story/ground.ts';
import { layGround } from './story/ground.ts';
import type { Actor } from './story/people.ts';
import { actor, buttonsOf, wordsOf } from './story/people.ts';
import type { Processes, Where } from './story/processes.ts';
import { processesOf } from './story/processes.ts';
import type { Record as StoryRecord } from './story/record.ts';
import { openRecord, operationsInWords } from './story/record.ts';
import type { Account } from './story/workspace.ts';
import { TALK } from './story/workspace.ts';
import type { ProcessRole } from '../../src/config.ts';

const PATIENCE_MS = 30_000;
/** A whole rollback is some forty messages, of which Slack takes one a second. */
const DRAWING_AT_SLACKS_PACE_MS = 120_000;
/** What people feel. */
const ACK_MS_USUAL = 1_000;
/** Slack gives up after 3 s. */
const ACK_MS_LIMIT = 2_500;

export interface StoryOptions extends GroundOptions {
  /** What runs from the beginning; by default a bot and a worker in this process. */
  readonly processes?: readonly { readonly role: ProcessRole; readonly where?: Where }[];
  /** As fast as Slack allows, where that is what is told; else much quicker. */
  readonly pace?: 'slack';
  /** Where something is told during which nobody could acknowledge. */
  readonly acks?: 'not-measured';
}

export interface Story
  extends AsyncDisposable, Omit<Ground, 'store'>, Readonly<Record<Account, Actor>> {
  readonly record: StoryRecord;
  readonly processes: Processes;
  /** Where the incident lives: its own channel, or where it was said. */
  readonly where: () => string;
  /** The incident's own channel, once it is there. */
  readonly channel: () => Promise<string>;
  /** Until the card says it; gives the card's words. */
  readonly cardSays: (words: RegExp) => Promise<string>;
  /** The names of the card's buttons. */
  readonly cardButtons: () => readonly string[];
  /** Everything that is said where the incident lives, with the threads, a text for each message. */
  readonly said: () => readonly string[];
  /** Until a message says it; gives that message. */
  readonly hears: (words: RegExp) => Promise<Message>;
  /** The first thing that Slack shows and the predicate gives. */
  readonly until: <Found>(
    what: string,
    predicate: () => Found | false | null | undefined,
  ) => Promise<Found>;
  /** Until everything that the store knows is drawn. */
  readonly isDrawn: () => Promise<void>;
  /** Messages of ours that are there more than once; there is to be none. */
  readonly twice: () => readonly string[];
}

export async function aStory(options: StoryOptions = {}): Promise<Story> {
  const stack = new AsyncDisposableStack();
  try {
    return await tellOn(stack, options);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

async function tellOn(stack: AsyncDisposableStack, options: StoryOptions): Promise<Story> {
  const { store, ...ground } = await layGround(stack, options);
  const { slack } = ground;
  const tell = async (): Promise<string> => {
    const operations = await record.incident().then(operationsInWords, () => 'No incident.');
    return `${slack.transcript()}\n${operations}`;
  };
  const record = await openRecord(store.store, {
    patienceMs: PATIENCE_MS,
    drawingMs: options.pace === 'slack' ? DRAWING_AT_SLACKS_PACE_MS : PATIENCE_MS,
    tell,
  });
  stack.defer(() => record.stop());
  const processes = await processesOf(stack, {
    environment: ground.environment,
    slack,
    mode: options.mode ?? 'http',
    isQuick: options.pace !== 'slack',
  });

  let words = 'It failed before it began.';
  onTestFailed(() => {
    process.stderr.write(`${words}\n`);
  });
  stack.defer(async () => {
    words = await tell();
  });
  for (const { role, where } of options.processes ?? [{ role: 'all' }]) {
    await processes.start(role, where);
  }
  const scene = sceneOf(ground, record);
  return {
    ...ground,
    ...scene,
    ...castOf(ground, scene),
    record,
    processes,
    async [Symbol.asyncDispose]() {
      await stack.disposeAsync();
      if (options.acks !== 'not-measured') everythingWasAcknowledged(ground);
    },
  };
}

type Scene = Pick<
  Story,
  | 'where'
  | 'channel'
  | 'cardSays'
  | 'cardButtons'
  | 'said'
  | 'hears'
  | 'until'
  | 'isDrawn'
  | 'twice'
>;

function sceneOf({ slack }: Pick<Ground, 'slack'>, record: StoryRecord): Scene {
  const where = (): string => {
    const own = slack
      .channels()
      .findLast((one) => /^inc-\d/.test(one.name) && one.members.includes('U0BACKOUT'));
    return own?.id ?? TALK;
  };
  const until: Story['until'] = (what, predicate) =>
    slack.until(predicate, { what, timeoutMs: PATIENCE_MS });
  const card = (): Message | undefined =>
    slack.messages(where()).findLast((one) => /^INC-\d+ · /.test(wordsOf(one)));
  const messages = (): readonly Message[] =>
    slack
      .messages(where())
      .flatMap((one) => [
        one,
        ...slack.thread(where(), one.ts).filter((reply) => reply.ts !== one.ts),
      ]);
  return {
    where,
    until,
    said: () => messages().map(wordsOf),
    cardButtons: () => {
      const message = card();
      return message === undefined ? [] : buttonsOf(message);
    },
    channel: () =>
      record.until('a channel', ({ channel }) => (channel.state === 'open' ? channel.id : null)),
    cardSays: (words) =>
      until(`the card to say ${String(words)}`, () => {
        const message = card();
        const said = message === undefined ? '' : wordsOf(message);
        return words.test(said) ? said : null;
      }),
    hears: (words) =>
      until(`somebody to say ${String(words)}`, () =>
        messages().find((one) => words.test(wordsOf(one))),
      ),
    isDrawn: () => record.isDrawn(),
    twice: () => {
      const keys = [where(), HOME].flatMap((channel) => keysIn(slack, channel));
      return keys.filter((key, at) => keys.indexOf(key) !== at);
    },
  };
}

const Metadata = z.object({ event_payload: z.object({ incident: z.string(), key: z.string() }) });

/** What each of our messages shows, as they carry it unseen. */
function keysIn(slack: StandInSlack, channel: string): readonly string[] {
  return slack
    .messages(channel)
    .flatMap((one) => [one, ...slack.thread(channel, one.ts).filter(({ ts }) => ts !== one.ts)])
    .flatMap(({ metadata }) => {
      const shown = Metadata.safeParse(metadata).data?.event_payload;
      return shown === undefined ? [] : [`${channel} ${shown.incident} ${shown.key}`];
    });
}

function castOf({ slack }: Pick<Ground, 'slack'>, { where }: Scene): Record<Account, Actor> {
  const play = (name: Account): Actor => actor({ slack, where, patienceMs: PATIENCE_MS }, name);
  return {
    anna: play('anna'),
    ben: play('ben'),
    dora: play('dora'),
    dora2: play('dora2'),
    dev: play('dev'),
    pat: play('pat'),
    max: play('max'),
    gus: play('gus'),
    zoe: play('zoe'),
    rob: play('rob'),
  };
}

/** One may have met a machine that was busy with something else. */
function everythingWasAcknowledged({ slack }: Pick<Ground, 'slack'>): void {
  const said = slack
    .deliveries()
    .map(({ kind, type, outcome, ackMs }) => ({ kind, type, outcome, ackMs: ackMs ?? Infinity }));
  const lost = said.filter(({ outcome, ackMs }) => outcome !== 'acked' || ackMs > ACK_MS_LIMIT);
  expect(lost, 'everything is acknowledged long before Slack gives up').toEqual([]);
  const late = said.filter(({ ackMs }) => ackMs > ACK_MS_USUAL);
  expect(late.slice(1), 'everything is acknowledged within a second').toEqual([]);
}
