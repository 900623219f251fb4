import { allBlocks, elementsOf } from '../blocks/payload.ts';
import type { Json, JsonObject } from '../json.ts';
import { listAt, objectAt, objectsAt, textAt } from '../json.ts';
import type { Drafts } from '../state.ts';

/** What a person gives a field: text, the value or the words of an option, ids, or nothing. */
export type FieldValue = string | number | boolean | null | readonly string[];

/** The property that holds each kind of field's state. */
const STATE_KEYS: Readonly<Record<string, string>> = {
  plain_text_input: 'value',
  email_text_input: 'value',
  url_text_input: 'value',
  number_input: 'value',
  rich_text_input: 'rich_text_value',
  file_input: 'files',
  static_select: 'selected_option',
  external_select: 'selected_option',
  radio_buttons: 'selected_option',
  overflow: 'selected_option',
  checkboxes: 'selected_options',
  multi_static_select: 'selected_options',
  multi_external_select: 'selected_options',
  users_select: 'selected_user',
  multi_users_select: 'selected_users',
  conversations_select: 'selected_conversation',
  multi_conversations_select: 'selected_conversations',
  channels_select: 'selected_channel',
  multi_channels_select: 'selected_channels',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
  datetimepicker: 'selected_date_time',
};

const MANY = new Set([
  'selected_options',
  'selected_users',
  'selected_conversations',
  'selected_channels',
  'files',
]);

function typeOf(element: JsonObject): string {
  return textAt(element, 'type') ?? '';
}

/** Whether the element keeps what a person chose; buttons and menus do not. */
export function keepsState(element: JsonObject): boolean {
  return STATE_KEYS[typeOf(element)] !== undefined && typeOf(element) !== 'overflow';
}

/** The property of the element's state, `value` or `selected_…`. */
export function stateKey(element: JsonObject): string {
  return STATE_KEYS[typeOf(element)] ?? 'value';
}

function initialState(element: JsonObject): JsonObject {
  const key = stateKey(element);
  const preset = element[key.replace(/^selected_/, 'initial_').replace(/^value$/, 'initial_value')];
  const nothing = MANY.has(key) ? [] : null;
  return { type: typeOf(element), [key]: preset ?? nothing };
}

function allOptions(element: JsonObject): readonly JsonObject[] {
  return [
    ...objectsAt(element, 'options'),
    ...objectsAt(element, 'option_groups').flatMap((group) => objectsAt(group, 'options')),
  ];
}

function wordsOf(option: JsonObject): string {
  return textAt(objectAt(option, 'text'), 'text') ?? '';
}

function optionFor(element: JsonObject, wanted: string): JsonObject {
  const options = allOptions(element);
  const chosen = options.find(
    (option) => textAt(option, 'value') === wanted || wordsOf(option) === wanted,
  );
  if (chosen !== undefined) return chosen;
  if (typeOf(element).endsWith('external_select')) {
    return { text: { type: 'plain_text', text: wanted, emoji: true }, value: wanted };
  }
  const offered = options.map((option) => `${textAt(option, 'value') ?? ''} (${wordsOf(option)})`);
  throw new Error(`There is no option "${wanted}"; there are: ${offered.join(', ')}`);
}

/** The element's state after a person has put this in. */
export function chosenState(element: JsonObject, value: FieldValue): JsonObject {
  const key = stateKey(element);
  const type = typeOf(element);
  const many = (Array.isArray(value) ? value : value === null ? [] : [String(value)]).map(String);
  const one = many[0] === undefined || many[0] === '' ? null : many[0];
  const state = (chosen: Json): JsonObject => ({ type, [key]: chosen });
  if (key === 'selected_options') return state(many.map((wanted) => optionFor(element, wanted)));
  if (key === 'selected_option') return state(one === null ? null : optionFor(element, one));
  if (key === 'selected_date_time') return state(one === null ? null : Number(one));
  if (key === 'rich_text_value') return state(one === null ? null : richText(one));
  return state(MANY.has(key) ? many : one);
}

function richText(text: string): JsonObject {
  const section = { type: 'rich_text_section', elements: [{ type: 'text', text }] };
  return { type: 'rich_text', elements: [section] };
}

/** `state.values` as an interaction carries it: what was chosen, else what was preset. */
export function stateValues(blocks: readonly JsonObject[], drafts: Drafts): JsonObject {
  return Object.fromEntries(
    allBlocks(blocks).flatMap((block) => {
      const blockId = textAt(block, 'block_id') ?? '';
      const fields = elementsOf(block).flatMap(({ element }) => {
        if (!keepsState(element)) return [];
        const actionId = textAt(element, 'action_id') ?? '';
        return [[actionId, drafts[blockId]?.[actionId] ?? initialState(element)] as const];
      });
      return fields.length === 0 ? [] : [[blockId, Object.fromEntries(fields)] as const];
    }),
  );
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}

function numberComplaint(element: JsonObject, value: string): string | undefined {
  const number = Number(value);
  if (!/^-?\d+(?:\.\d+)?$/.test(value)) return 'Enter a number.';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(number)) {
    return 'Enter a whole number.';
  }
  const [min, max] = [textAt(element, 'min_value'), textAt(element, 'max_value')];
  if (min !== undefined && number < Number(min)) return `Enter a number of at least ${min}.`;
  if (max !== undefined && number > Number(max)) return `Enter a number of at most ${max}.`;
  return undefined;
}

function textComplaint(element: JsonObject, value: string): string | undefined {
  const length = Array.from(value).length;
  const [min, max] = [element['min_length'], element['max_length'] ?? 3000];
  if (typeof min === 'number' && length < min) return `Enter at least ${min} characters.`;
  if (typeof max === 'number' && length > max) return `Enter no more than ${max} characters.`;
  return undefined;
}

/** What Slack's own client says about an input before anything is sent, or undefined. */
export function inputComplaint(block: JsonObject, state: JsonObject): string | undefined {
  const element = objectAt(block, 'element') ?? {};
  const value = state[stateKey(element)];
  if (isEmpty(value)) {
    return block['optional'] === true ? undefined : 'Please complete this required field.';
  }
  const max = element['max_selected_items'];
  if (typeof max === 'number' && listAt(state, stateKey(element)).length > max) {
    return `Choose no more than ${max}.`;
  }
  if (typeof value !== 'string') return undefined;
  switch (typeOf(element)) {
    case 'plain_text_input':
      return textComplaint(element, value);
    case 'number_input':
      return numberComplaint(element, value);
    case 'email_text_input':
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) ? undefined : 'Enter a valid email address.';
    case 'url_text_input':
      return /^https?:\/\/\S+\.\S+/.test(value) ? undefined : 'Enter a valid URL.';
    default:
      return undefined;
  }
}
