/** What people do in Slack, and how each is answered: decided and committed first, and only then acknowledged. */
import type { Outcome } from '../../handle.ts';
import { refuse } from '../../incident/refusal.ts';
import { answerOf, sayPlainly, sayRefusal } from '../answers.ts';
import type { SentView } from './forms.ts';
import { errorsOf, noticeView, sayInForm } from './forms.ts';
import type { Acknowledge } from './opening.ts';
import { answer, refresh } from './opening.ts';
import type { Typed, Wish } from './payloads.ts';
import {
  readMention,
  readPress,
  readSlash,
  readSubmission,
  returnOf,
  wishOfForm,
} from './payloads.ts';
import type { Talk } from './settling.ts';
import { formOf, settle, shownOf, tellOnce } from './settling.ts';
import type { Shown } from '../views/parts.ts';
import { call, Nothing } from '../web.ts';

/** A slash command: the answer travels with the acknowledgement. */
export async function hearSlash(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const typed = readSlash(body, verbsOf(talk));
  if (typed === null) {
    await ack(ephemeral(refused(talk, 'This request of Slack does not say who asks.')));
    return;
  }
  const reply = async (shown: Shown): Promise<void> => {
    if (await ack(ephemeral(shown))) return;
    await tellOnce(talk, typed.wish, shown);
  };
  const wish = wishOf(typed);
  if (wish === null) return reply(answerOf(sayUnknown(typed), talk.people));
  await answer(talk, { wish, ack, reply });
}

/** A button, or a choice in an open form. */
export async function hearPress(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const pressed = readPress(body);
  if (pressed === null) {
    await ack();
    await tellUnread(talk, body);
    return;
  }
  if (pressed.kind === 'nothing') {
    await ack();
    return;
  }
  if (pressed.kind === 'choice') {
    await ack();
    await refresh(talk, pressed.view, wishOfForm(pressed.view, pressed.speaker));
    return;
  }
  const { wish } = pressed;
  await answer(talk, {
    wish,
    ack,
    reply: async (shown) => {
      await ack();
      await tellOnce(talk, wish, shown);
    },
  });
}

const UNREAD = 'It came from Slack in a shape that Backout cannot read, so nothing was done.';
const TYPE_IT = 'Type it: `/rollback help` lists the words.';

async function tellUnread(talk: Talk, body: unknown): Promise<void> {
  talk.log.warn({}, 'a press of Slack cannot be read');
  const back = returnOf(body);
  if (back === null) return;
  await talk.tell(back.user, back.place, answerOf(`${UNREAD}\n${TYPE_IT}`, talk.people));
}

/** A form: refused, it stays open with what was typed; taken, it closes and the answer comes beside it. */
export async function hearForm(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const sent = readSubmission(body);
  if (sent === null) {
    talk.log.warn({}, 'a form of Slack cannot be read');
    await ack(sayInForm(body, `${UNREAD}\n${TYPE_IT}`));
    return;
  }
  const { view, wish } = sent;
  if (wish === null) {
    const text = 'This form is from an older version of Backout. Please open it again.';
    await ack(inPlaceOf(view, text));
    return;
  }
  const outcome = await settle(talk, wish);
  const isHeard = await ack(afterForm(talk, view, { wish, outcome }));
  if (outcome.kind !== 'reply' && isHeard) return;
  const shown = await shownOf(talk, wish, outcome);
  if (outcome.kind === 'reply') await tellOnce(talk, wish, shown);
  // Slack was told already that nothing is known yet; the form may be sent again, and answered again.
  else await talk.tell(wish.speaker.user, wish.place, shown);
}

type Answer = Readonly<Record<string, unknown>>;

function inPlaceOf(view: SentView, text: string): Answer {
  return { response_action: 'update', view: noticeView(view.title?.text ?? 'Rollback', text) };
}

/** What becomes of the form itself. */
function afterForm(
  talk: Talk,
  view: SentView,
  { wish, outcome }: { readonly wish: Wish; readonly outcome: Outcome },
): Answer {
  if (outcome.kind === 'reply') return { response_action: 'clear' };
  if (outcome.kind === 'form') {
    const again = formOf(talk, wish, outcome);
    return again === null
      ? inPlaceOf(view, 'This is too much for a form. Please type it.')
      : { response_action: 'update', view: again };
  }
  const problems =
    outcome.kind === 'problems'
      ? outcome.problems
      : { [outcome.refusal.field ?? '']: sayRefusal(outcome.refusal) };
  const plainly = Object.entries(problems).map(
    ([field, problem]) => [field, sayPlainly(problem, talk.people)] as const,
  );
  const errors = errorsOf(view, Object.fromEntries(plainly));
  return errors === null
    ? inPlaceOf(view, plainly.map(([, problem]) => problem).join('\n'))
    : { response_action: 'errors', errors };
}

/** `@backout status`, also in a thread, where slash commands do not work. Answers there. */
export async function hearMention(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const typed = readMention(body, verbsOf(talk));
  if (typed === null) {
    await ack();
    return;
  }
  const wish = wishOf(typed);
  if (wish === null) {
    await ack();
    await tellOnce(talk, typed.wish, answerOf(sayUnknown(typed), talk.people));
    return;
  }
  const { place, speaker } = wish;
  const outcome = await settle(talk, wish);
  await ack();
  const shown = await shownOf(talk, wish, outcome);
  // What is not confirmed is no answer yet: a repeat may bring it.
  if (outcome.kind !== 'unconfirmed' && !(await talk.claim(wish))) return;
  const isForAll =
    outcome.kind === 'reply' && outcome.reply.show !== 'panel' && outcome.reply.isPrivate !== true;
  if (isForAll) {
    const args = { channel: place.channel, thread_ts: typed.under, ...shown };
    const posted = await call(talk.web, 'chat.postMessage', { args, shape: Nothing });
    if (posted.state === 'done') return;
  }
  await talk.tell(speaker.user, place, shown);
}

function verbsOf({ commands }: Talk): readonly string[] {
  return commands.map((one) => one.verb);
}

/** Null when there is no such verb. */
function wishOf({ wish, said }: Typed): Wish | null {
  if (said.kind === 'unknown') return null;
  if (said.kind === 'bare') return { ...wish, verb: 'panel' };
  return { ...wish, verb: said.verb, words: said.words };
}

function sayUnknown({ said }: Typed): string {
  return said.kind === 'unknown'
    ? sayRefusal(refuse('unknown-verb', { said: said.said, nearest: said.nearest }))
    : '';
}

function refused(talk: Talk, text: string): Shown {
  return answerOf(text, talk.people);
}

function ephemeral(shown: Shown): Readonly<Record<string, unknown>> {
  return { response_type: 'ephemeral', ...shown };
}
