/** A form is opened at once, because the trigger for it is short-lived; what is on it may follow. */
import { z } from 'zod';
import type { Outcome } from '../../handle.ts';
import { asksFor } from '../fields.ts';
import type { SentView } from './forms.ts';
import { noticeView } from './forms.ts';
import type { Wish } from './payloads.ts';
import { within } from './people.ts';
import type { FormOutcome, Talk } from './settling.ts';
import { commandOf, formOf, requestOf, settle, shownOf, tellOnce } from './settling.ts';
import type { Shown } from '../views/parts.ts';
import { call, Nothing } from '../web.ts';

/** After this long a person sees that something happens; the trigger of a form lives for 3 s. */
const LOOK_UP_MS = 300;
const HELP_MS = 2_000;

/** False when Slack had been given an answer already, because time was running out. */
export type Acknowledge = (answer?: Readonly<Record<string, unknown>>) => Promise<boolean>;

interface Asking {
  readonly wish: Wish;
  readonly ack: Acknowledge;
  readonly reply: (shown: Shown) => Promise<void>;
}

export async function answer(talk: Talk, asking: Asking): Promise<void> {
  const { wish, ack, reply } = asking;
  const settled = settle(talk, wish);
  const outcome = asksForForm(talk, wish) ? await within(settled, LOOK_UP_MS) : await settled;
  if (outcome === null) {
    await lookUp(talk, asking, settled);
    return;
  }
  if (outcome.kind !== 'form') {
    await reply(await shownOf(talk, wish, outcome));
    return;
  }
  await ack();
  await openForm(talk, wish, outcome);
}

/** Something is missing that a form insists on, so a form comes: it may be opened before it is known what is on it. */
function asksForForm(talk: Talk, { verb, words, input, trigger }: Wish): boolean {
  const command = commandOf(talk, verb);
  if (command?.form === undefined || trigger === undefined) return false;
  return (words ?? []).length === 0 && asksFor(command.input, input ?? {});
}

const Opened = z.object({ view: z.object({ id: z.string() }) });

/** The trigger is used at once; what the form holds follows. */
async function lookUp(talk: Talk, asking: Asking, settled: Promise<Outcome>): Promise<void> {
  const { wish, ack } = asking;
  await ack();
  const title = commandOf(talk, wish.verb)?.form?.title ?? wish.verb;
  const args = { trigger_id: wish.trigger, view: noticeView(title, 'Looking it up…') };
  const opened = await call(talk.web, 'views.open', { args, shape: Opened });
  const outcome = await settled;
  const shown = await shownOf(talk, wish, outcome);
  if (opened.state === 'done') {
    const form = outcome.kind === 'form' ? formOf(talk, wish, outcome) : null;
    const view = form ?? { ...noticeView(title, ''), blocks: shown.blocks };
    const update = { view_id: opened.value.view.id, view };
    const updated = await call(talk.web, 'views.update', { args: update, shape: Nothing });
    if (updated.state === 'done') return;
  }
  await tellOnce(talk, wish, shown);
}

async function openForm(talk: Talk, wish: Wish, outcome: FormOutcome): Promise<void> {
  const view = formOf(talk, wish, outcome);
  if (view !== null && wish.trigger !== undefined) {
    const args = { trigger_id: wish.trigger, view };
    const opened = await call(talk.web, 'views.open', { args, shape: Opened });
    if (opened.state === 'done') return;
    if (opened.state === 'refused') {
      const { error, details } = opened;
      talk.log.warn({ verb: wish.verb, error, details }, 'a form could not be opened');
    }
  }
  await tellOnce(talk, wish, await shownOf(talk, wish, outcome));
}

/** Something was chosen that other fields may depend on: the form is drawn again around it. */
export async function refresh(talk: Talk, view: SentView, wish: Wish | null): Promise<void> {
  const command = wish === null ? undefined : commandOf(talk, wish.verb);
  if (wish === null || command === undefined) return;
  const person = await talk.peopleOfSlack.person(wish.speaker, { fresh: false });
  const asked = talk.prepare(requestOf(wish, person)).catch(() => null);
  const help = await within(asked, HELP_MS);
  if (help === null) return;
  const outcome = { kind: 'form', verb: wish.verb, help, carried: wish.input ?? {} } as const;
  const again = formOf(talk, wish, { ...outcome, incident: wish.incident ?? null });
  if (again === null) return;
  const hash = view.hash === undefined ? {} : { hash: view.hash };
  const args = { view_id: view.id, ...hash, view: again };
  await call(talk.web, 'views.update', { args, shape: Nothing });
}
