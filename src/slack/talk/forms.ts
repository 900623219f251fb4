/** A verb's form: its fields as a modal, and a modal that was sent as the verb's input. */
import type { KnownBlock, ModalView } from '@slack/types';
import { z } from 'zod';
import type { Command, FormHelp } from '../../define-command.ts';
import { IncidentId } from '../../incident/names.ts';
import { sayPlainly } from '../answers.ts';
import type { FormField } from '../fields.ts';
import { askedFields, choicesDepend, fieldBlocks, fieldOfBlock, plain } from '../fields.ts';
import type { People } from '../views/drawing.ts';
import { lines } from '../views/parts.ts';
import { rendered } from '../views/render.ts';

const TITLE_LENGTH_MAX = 24;
const METADATA_LENGTH_MAX = 3000;

/** What a form carries along unseen: for which verb it is, about what, and where its answer goes. */
const Carried = z.object({
  verb: z.string(),
  incident: IncidentId.optional(),
  channel: z.string().optional(),
  thread: z.string().optional(),
  /** Where a private answer can go, also where the app is no member. */
  answerTo: z.string().optional(),
  input: z.record(z.string(), z.unknown()),
});
export type Carried = z.infer<typeof Carried>;

export interface FormWanted {
  readonly command: Command;
  readonly help: FormHelp;
  readonly carried: Carried;
  readonly people: People;
}

/** Null when what has been said already is too much for a form to carry. */
export function formView({ command, help, carried, people }: FormWanted): ModalView | null {
  const asked = askedFields(command.input, help);
  const tells = choicesDepend(command.input);
  const blocks = asked.flatMap((field) =>
    fieldBlocks(field, {
      verb: command.verb,
      preset: presetFor(field, carried.input[field.name]) ?? help.presets?.[field.name],
      tells,
    }),
  );
  const metadata = written({
    ...carried,
    input: { ...unseen(hiddenPresets(command, help), asked), ...unseen(carried.input, asked) },
  });
  if (metadata === null) return null;
  return {
    ...frame(command.form?.title ?? command.verb),
    callback_id: command.verb,
    private_metadata: metadata,
    submit: plain(command.form?.submit ?? 'Send', TITLE_LENGTH_MAX),
    blocks: [...introOf(help, people), ...blocks].slice(0, 100),
  };
}

function frame(title: string): Pick<ModalView, 'type' | 'title' | 'close'> {
  return {
    type: 'modal',
    title: plain(title, TITLE_LENGTH_MAX),
    close: plain('Cancel', TITLE_LENGTH_MAX),
  };
}

/** A block for each paragraph: each has the room of its own. */
function introOf({ intro = '' }: FormHelp, people: People): readonly KnownBlock[] {
  return intro.split('\n\n').flatMap((one) => lines([rendered(one, people, 'name')]));
}

/** A modal that only tells: that something is being looked up, or what came of it. */
export function noticeView(title: string, text: string): ModalView {
  return {
    ...frame(title),
    close: plain('Close', TITLE_LENGTH_MAX),
    blocks: [...lines([text === '' ? '…' : text])],
  };
}

/** What was said already; not a choice that is no longer offered. */
function presetFor(
  { look, choices }: FormField,
  given: unknown,
): string | readonly string[] | undefined {
  const said = z.union([z.string(), z.array(z.string())]).safeParse(given).data;
  const isGone = look.look === 'choice' && choices.every((one) => one.value !== said);
  return isGone && choices.length > 0 ? undefined : said;
}

/** Fields that a form asks for come back from the form, also when they were emptied. */
function unseen(
  input: Readonly<Record<string, unknown>>,
  asked: readonly { readonly name: string }[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(input).filter(
      ([name, value]) => value !== undefined && asked.every((field) => field.name !== name),
    ),
  );
}

function hiddenPresets(command: Command, help: FormHelp): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(help.presets ?? {}).filter(
      ([name]) => name in command.input.shape && help.without?.includes(name) !== true,
    ),
  );
}

function written(carried: Carried): string | null {
  const whole = JSON.stringify(carried);
  if (whole.length <= METADATA_LENGTH_MAX) return whole;
  const { answerTo: _answerTo, ...shorter } = carried;
  const short = JSON.stringify(shorter);
  return short.length <= METADATA_LENGTH_MAX ? short : null;
}

const Element = z.object({
  value: z.string().nullish(),
  selected_option: z.object({ value: z.string() }).nullish(),
  selected_options: z.array(z.object({ value: z.string() })).nullish(),
});

/** A modal as Slack sends it back. */
export const SentView = z.object({
  id: z.string(),
  team_id: z.string().min(1).nullish(),
  app_installed_team_id: z.string().min(1).nullish(),
  hash: z.string().optional(),
  callback_id: z.string().optional(),
  private_metadata: z.string(),
  title: z.object({ text: z.string() }).nullish(),
  state: z.object({ values: z.record(z.string(), z.record(z.string(), Element)) }).optional(),
  blocks: z.array(z.object({ type: z.string(), block_id: z.string().optional() })),
});
export type SentView = z.infer<typeof SentView>;

/** What the form carried and what was put in, together. Null when the form is none of ours. */
export function readForm(view: SentView): Carried | null {
  const carried = Carried.safeParse(decoded(view.private_metadata));
  if (!carried.success) return null;
  return { ...carried.data, input: { ...carried.data.input, ...putIn(view) } };
}

function putIn(view: SentView): Record<string, unknown> {
  const input: Record<string, string | readonly string[]> = {};
  for (const [blockId, elements] of Object.entries(view.state?.values ?? {})) {
    const name = fieldOfBlock(blockId);
    for (const element of Object.values(elements)) {
      const many = element.selected_options?.map((one) => one.value);
      const one = element.selected_option?.value ?? element.value ?? '';
      if (many !== undefined) input[name] = [...listOf(input[name]), ...many];
      else if (one !== '') input[name] = one;
    }
  }
  return input;
}

function listOf(known: string | readonly string[] | undefined): readonly string[] {
  return known === undefined || typeof known === 'string' ? [] : known;
}

export function decoded(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The blocks of a form under which Slack can show what is wrong. */
function inputBlocks(view: SentView): readonly string[] {
  return view.blocks.flatMap(({ type, block_id: id }) =>
    type === 'input' && id !== undefined ? [id] : [],
  );
}

/** Each problem under its own field; what belongs to none of them under the first. Null when there is no field. */
export function errorsOf(
  view: SentView,
  problems: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | null {
  const blocks = inputBlocks(view);
  const [first] = blocks;
  if (first === undefined) return null;
  const errors: Record<string, string> = {};
  for (const [field, problem] of Object.entries(problems)) {
    const name = field.split('.')[0] ?? field;
    const block = blocks.find((one) => fieldOfBlock(one) === name) ?? first;
    const before = errors[block];
    errors[block] = before === undefined ? problem : `${before} ${problem}`;
  }
  return errors;
}

/** Nothing can be done with the form: it stays open where Slack can show why, else the words take its place. */
export function sayInForm(body: unknown, text: string): Readonly<Record<string, unknown>> {
  const view = z.object({ view: SentView }).safeParse(body).data?.view;
  const errors = view === undefined ? null : errorsOf(view, { '': sayPlainly(text, {}) });
  if (errors !== null) return { response_action: 'errors', errors };
  return { response_action: 'update', view: noticeView(view?.title?.text ?? 'Rollback', text) };
}
