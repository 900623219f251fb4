/** What the people of a story do, in few words. */
import { textAt } from '../../../sandbox/slack/json.ts';
import { wordsOfBlocks } from '../../../sandbox/slack/transcript.ts';
import type { ClickOptions } from '../../../sandbox/slack/people/acting.ts';
import { everythingToUse } from '../../../sandbox/slack/people/finding.ts';
import type { FormValues } from '../../../sandbox/slack/people/forms.ts';
import type { SeenCommand, Submitted } from '../../../sandbox/slack/people/seen.ts';
import type { StandInSlack } from '../../../sandbox/slack/slack.ts';
import type { Ephemeral, Message, View } from '../../../sandbox/slack/state.ts';
import type { Account } from './workspace.ts';
import { accountId, TALK } from './workspace.ts';

export interface Actor {
  readonly id: string;
  /** `/rollback status`, typed where the incident is, else where people talk. */
  readonly types: (text: string, channel?: string) => Promise<SeenCommand>;
  /** The newest button of this name where the incident is. */
  readonly presses: (action: string, options?: ClickOptions) => Promise<void>;
  /** In a message as it was: an old client still shows it. */
  readonly pressesOld: (message: Message, action: string) => Promise<void>;
  /** In a message that only this person sees. */
  readonly pressesInAnswer: (action: string) => Promise<void>;
  /** Fills in the form that is open, or about to open, and sends it; what is not given stays as it was preset. */
  readonly answers: (values?: FormValues) => Promise<Submitted>;
  /** The form that is open, or about to open. */
  readonly form: () => Promise<View>;
  /** The words of the next private answer that fits, whether it is there or about to come. */
  readonly reads: (what: RegExp) => Promise<string>;
  readonly writes: (
    text: string,
    at?: { readonly channel?: string; readonly thread?: string },
  ) => Message;
}

interface Place {
  readonly slack: StandInSlack;
  /** Where the incident lives: its own channel, or where it was said. */
  readonly where: () => string;
  readonly patienceMs: number;
}

export function wordsOf(message: Pick<Message | Ephemeral, 'text' | 'blocks'>): string {
  const { text, blocks = [] } = message;
  return blocks.length > 0 ? wordsOfBlocks(blocks) : text;
}

/** Names of everything that can be pressed in a message. */
export function buttonsOf({ blocks = [] }: Pick<Message, 'blocks'>): readonly string[] {
  return everythingToUse(blocks).map(({ element }) => textAt(element, 'action_id') ?? '');
}

export function actor(place: Place, name: Account): Actor {
  const { slack, where, patienceMs } = place;
  const id = accountId(name);
  const client = slack.as(id);
  const read = new Set<string>();
  const until = <Found>(what: string, look: () => Found | null | undefined): Promise<Found> =>
    slack.until(look, { what: `${name}: ${what}`, timeoutMs: patienceMs });

  const form = (): Promise<View> =>
    until('a form', () => {
      const view = slack.view(id);
      return view === null || view.submit === null ? null : view;
    });

  return {
    id,
    form,
    types: (text, channel) => {
      const [command = '', ...words] = text.split(' ');
      return client.command(
        channel ?? placeOf(slack, { id, where: where() }),
        command,
        words.join(' '),
      );
    },
    presses: async (action, options) => {
      const { channel, ts } = await until(`the button ${action}`, () =>
        newestWith(slack, where(), action),
      );
      await client.click(channel, ts, action, options);
    },
    pressesOld: async (message, action) => {
      await client.click(where(), message.ts, action, { stale: message });
    },
    pressesInAnswer: async (action) => {
      const shown = await until(`the button ${action} in an answer`, () =>
        slack
          .ephemerals(id)
          .findLast((one) => buttonsOf({ blocks: one.blocks ?? [] }).includes(action)),
      );
      await client.clickEphemeral(shown.channel, shown.ts, action);
    },
    answers: async (values = {}) => client.submit((await form()).id, values),
    reads: async (what) => {
      const shown = await until(`an answer like ${String(what)}`, () =>
        slack.ephemerals(id).find((one) => !read.has(one.ts) && what.test(wordsOf(one))),
      );
      read.add(shown.ts);
      return wordsOf(shown);
    },
    writes: (text, { channel, thread } = {}) =>
      client.say(
        channel ?? placeOf(slack, { id, where: where() }),
        text,
        thread === undefined ? {} : { threadTs: thread },
      ),
  };
}

/** Where this person can type: in the incident's channel, if they are in it. */
function placeOf(
  slack: StandInSlack,
  { id, where }: { readonly id: string; readonly where: string },
): string {
  const channel = slack.channels().find((one) => one.id === where);
  return channel?.members.includes(id) === true && !channel.isArchived ? where : TALK;
}

function newestWith(
  slack: StandInSlack,
  channel: string,
  action: string,
): { readonly channel: string; readonly ts: string } | null {
  const message = slack.messages(channel).findLast((one) => buttonsOf(one).includes(action));
  return message === undefined ? null : { channel, ts: message.ts };
}
