/** Who wishes what is found out, decided and committed; and what came of it, as words or as a form. */
import type { KnownBlock } from '@slack/types';
import type { Command } from '../../define-command.ts';
import type { Handle, Outcome, Prepare, Request } from '../../handle.ts';
import { refuse } from '../../incident/refusal.ts';
import type { Log } from '../../log.ts';
import { describeError } from '../../log.ts';
import { answerOf, sayUsage, wordsOf } from '../answers.ts';
import { formView } from './forms.ts';
import type { Wish } from './payloads.ts';
import type { Doubt, PeopleOfSlack } from './people.ts';
import { within } from './people.ts';
import type { Tell } from './telling.ts';
import type { Whereabouts } from './whereabouts.ts';
import type { Shows } from '../scenes.ts';
import type { People } from '../views/drawing.ts';
import type { Shown } from '../views/parts.ts';
import type { Web } from '../web.ts';

const SHOW_MS = 500;
const BUTTON_VALUE_LENGTH_MAX = 2_000;

/** These verbs turn a key or use one: what an account is, is asked anew. */
const KEY_VERBS: readonly string[] = ['approve', 'run', 'abort', 'resume'];

export interface Talk {
  readonly handle: Handle;
  readonly prepare: Prepare;
  readonly commands: readonly Command[];
  readonly web: Web;
  readonly peopleOfSlack: PeopleOfSlack;
  readonly people: People;
  readonly shows: Shows;
  readonly tell: Tell;
  /** True for the first who answers this request, whichever bot that is. */
  readonly claim: (request: Pick<Wish, 'id' | 'speaker'>) => Promise<boolean>;
  readonly whereabouts: Whereabouts;
  readonly log: Log;
}

export function commandOf({ commands }: Talk, verb: string): Command | undefined {
  return commands.find((one) => one.verb === verb);
}

/** Never throws: who asks is found out, and the wish is decided and committed, or refused. */
export async function settle(talk: Talk, wish: Wish): Promise<Outcome> {
  try {
    const fresh = KEY_VERBS.includes(wish.verb);
    const person = await talk.peopleOfSlack.person(wish.speaker, { fresh });
    const { doubt, ...speaker } = person;
    if (speaker.standing === 'foreign') return doubted(notOurs(doubt), { wish, doubt });
    const outcome = doubted(await talk.handle(requestOf(wish, speaker)), { wish, doubt });
    if (wish.verb === 'start') watchPlace(talk, wish, outcome);
    return outcome;
  } catch (error) {
    const reference = `slack-${Date.now().toString(36)}`;
    talk.log.error({ reference, error: describeError(error) }, 'a request of Slack broke');
    return { kind: 'refusal', refusal: refuse('broken', { reference }), incident: null };
  }
}

/** Whoever was not shown how the incident stands is not told later either. */
function watchPlace({ whereabouts }: Talk, wish: Wish, outcome: Outcome): void {
  if (outcome.kind !== 'reply' || outcome.incident === null) return;
  if (outcome.reply.show === 'status') whereabouts.watch(outcome.incident, wish);
}

function notOurs(doubt: Doubt | undefined): Outcome {
  const standing =
    doubt === undefined
      ? 'you belong to another workspace'
      : 'Slack does not tell at this moment whether you are one';
  const refusal = refuse('not-a-member', { standing, people: 'a member' });
  return { kind: 'refusal', refusal, incident: null };
}

/** A key was turned by somebody whom nobody could look up, or was not turned because Slack will not say who it is. */
function doubted(
  outcome: Outcome,
  { wish, doubt }: { readonly wish: Wish; readonly doubt: Doubt | undefined },
): Outcome {
  if (doubt?.kind === 'unchecked' && outcome.kind === 'reply' && KEY_VERBS.includes(wish.verb)) {
    const text = `${outcome.reply.text}\nSlack did not answer what your account is at this moment: that was not checked.`;
    return { ...outcome, reply: { ...outcome.reply, text } };
  }
  if (doubt?.kind !== 'unseen' || outcome.kind !== 'refusal') return outcome;
  if (outcome.refusal.code !== 'not-a-member') return outcome;
  const { error } = doubt;
  const refusal = refuse('account-unseen', {
    error,
    fix: FIXES.get(error) ?? FIX,
    verb: wish.verb,
  });
  return { ...outcome, refusal };
}

