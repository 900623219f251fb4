/** Lets people act, as people do: they type, press what they see, fill in what is asked, and read the answer. */
import type { SeenCommand, Submitted } from '../slack/people/seen.ts';
import type { Person } from '../slack/people/person.ts';
import type { StandInSlack } from '../slack/slack.ts';
import type { Message, View } from '../slack/state.ts';
import { PEOPLE } from '../world/backout-config.ts';
import { fillIn, isToFill, titleOf, wordsOfView } from './form.ts';
import { buttonsIn, offering } from './offers.ts';
import { awaitValue, StoryStopped } from './waiting.ts';
import type { PersonName } from './workspace.ts';

const ANSWER_TIMEOUT_MS = 20_000;
const FORMS_MAX = 3;

/** How a story is told while it happens. */
export interface Cues {
  /** A new scene begins. */
  scene(title: string): void;
  did(who: PersonName, what: string): void;
  /** Time to read. */
  breathe(): Promise<void>;
}

export interface Director {
  types(who: PersonName, channel: string, words: string): Promise<void>;
  /** In the newest message of the channel that has such a button. */
  presses(who: PersonName, channel: string, verb: string): Promise<void>;
  says(who: PersonName, channel: string, words: string): Promise<void>;
  /** The newest message of the channel that has such a button. */
  offering(channel: string, verb: string): Message | undefined;
}

export function openDirector(slack: StandInSlack, cues: Cues): Director {
  const person = (who: PersonName): Person => slack.as(PEOPLE[who].slack);
  return {
    offering: (channel, verb) => offering(slack, channel, verb),
    async types(who, channel, words) {
      await cues.breathe();
      cues.did(who, `types ${words}`);
      const [command = '', ...rest] = words.split(' ');
      const before = seenBy(slack, who);
      const seen = await person(who).command(channel, command, rest.join(' '));
      if (seen.saw === 'failure') throw troubled(who, words, seen);
      if (seen.saw === 'nothing') await answer(who, before);
    },
    async presses(who, channel, verb) {
      await cues.breathe();
      const message = offering(slack, channel, verb);
      const [button] = message === undefined ? [] : buttonsIn(message, verb);
      if (message === undefined || button === undefined)
        throw new StoryStopped(`There is no button to ${verb}.`);
      cues.did(who, `presses [${button.label}]`);
      const before = seenBy(slack, who);
      const seen = await person(who).click(channel, message.ts, button.actionId);
      if (seen.saw === 'failure') throw troubled(who, verb, seen);
      await answer(who, before);
    },
    async says(who, channel, words) {
      await cues.breathe();
      cues.did(who, `“${words}”`);
      person(who).say(channel, words);
    },
  };

  /** Whatever comes: a form, which is filled in and sent, or words for this person alone. */
  async function answer(who: PersonName, before: SeenBy): Promise<void> {
    let known = before;
    for (let forms = 0; forms < FORMS_MAX; forms += 1) {
      const next = await somethingNew(who, known);
      if (next === 'words') return;
      if (!isToFill(next)) {
        await person(who).closeView(next.id);
        throw new StoryStopped(`${who} was told: ${wordsOfView(next)}`);
      }
      known = seenBy(slack, who);
      await fill(who, next);
    }
    throw new StoryStopped(`${who} was asked by one form after another.`);
  }

  async function fill(who: PersonName, view: View): Promise<void> {
    await cues.breathe();
    const { title, values, said } = fillIn(view);
    cues.did(who, [`fills in “${title}”`, ...said].join('\n'));
    await cues.breathe();
    const seen = await person(who).submit(view.id, values);
    if (seen.saw === 'errors' || seen.saw === 'trouble') throw troubled(who, titleOf(view), seen);
  }

  function somethingNew(who: PersonName, known: SeenBy): Promise<View | 'words'> {
    return awaitValue({
      what: `An answer for ${who}`,
      timeoutMs: ANSWER_TIMEOUT_MS,
      look: () => {
        const view = slack.view(PEOPLE[who].slack);
        if (view !== null && view.hash !== known.viewHash && isWhole(view)) return view;
        return seenBy(slack, who).answers.some((ts) => !known.answers.includes(ts))
          ? 'words'
          : null;
      },
    });
  }
}

/** A form may come before what it holds is known. */
function isWhole(view: View): boolean {
  return isToFill(view) || !wordsOfView(view).endsWith('…');
}

interface SeenBy {
  readonly viewHash: string | undefined;
  readonly answers: readonly string[];
}

function seenBy(slack: StandInSlack, who: PersonName): SeenBy {
  const { slack: id } = PEOPLE[who];
  return {
    viewHash: slack.view(id)?.hash,
    answers: slack.ephemerals(id).map(({ ts }) => ts),
  };
}

function troubled(who: PersonName, what: string, seen: SeenCommand | Submitted): StoryStopped {
  const why =
    seen.saw === 'errors'
      ? JSON.stringify(seen.errors)
      : seen.saw === 'failure' || seen.saw === 'trouble'
        ? seen.notice
        : seen.saw;
  return new StoryStopped(`${who} did not get through with “${what}”: ${why}`);
}
