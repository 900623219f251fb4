/** A whole rollback, from the first command to the closed channel, by people who only do what people can do. */
import { allBlocks } from '../slack/blocks/payload.ts';
import { objectAt, textAt } from '../slack/json.ts';
import type { StandInSlack } from '../slack/slack.ts';
import type { Message } from '../slack/state.ts';
import { PEOPLE } from '../world/backout-config.ts';
import { answerTo } from './answers.ts';
import type { Cues, Director } from './director.ts';
import { openDirector } from './director.ts';
import { plainText } from './plain.ts';
import { SECTIONS, sectionsIn } from './sections.ts';
import type { Stage } from './stage.ts';
import { awaitValue, StoryEnded } from './waiting.ts';
import { HOME_CHANNEL } from './workspace.ts';

const CHANNEL_TIMEOUT_MS = 60_000;
const PAGE_TIMEOUT_MS = 60_000;
const PLAN_TIMEOUT_MS = 120_000;
const RUN_TIMEOUT_MS = 180_000;
const DRAWN_TIMEOUT_MS = 120_000;
/** The sections up to this one. */
const ANSWERED_BY_APPROVING = 3;

export interface Told {
  /** The incident's own channel. */
  readonly channel: string;
}

export interface StoryOptions {
  readonly stage: Stage;
  readonly cues: Cues;
  /** Whether the channel is archived soon enough to be waited for. */
  readonly untilArchived: boolean;
}

export async function playRollback(options: StoryOptions): Promise<Told> {
  const { stage, cues } = options;
  const director = openDirector(stage.slack, cues);
  const scene = async (title: string): Promise<void> => {
    await cues.breathe();
    cues.scene(title);
  };
  await scene('People cannot log in. Anna is on call.');
  const channel = await open(stage, director);
  try {
    await rollBack(options, director, { channel, scene });
  } catch (error) {
    // What somebody at the page has decided comes first; the rest only follows from it.
    goesOn(stage.slack, channel);
    throw error;
  }
  return { channel };
}

async function rollBack(
  options: StoryOptions,
  director: Director,
  {
    channel,
    scene,
  }: { readonly channel: string; readonly scene: (title: string) => Promise<void> },
): Promise<void> {
  const { stage, cues } = options;
  await scene('The database is read and backed up, and its administrator is called.');
  await director.says('anna', channel, 'Most logins fail since release 8. I am on it.');
  await answerPage(stage, cues);
  await director.says('dora', channel, 'I am awake and here.');
  await scene('A plan is made. Two people have to approve it.');
  await approve(stage, director, channel);
  await scene('Both keys are turned: the rollback runs by itself.');
  await untilDone(stage, director, channel);
  await scene('People can log in again. What only people know is still open.');
  await answerTheRest(stage, director, channel);
  await scene('Anna closes the incident.');
  await close(options, director, channel);
}

async function open({ slack }: Stage, director: Director): Promise<string> {
  const before = slack.channels().map(({ id }) => id);
  await director.types('anna', HOME_CHANNEL, '/rollback start');
  return awaitValue({
    what: 'A channel for the incident',
    timeoutMs: CHANNEL_TIMEOUT_MS,
    look: () =>
      slack
        .channels()
        .find(({ id, members }) => !before.includes(id) && members.includes(PEOPLE.anna.slack))?.id,
  });
}

async function answerPage({ world: { pager } }: Stage, cues: Cues): Promise<void> {
  const call = await awaitValue({
    what: "The administrator's page",
    timeoutMs: PAGE_TIMEOUT_MS,
    look: () =>
      pager.calls().find(({ who, state }) => state === 'triggered' && /administrator/.test(who)),
  });
  await cues.breathe();
  cues.did('dora', 'answers the pager');
  await awaitValue({
    what: 'Somebody to take the news that the page was answered',
    timeoutMs: PAGE_TIMEOUT_MS,
    look: () => pager.acknowledge(call.id, PEOPLE.dora.name),
  });
}

