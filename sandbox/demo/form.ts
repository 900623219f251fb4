/** A form as a person meets it: what it asks, what stands there already, and what they put in. */
import type { JsonObject } from '../slack/json.ts';
import { objectAt, objectsAt, textAt } from '../slack/json.ts';
import type { FormValues } from '../slack/people/forms.ts';
import type { View } from '../slack/state.ts';
import { wordsOfBlocks } from '../slack/transcript.ts';
import { answerTo, hasAnswer } from './answers.ts';

export interface FilledForm {
  readonly title: string;
  readonly values: FormValues;
  /** Each question with its answer, what stood there already included. */
  readonly said: readonly string[];
}

export function titleOf(view: View): string {
  return textAt(view.title ?? {}, 'text') ?? '';
}

/** A modal without a button to send it only tells something. */
export function isToFill(view: View): boolean {
  return view.submit !== null;
}

export function wordsOfView(view: View): string {
  return wordsOfBlocks(view.blocks).trim();
}

interface Filled {
  readonly value?: string | readonly string[];
  readonly said: string;
}

export function fillIn(view: View): FilledForm {
  const inputs = view.blocks.filter((block) => block['type'] === 'input');
  const filled = inputs.flatMap((block) => {
    const answer = answerFor(block);
    return answer === null ? [] : [{ id: textAt(block, 'block_id') ?? '', ...answer }];
  });
  return {
    title: titleOf(view),
    values: Object.fromEntries(
      filled.flatMap(({ id, value }) => (value === undefined ? [] : [[id, value] as const])),
    ),
    said: filled.map(({ said }) => said),
  };
}

function answerFor(block: JsonObject): Filled | null {
  const label = textAt(objectAt(block, 'label'), 'text') ?? '';
  const element = objectAt(block, 'element') ?? {};
  const isRequired = block['optional'] !== true;
  switch (textAt(element, 'type')) {
    case 'static_select':
    case 'radio_buttons':
      return choose(element, { label, isRequired });
    case 'checkboxes':
    case 'multi_static_select':
      return tick(element, { label, isRequired });
    default:
      return write(element, { label, isRequired });
  }
}

interface Asked {
  readonly label: string;
  readonly isRequired: boolean;
}

function choose(element: JsonObject, { label, isRequired }: Asked): Filled | null {
  const preset = objectAt(element, 'initial_option');
  if (preset !== undefined) return { said: `${label} ${wordsOf(preset)}` };
  const [first] = objectsAt(element, 'options');
  if (!isRequired || first === undefined) return null;
  return { value: textAt(first, 'value') ?? '', said: `${label} ${wordsOf(first)}` };
}

function tick(element: JsonObject, { label, isRequired }: Asked): Filled | null {
  const preset = objectsAt(element, 'initial_options');
  if (preset.length > 0) return { said: `${label}: ${listed(preset)}` };
  const options = objectsAt(element, 'options');
  if (!isRequired) return null;
  return {
    value: options.map((option) => textAt(option, 'value') ?? ''),
    said: `${label}: ${listed(options)}`,
  };
}

function write(element: JsonObject, { label, isRequired }: Asked): Filled | null {
  const preset = textAt(element, 'initial_value');
  if (preset !== undefined) return { said: `${label} ${preset}` };
  if (!isRequired && !hasAnswer(label)) return null;
  const value = answerTo(label);
  return { value, said: `${label} ${value}` };
}

/** Items of the checklist by their numbers, anything else by its words. */
function listed(options: readonly JsonObject[]): string {
  return options.map((option) => wordsOf(option).replace(/^(\d+\.\d+) .*$/s, '$1')).join(', ');
}

function wordsOf(option: JsonObject): string {
  return textAt(objectAt(option, 'text'), 'text') ?? '';
}
