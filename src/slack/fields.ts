/** One field of a verb's input → the blocks of a form that ask for it, within Slack's limits. */
import type { InputBlock, PlainTextElement, PlainTextOption } from '@slack/types';
import { z } from 'zod';
import type { Choice, FieldLook, FormHelp } from '../define-command.ts';
import { fields } from '../define-command.ts';
import { sha256 } from '../incident/plan/plan.ts';
import { cutTo } from '../incident/text.ts';

const OPTION_LENGTH_MAX = 75;
const OPTION_VALUE_LENGTH_MAX = 150;
const OPTIONS_MAX = 100;
const CHECKBOXES_MAX = 10;
/** More than these are chosen from a list that opens. */
const CHECKBOX_GROUPS_MAX = 3;
const RADIO_MAX = 5;
const TEXT_LENGTH_MAX = 3000;
const DIGEST_LENGTH = 12;
const LABEL_LENGTH_MAX = 2000;
const PLACEHOLDER_LENGTH_MAX = 150;

/** A field as a form has it: what it is called, how it looks, what may be put in. */
export interface FormField {
  readonly name: string;
  readonly look: FieldLook;
  readonly isOptional: boolean;
  readonly textLengthMax: number;
  readonly choices: readonly Choice[];
}

const Shape = z.object({
  maxLength: z.number().optional(),
  enum: z.array(z.string()).optional(),
  items: z.object({ enum: z.array(z.string()).optional() }).optional(),
});

/** The fields that are asked for, in the order of the schema; hidden ones and those that do not apply are left out. */
export function askedFields(input: z.ZodObject, help: FormHelp): readonly FormField[] {
  const shape: Readonly<Record<string, z.core.$ZodType>> = input.shape;
  return Object.entries(shape).flatMap(([name, schema]) => {
    const look = lookOf(schema);
    if (look === undefined || look.look === 'hidden') return [];
    if (help.without?.includes(name) === true) return [];
    return [fieldOf({ name, schema, look, help })];
  });
}

/** Whether what is chosen in one field can change what another one offers. */
export function choicesDepend(input: z.ZodObject): boolean {
  const shape: Readonly<Record<string, z.core.$ZodType>> = input.shape;
  return Object.values(shape).filter((one) => lookOf(one)?.look === 'choice').length > 1;
}

/** Whether something is missing that a form insists on. */
export function asksFor(input: z.ZodObject, said: Readonly<Record<string, unknown>>): boolean {
  const shape: Readonly<Record<string, z.core.$ZodType>> = input.shape;
  const isMissing = Object.entries(shape).some(
    ([name, schema]) => lookOf(schema)?.required === true && said[name] === undefined,
  );
  return isMissing || !input.safeParse(said).success;
}

function lookOf(schema: z.core.$ZodType): FieldLook | undefined {
  const own = fields.get(schema);
  if (own !== undefined) return own;
  return schema instanceof z.ZodOptional ? lookOf(schema.unwrap()) : undefined;
}

function fieldOf(given: {
  readonly name: string;
  readonly schema: z.core.$ZodType;
  readonly look: FieldLook;
  readonly help: FormHelp;
}): FormField {
  const { name, schema, look, help } = given;
  const written = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const shape = Shape.safeParse(written).data;
  const listed = shape?.enum ?? shape?.items?.enum ?? [];
  const takesNothing = [undefined, []].some((one) => z.safeParse(schema, one).success);
  return {
    name,
    look,
    isOptional: look.required !== true && takesNothing,
    textLengthMax: Math.min(shape?.maxLength ?? TEXT_LENGTH_MAX, TEXT_LENGTH_MAX),
    choices: help.choices?.[name] ?? listed.map((value) => ({ value, label: value })),
  };
}

export interface FieldSetting {
  readonly verb: string;
  readonly preset: string | readonly string[] | undefined;
  /** Choosing here changes what else is offered: the app is told at once. */
  readonly tells: boolean;
}

/** Usually one block; long lists of boxes are several. Their block ids lead back to the field. */
export function fieldBlocks(field: FormField, setting: FieldSetting): readonly InputBlock[] {
  switch (field.look.look) {
    case 'choice':
      return field.choices.length === 0
        ? [textBlock(field, setting)]
        : [choiceBlock(field, setting)];
    case 'many':
      return manyBlocks(field, setting);
    case 'line':
    case 'text':
    case 'hidden':
      return [textBlock(field, setting)];
  }
}

/** The field that a block asks for: `items~2` is the second part of `items`. */
export function fieldOfBlock(blockId: string): string {
  return blockId.replace(/~[0-9a-f]+$/, '');
}

/** Slack keeps what was chosen while the block has its name: other options are another block. */
function blockIdFor(field: FormField, options: readonly PlainTextOption[]): string {
  const digest = sha256(JSON.stringify(options.map((one) => one.value)));
  return `${field.name}~${digest.slice(-DIGEST_LENGTH)}`;
}