const FIX = 'Whoever runs Backout has to look why Slack refuses `users.info`.';
const TOKEN_FIX = 'Whoever runs Backout has to set a valid `SLACK_BOT_TOKEN`.';
const FIXES: ReadonlyMap<string, string> = new Map([
  [
    'missing_scope',
    'Whoever runs Backout has to add the scope `users:read` to the Slack app and install it again.',
  ],
  ...['not_authed', 'invalid_auth', 'account_inactive', 'token_revoked', 'token_expired'].map(
    (error) => [error, TOKEN_FIX] as const,
  ),
]);

/** Slack may deliver the same request twice, also to two bots: one of them answers. */
export async function tellOnce(
  talk: Talk,
  wish: Pick<Wish, 'id' | 'speaker' | 'place'>,
  shown: Shown,
): Promise<void> {
  if (await talk.claim(wish)) await talk.tell(wish.speaker.user, wish.place, shown);
}

export function requestOf(wish: Wish, person: Request['person']): Request {
  const { id, verb, words, input, incident, place } = wish;
  return {
    id,
    person,
    verb,
    ...(words === undefined ? {} : { words }),
    ...(input === undefined ? {} : { input }),
    ...(incident === undefined ? {} : { incident }),
    ...(place.channel === undefined ? {} : { channel: place.channel }),
  };
}

export type FormOutcome = Extract<Outcome, { kind: 'form' }>;

export function formOf(talk: Talk, wish: Wish, outcome: FormOutcome): ReturnType<typeof formView> {
  const command = commandOf(talk, outcome.verb);
  if (command === undefined) return null;
  const { place } = wish;
  const incident = outcome.incident ?? wish.incident;
  return formView({
    command,
    help: outcome.help,
    people: talk.people,
    carried: {
      verb: outcome.verb,
      ...place,
      ...(incident === undefined ? {} : { incident }),
      input: { ...outcome.carried },
    },
  });
}

/** An outcome as words. For a form: how to get it, and how to do without. */
export async function shownOf(talk: Talk, wish: Wish, outcome: Outcome): Promise<Shown> {
  const command = commandOf(talk, wish.verb);
  if (outcome.kind === 'form') return insteadOfForm(talk, wish, outcome);
  const below =
    outcome.kind === 'reply' && outcome.reply.show !== undefined
      ? await within(
          talk.shows(outcome.reply.show, outcome.incident).catch(() => null),
          SHOW_MS,
        )
      : null;
  return answerOf(wordsOf(outcome, command), talk.people, below);
}

function insteadOfForm(talk: Talk, wish: Wish, outcome: FormOutcome): Shown {
  const command = commandOf(talk, outcome.verb);
  const typed = command === undefined ? '' : sayUsage(command);
  const text = `This needs a form, and none is open.\nPress the button, or type ${typed}`;
  const incident = outcome.incident ?? wish.incident;
  const value = JSON.stringify({ ...outcome.carried, ...(incident ? { incident } : {}) });
  const title = command?.form?.title ?? outcome.verb;
  const button: KnownBlock = {
    type: 'actions',
    elements: [
      {
        type: 'button',
        action_id: outcome.verb,
        text: { type: 'plain_text', text: title, emoji: false },
        value: value.length <= BUTTON_VALUE_LENGTH_MAX ? value : '{}',
      },
    ],
  };
  const words = answerOf(text, talk.people);
  return { ...words, blocks: [...words.blocks, button] };
}
