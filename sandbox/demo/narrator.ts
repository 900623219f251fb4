/** Watches the workspace, the pager and the services, and tells what is new in them. */
import type { Message } from '../slack/state.ts';
import { wordsOfBlocks } from '../slack/transcript.ts';
import { PEOPLE } from '../world/backout-config.ts';
import type { ServiceName } from '../world/services/release.ts';
import type { Cues } from './director.ts';
import { nameOf, plainText } from './plain.ts';
import { isSection, readSection } from './sections.ts';
import type { Stage } from './stage.ts';
import type { Terminal } from './terminal.ts';
import { HOME_CHANNEL } from './workspace.ts';

const LOOK_EVERY_MS = 100;
const PRIVATE_LINES_MAX = 4;
const BY_HAND = /^By hand/;
const IN_BETWEEN = /: waiting for a worker$/;
const IS_OVER = /: [✓✗]|: stopped$/;
const SERVICES: readonly ServiceName[] = ['auth-service', 'gateway-service'];

export interface Narrator {
  /** For the story: what people do is told between what comes of it, in the order in which it happens. */
  readonly cues: Pick<Cues, 'scene' | 'did'>;
  /** Tells what is new up to now, and nothing after it. */
  stop(): void;
  /** Whoever ends the demo wants to hear no more of it. */
  beSilent(): void;
}

/** Where news is found, and where it is told. */
interface Telling extends Stage {
  readonly terminal: Terminal;
  /** Each thing is told when it is new, and again when it has changed. */
  readonly tell: (key: string, text: string, how: (isNew: boolean) => void) => void;
}

export function startNarrator(stage: Stage, terminal: Terminal): Narrator {
  const told = new Map<string, string>();
  const telling: Telling = {
    ...stage,
    terminal,
    tell(key, text, how) {
      const before = told.get(key);
      if (before === text) return;
      told.set(key, text);
      how(before === undefined);
    },
  };
  // How the services were before the story is no news.
  for (const one of SERVICES) told.set(one, serviceNow(stage, one));
  told.set('maintenance', 'off');
  let isSilent = false;
  const look = (): void => {
    if (isSilent) return;
    tellServices(telling);
    tellPager(telling);
    tellChannels(telling);
    tellPrivate(telling);
  };
  const timer = setInterval(look, LOOK_EVERY_MS);
  return {
    cues: {
      scene(title) {
        look();
        if (!isSilent) terminal.scene(title);
      },
      did(who, what) {
        look();
        if (!isSilent) terminal.spoken(who, what);
      },
    },
    stop() {
      look();
      clearInterval(timer);
      isSilent = true;
    },
    beSilent() {
      clearInterval(timer);
      isSilent = true;
    },
  };
}

function serviceNow({ world: { control } }: Stage, name: ServiceName): string {
  const { state, release } = control.stateOf(name);
  return state === 'running' ? `${name} runs release ${release}` : `${name} is stopped`;
}

function tellServices(telling: Telling): void {
  const { world, terminal, tell } = telling;
  const maintenance = world.control.isInMaintenance() ? 'on' : 'off';
  tell('maintenance', maintenance, () =>
    terminal.spoken('services', `maintenance mode is ${maintenance}`),
  );
  for (const name of SERVICES) {
    const now = serviceNow(telling, name);
    tell(name, now, () => terminal.spoken('services', now));
  }
}

function tellPager({ world: { pager }, terminal, tell }: Telling): void {
  for (const { id, who, summary, state, answeredBy } of pager.calls()) {
    const by = answeredBy === null ? '' : ` by ${answeredBy}`;
    const now = state === 'triggered' ? `calls the ${who}: ${summary}` : `${who}: ${state}${by}`;
    tell(id, now, () => terminal.spoken('pager', now));
  }
}

function tellChannels(telling: Telling): void {
  const { slack, terminal, tell } = telling;
  for (const { id, name, isArchived, members } of slack.channels()) {
    if (name === '' || name === 'general') continue;
    const isHome = id === HOME_CHANNEL;
    const people = members.map(nameOf).filter((one) => one !== 'Backout');
    if (!isHome && people.length > 0) {
      tell(`${id} members`, people.join(', '), () =>
        terminal.spoken('Slack', `#${name} is there; in it: ${people.join(', ')}`),
      );
    }
    for (const message of slack.messages(id))
      tellMessage(telling, { channel: id, message, isHome });
    if (isArchived) tell(`${id} end`, '', () => terminal.spoken('Slack', `#${name} is archived`));
  }
}

function tellMessage(
  telling: Telling,
  at: { readonly channel: string; readonly message: Message; readonly isHome: boolean },
): void {
  const { slack, terminal, tell } = telling;
  const { channel, message, isHome } = at;
  const author = nameOf(message.user);
  // What people say is told by whoever lets them say it.
  if (author !== 'Backout' || message.subtype !== undefined) return;
  if (isSection(message)) {
    tellSection(telling, message);
  } else {
    const files = (message.files ?? []).map(({ name, size }) => `[file ${name}, ${size} bytes]`);
    const text = [plainText(slack, message.text), ...files].join('\n');
    tell(message.ts, text, (isNew) => {
      if (isNew || !isHome) terminal.spoken(author, text);
    });
  }
  for (const reply of slack.thread(channel, message.ts)) {
    if (reply.ts !== message.ts) tellOperation(telling, reply);
  }
}

/** Only when a section is done: its items are shown at the end. */
function tellSection({ terminal, tell }: Telling, message: Message): void {
  const section = readSection(message);
  if (section === null) return;
  const { number, title, state } = section;
  tell(message.ts, state, () => {
    if (state === 'done') terminal.spoken('checklist', `section ${number} is done: ${title}`);
  });
}

function tellOperation({ slack, terminal, tell }: Telling, reply: Message): void {
  const text = plainText(slack, reply.text);
  if (BY_HAND.test(text) || IN_BETWEEN.test(text)) return;
  tell(reply.ts, text, () => {
    terminal.spoken('  thread', IS_OVER.test(text) ? withResult(slack, reply, text) : text);
  });
}

/** What was proven, without the output of tools and without the small print. */
function withResult(slack: Stage['slack'], { blocks = [] }: Message, text: string): string {
  const sections = blocks.filter((block) => block['type'] === 'section').slice(1);
  const [words = ''] = plainText(slack, wordsOfBlocks(sections)).split('```');
  const lines = words.split('\n').filter((line) => line.trim() !== '');
  return [text, ...lines].join('\n');
}

function tellPrivate({ slack, terminal, tell }: Telling): void {
  for (const [name, { slack: id }] of Object.entries(PEOPLE)) {
    for (const { ts, text, blocks = [] } of slack.ephemerals(id)) {
      const [words = text] = plainText(slack, wordsOfBlocks(blocks)).split('```');
      const lines = words.trim().split('\n').slice(0, PRIVATE_LINES_MAX);
      tell(ts, text, () => terminal.spoken('Backout', `(for ${name} alone) ${lines.join('\n')}`));
    }
  }
}