function frame(
  field: FormField,
  given: { readonly element: InputBlock['element']; readonly hint?: string | undefined },
): InputBlock {
  const hint = [field.look.hint, given.hint].filter((one) => one !== undefined).join(' ');
  return {
    type: 'input',
    block_id: field.name,
    label: plain(field.look.label, LABEL_LENGTH_MAX),
    optional: field.isOptional,
    element: given.element,
    ...(hint === '' ? {} : { hint: plain(hint, LABEL_LENGTH_MAX) }),
  };
}

function textBlock(field: FormField, { verb, preset }: FieldSetting): InputBlock {
  const initial = typeof preset === 'string' ? cutTo(preset, field.textLengthMax) : '';
  return frame(field, {
    element: {
      type: 'plain_text_input',
      action_id: actionOf(verb, field),
      multiline: field.look.look === 'text',
      max_length: field.textLengthMax,
      ...(initial === '' ? {} : { initial_value: initial }),
      ...placeholderOf(field),
    },
  });
}

function choiceBlock(field: FormField, { verb, preset, tells }: FieldSetting): InputBlock {
  const { options, hint } = optionsOf(field);
  const initial = options.find((one) => one.value === preset);
  const common = {
    action_id: actionOf(verb, field),
    options,
    ...(initial === undefined ? {} : { initial_option: initial }),
  };
  // What was pressed among radio buttons cannot be let go again.
  const isOpen = !field.isOptional && options.length <= RADIO_MAX;
  const block = frame(field, {
    element: isOpen
      ? { type: 'radio_buttons', ...common }
      : { type: 'static_select', ...common, ...placeholderOf(field) },
    hint,
  });
  if (!tells) return block;
  const named = { ...block, block_id: blockIdFor(field, options) };
  return options.length > 1 ? { ...named, dispatch_action: true } : named;
}

function manyBlocks(field: FormField, { verb, preset }: FieldSetting): readonly InputBlock[] {
  const { options, hint } = optionsOf(field);
  if (options.length === 0) return [];
  const wanted = typeof preset === 'string' ? [preset] : (preset ?? []);
  const initial = (among: readonly PlainTextOption[]) => {
    const chosen = among.filter((one) => wanted.includes(one.value ?? ''));
    return chosen.length === 0 ? {} : { initial_options: chosen };
  };
  if (options.length > CHECKBOXES_MAX * CHECKBOX_GROUPS_MAX) {
    const element = { action_id: actionOf(verb, field), options, ...initial(options) };
    return [
      frame(field, {
        element: { type: 'multi_static_select', ...element, ...placeholderOf(field) },
        hint,
      }),
    ];
  }
  const groups = Array.from({ length: Math.ceil(options.length / CHECKBOXES_MAX) }, (_, at) =>
    options.slice(at * CHECKBOXES_MAX, (at + 1) * CHECKBOXES_MAX),
  );
  return groups.map((group, at) => {
    const element = { action_id: actionOf(verb, field), options: group, ...initial(group) };
    const block = frame(field, { element: { type: 'checkboxes', ...element } });
    if (groups.length === 1) return block;
    // Only all of them together can be required, and Slack asks block by block.
    const part = { ...block, optional: true };
    if (at === 0) return part;
    return { ...part, block_id: `${field.name}~${at + 1}`, label: plain('…', LABEL_LENGTH_MAX) };
  });
}

function optionsOf(field: FormField): {
  readonly options: PlainTextOption[];
  readonly hint: string | undefined;
} {
  const fitting = field.choices.filter(
    ({ value }) => value !== '' && value.length <= OPTION_VALUE_LENGTH_MAX,
  );
  const options = fitting.slice(0, OPTIONS_MAX).map(optionOf);
  const left = field.choices.length - options.length;
  return {
    options,
    hint: left === 0 ? undefined : `${left} more do not fit here; they can be typed.`,
  };
}

/** A label that is too long goes on in the line below it, unless a fact stands there. */
function optionOf({ value, label, about }: Choice): PlainTextOption {
  const below = about ?? (label.length > OPTION_LENGTH_MAX ? restOf(label) : undefined);
  return {
    text: plain(label, OPTION_LENGTH_MAX),
    value,
    ...(below === undefined || below === ''
      ? {}
      : { description: plain(below, OPTION_LENGTH_MAX) }),
  };
}

function restOf(label: string): string {
  return `…${label.slice(OPTION_LENGTH_MAX - 1).trimStart()}`;
}

function placeholderOf(field: FormField): { placeholder?: PlainTextElement } {
  const { placeholder } = field.look;
  return placeholder === undefined
    ? {}
    : { placeholder: plain(placeholder, PLACEHOLDER_LENGTH_MAX) };
}

function actionOf(verb: string, { name }: FormField): string {
  return `${verb}:${name}`;
}

/** Never empty, which Slack refuses, and without the signs of mrkdwn, which it would show as they are. */
export function plain(text: string, max: number): PlainTextElement {
  return { type: 'plain_text', text: cutTo(text.replaceAll('`', ''), max) || '…', emoji: false };
}
