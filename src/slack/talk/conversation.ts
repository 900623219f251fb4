/** What people do in Slack, and how each is answered: decided and committed first, and only then acknowledged. */
import { refuse } from '../../incident/refusal.ts';
import { answerOf, sayPlainly, sayRefusal } from '../answers.ts';
import { errorsOf, noticeView } from './forms.ts';
import type { Acknowledge } from './opening.ts';
import { answer, refresh } from './opening.ts';
import type { Typed, Wish } from './payloads.ts';
import { readMention, readPress, readSlash, readSubmission, wishOfForm } from './payloads.ts';
import type { Talk } from './settling.ts';
import { formOf, settle, shownOf } from './settling.ts';
import type { Shown } from '../views/parts.ts';
import { call, Nothing } from '../web.ts';

/** A slash command: the answer travels with the acknowledgement. */
export async function hearSlash(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const typed = readSlash(body, verbsOf(talk));
  if (typed === null) {
    await ack(ephemeral(refused(talk, 'This request of Slack does not say who asks.')));
    return;
  }
  const { user } = typed.wish.speaker;
  const reply = async (shown: Shown): Promise<void> => {
    if (await ack(ephemeral(shown))) return;
    await talk.tell(user, typed.wish.place, shown);
  };
  const wish = wishOf(typed);
  if (wish === null) return reply(answerOf(sayUnknown(typed), talk.people));
  await answer(talk, { wish, ack, reply });
}

/** A button, or a choice in an open form. */
export async function hearPress(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const pressed = readPress(body);
  if (pressed === null || pressed.kind === 'nothing') {
    if (pressed === null) talk.log.warn({}, 'a press came without a team or a user');
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
      await talk.tell(wish.speaker.user, wish.place, shown);
    },
  });
}

/** A form: refused, it stays open with what was typed; taken, it closes and the answer comes beside it. */
export async function hearForm(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const sent = readSubmission(body);
  if (sent === null) {
    talk.log.warn({}, 'a form came without a team or a user');
    await ack();
    return;
  }
  const { view, wish } = sent;
  const title = view.title?.text ?? 'Rollback';
  const instead = (text: string): Promise<boolean> =>
    ack({ response_action: 'update', view: noticeView(title, text) });
  if (wish === null) {
    await instead('This form is from an older version of Backout. Please open it again.');
    return;
  }
  const outcome = await settle(talk, wish);
  if (outcome.kind === 'reply') {
    await ack({ response_action: 'clear' });
    await talk.tell(wish.speaker.user, wish.place, await shownOf(talk, wish, outcome));
    return;
  }
  if (outcome.kind === 'form') {
    const again = formOf(talk, wish, outcome);
    if (again === null) await instead('This is too much for a form. Please type it.');
    else await ack({ response_action: 'update', view: again });
    return;
  }
  const problems =
    outcome.kind === 'problems'
      ? outcome.problems
      : { [outcome.refusal.field ?? '']: sayRefusal(outcome.refusal) };
  const plainly = Object.entries(problems).map(
    ([field, problem]) => [field, sayPlainly(problem, talk.people)] as const,
  );
  const errors = errorsOf(view, Object.fromEntries(plainly));
  if (errors === null) await instead(plainly.map(([, problem]) => problem).join('\n'));
  else await ack({ response_action: 'errors', errors });
}

/** `@backout status`, also in a thread, where slash commands do not work. Answers there. */
export async function hearMention(talk: Talk, body: unknown, ack: Acknowledge): Promise<void> {
  const typed = readMention(body, verbsOf(talk));
  if (typed === null) {
    await ack();
    return;
  }
  const { place, speaker } = typed.wish;
  const wish = wishOf(typed);
  if (wish === null) {
    await ack();
    await talk.tell(speaker.user, place, answerOf(sayUnknown(typed), talk.people));
    return;
  }
  const outcome = await settle(talk, wish);
  await ack();
  const shown = await shownOf(talk, wish, outcome);
  const isForAll = outcome.kind === 'reply' && outcome.reply.show !== 'panel';
  if (!isForAll) {
    await talk.tell(speaker.user, place, shown);
    return;
  }
  const { channel, thread } = place;
  const args = { channel, thread_ts: thread, ...shown };
  const posted = await call(talk.web, 'chat.postMessage', { args, shape: Nothing });
  if (posted.state !== 'done') await talk.tell(speaker.user, place, shown);
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