async function approve({ slack }: Stage, director: Director, channel: string): Promise<void> {
  await awaitValue({
    what: 'A plan to approve',
    timeoutMs: PLAN_TIMEOUT_MS,
    look: () => goesOn(slack, channel) && director.offering(channel, 'approve'),
    unless: () => director.offering(channel, 'back-up')?.text ?? null,
  });
  await director.presses('anna', channel, 'approve');
  await director.types('dora', channel, '/rollback plan');
  await awaitValue({
    what: 'The question for the second approval',
    timeoutMs: PLAN_TIMEOUT_MS,
    look: () => goesOn(slack, channel) && director.offering(channel, 'approve'),
  });
  await director.presses('dora', channel, 'approve');
}

async function untilDone({ slack }: Stage, director: Director, channel: string): Promise<void> {
  const stuck = ['resume', 'run', 'back-up'];
  await awaitValue({
    what: 'The end of the rollback',
    timeoutMs: RUN_TIMEOUT_MS,
    look: () =>
      goesOn(slack, channel) &&
      /is rolled back.*services are back/.test(headlineIn(slack, channel)) &&
      director.offering(channel, 'close') !== undefined,
    unless: () =>
      stuck.flatMap((verb) => director.offering(channel, verb) ?? []).at(0)?.text ?? null,
  });
}

const ENDED_BY_SOMEBODY = / declined the plan|: Closed\b|aborted/;

/** Throws as soon as somebody at the page has said no or has ended the incident. */
function goesOn(slack: StandInSlack, channel: string): true {
  const headline = headlineIn(slack, channel);
  if (ENDED_BY_SOMEBODY.test(headline)) throw new StoryEnded(plainText(slack, headline));
  return true;
}

function headlineIn(slack: StandInSlack, channel: string): string {
  return cardOf(slack.messages(channel), slack.pins(channel))?.text ?? '';
}

function cardOf(messages: readonly Message[], pins: readonly string[]): Message | undefined {
  return messages.find(({ ts }) => pins.includes(ts));
}

/** Typed, because there is something to say about each of them. */
async function answerTheRest({ slack }: Stage, director: Director, channel: string): Promise<void> {
  await awaitValue({
    what: 'The whole checklist, with what the approvals have answered',
    timeoutMs: DRAWN_TIMEOUT_MS,
    look: () => {
      const sections = sectionsIn(slack, channel);
      const answered = sections.filter(({ number }) => number <= ANSWERED_BY_APPROVING);
      return sections.length === SECTIONS && answered.every(({ state }) => state === 'done');
    },
  });
  const answered: string[] = [];
  const next = (): Question | undefined =>
    slack
      .messages(channel)
      .flatMap(questionsIn)
      .find(({ item }) => !answered.includes(item));
  for (let question = next(); question !== undefined; question = next()) {
    const { item, words } = question;
    const who = answered.length % 2 === 0 ? 'anna' : 'dora';
    answered.push(item);
    await director.types(who, channel, `/rollback check ${item} done ${answerTo(words)}`);
  }
}

interface Question {
  readonly item: string;
  readonly words: string;
}

/** Items of the checklist that have a button beside them. */
function questionsIn({ blocks = [] }: Message): readonly Question[] {
  return allBlocks(blocks).flatMap((block) => {
    const action = textAt(objectAt(block, 'accessory'), 'action_id') ?? '';
    const item = /^check:(.+)$/.exec(action)?.[1];
    const words = textAt(objectAt(block, 'text'), 'text') ?? '';
    return item === undefined ? [] : [{ item, words }];
  });
}

async function close(
  { stage: { slack }, untilArchived }: StoryOptions,
  director: Director,
  channel: string,
): Promise<void> {
  await director.presses('anna', channel, 'close');
  await awaitValue({
    what: 'The post-mortem as a file in the channel',
    timeoutMs: DRAWN_TIMEOUT_MS,
    look: () => slack.messages(channel).some(({ files = [] }) => files.length > 0),
  });
  if (!untilArchived) return;
  await awaitValue({
    what: 'The end of the channel',
    timeoutMs: DRAWN_TIMEOUT_MS,
    look: () => slack.channels().find(({ id }) => id === channel)?.isArchived,
  });
}
