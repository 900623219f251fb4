import type { JsonObject } from '../json.ts';
import { lengthOf } from '../text.ts';
import * as part from './composition.ts';
import { richText } from './rich-text.ts';
import type { Check, Place, Problem } from './shape.ts';
import { anything, boolean, exclusive, inside, list, number } from './shape.ts';
import { object, oneOf, problem, string } from './shape.ts';

type Fields = Readonly<Record<string, Check>>;
type Also = (value: JsonObject, place: Place) => readonly Problem[];

function element(rule: {
  readonly required?: Fields;
  readonly optional?: Fields;
  readonly also?: Also;
}): Check {
  return object({
    required: { type: anything, ...rule.required },
    optional: { action_id: part.actionId, ...rule.optional },
    ...(rule.also === undefined ? {} : { also: rule.also }),
  });
}

const both =
  (...checks: readonly Also[]): Also =>
  (value, place) =>
    checks.flatMap((check) => check(value, place));

const choosing = { confirm: part.confirm, focus_on_load: boolean };
const selecting = { ...choosing, placeholder: part.placeholder };
const several = { max_selected_items: number({ min: 1, whole: true }) };
const typing = {
  placeholder: part.placeholder,
  focus_on_load: boolean,
  dispatch_action_config: part.dispatchActionConfig,
};
const ids = list(string({}), {});
const options = { options: list(part.plainOption, { min: 1, max: 100 }) };
const groups = { option_groups: list(part.optionGroup, { min: 1, max: 100 }) };
const optionsRule = both(exclusive('options', 'option_groups'), part.presetsFit);
const conversations = { default_to_current_conversation: boolean, filter: part.conversationFilter };
const pressed = { text: part.plainText(75) };
const feedback = object({
  required: pressed,
  optional: {
    value: string({ min: 0, max: 2000 }),
    accessibility_label: string({ max: 75 }),
  },
});

const lengthsFit: Also = (value, place) => {
  const [min, max, initial] = [value['min_length'], value['max_length'], value['initial_value']];
  if (typeof min === 'number' && typeof max === 'number' && min > max) {
    return problem(inside(place, 'min_length'), 'must be no more than `max_length`');
  }
  if (typeof initial === 'string' && typeof max === 'number' && lengthOf(initial) > max) {
    return problem(inside(place, 'initial_value'), `must be less than ${max + 1} characters`);
  }
  return [];
};

const numbersFit: Also = (value, place) => {
  const [min, max] = [value['min_value'], value['max_value']];
  const wrong = typeof min === 'string' && typeof max === 'string' && Number(min) > Number(max);
  return wrong ? problem(inside(place, 'min_value'), 'must be no more than `max_value`') : [];
};

const numeric = string({ pattern: /^-?\d+(?:\.\d+)?$/, wanted: 'a number in a string' });

/** The 10-digit seconds of Slack's date and time picker. */
const epochSeconds: Check = (value, place) =>
  typeof value === 'number' && /^\d{10}$/.test(String(value))
    ? []
    : problem(place, 'must be a timestamp of 10 digits');

const image = object({
  required: { type: anything, alt_text: string({ max: 2000 }) },
  optional: { image_url: part.imageUrl, slack_file: part.slackFile },
  also: exclusive('image_url', 'slack_file'),
});

/** What each element may contain, wherever it is. */
export const ELEMENT_CHECKS = {
  button: element({
    required: pressed,
    optional: {
      value: string({ min: 0, max: 2000 }),
      url: part.httpUrl,
      style: oneOf(['primary', 'danger']),
      accessibility_label: string({ max: 75 }),
      confirm: part.confirm,
    },
  }),
  static_select: element({
    optional: { ...selecting, ...options, ...groups, initial_option: part.plainOption },
    also: optionsRule,
  }),
  multi_static_select: element({
    optional: {
      ...selecting,
      ...several,
      ...options,
      ...groups,
      initial_options: list(part.plainOption, { min: 1 }),
    },
    also: optionsRule,
  }),
  external_select: element({
    optional: {
      ...selecting,
      min_query_length: number({ min: 0, whole: true }),
      initial_option: part.plainOption,
    },
  }),
  multi_external_select: element({
    optional: {
      ...selecting,
      ...several,
      min_query_length: number({ min: 0, whole: true }),
      initial_options: list(part.plainOption, {}),
    },
  }),
  users_select: element({ optional: { ...selecting, initial_user: string({}) } }),
  multi_users_select: element({ optional: { ...selecting, ...several, initial_users: ids } }),
  conversations_select: element({
    optional: {
      ...selecting,
      ...conversations,
      initial_conversation: string({}),
      response_url_enabled: boolean,
    },
  }),
  multi_conversations_select: element({
    optional: { ...selecting, ...several, ...conversations, initial_conversations: ids },
  }),
  channels_select: element({
    optional: { ...selecting, initial_channel: string({}), response_url_enabled: boolean },
  }),
  multi_channels_select: element({ optional: { ...selecting, ...several, initial_channels: ids } }),
  overflow: element({
    required: { options: list(part.overflowOption, { min: 1, max: 5 }) },
    optional: { confirm: part.confirm },
  }),
  checkboxes: element({
    required: { options: list(part.choiceOption, { min: 1, max: 10 }) },
    optional: { ...choosing, initial_options: list(part.choiceOption, { min: 1, max: 10 }) },
    also: part.presetsFit,
  }),
  radio_buttons: element({
    required: { options: list(part.choiceOption, { min: 1, max: 10 }) },
    optional: { ...choosing, initial_option: part.choiceOption },
    also: part.presetsFit,
  }),
  datepicker: element({
    optional: {
      ...selecting,
      initial_date: string({ pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'a date as YYYY-MM-DD' }),
    },
  }),
  timepicker: element({
    optional: {
      ...selecting,
      initial_time: string({ pattern: /^(?:[01]\d|2[0-3]):[0-5]\d$/, wanted: 'a time as HH:mm' }),
      timezone: string({}),
    },
  }),
  datetimepicker: element({ optional: { ...choosing, initial_date_time: epochSeconds } }),
  plain_text_input: element({
    optional: {
      ...typing,
      initial_value: string({ min: 0 }),
      multiline: boolean,
      min_length: number({ min: 0, max: 3000, whole: true }),
      max_length: number({ min: 1, max: 3000, whole: true }),
    },
    also: lengthsFit,
  }),
  number_input: element({
    required: { is_decimal_allowed: boolean },
    optional: { ...typing, min_value: numeric, max_value: numeric, initial_value: numeric },
    also: numbersFit,
  }),
  email_text_input: element({ optional: { ...typing, initial_value: string({ min: 0 }) } }),
  url_text_input: element({ optional: { ...typing, initial_value: string({ min: 0 }) } }),
  rich_text_input: element({
    optional: {
      ...typing,
      initial_value: richText,
      min_lines: number({ min: 1, max: 100, whole: true }),
      max_lines: number({ min: 1, max: 100, whole: true }),
    },
  }),
  file_input: element({
    optional: {
      filetypes: list(string({}), {}),
      max_files: number({ min: 1, max: 10, whole: true }),
    },
  }),
  image,
  workflow_button: element({
    required: { ...pressed, workflow: part.workflow },
    optional: { style: oneOf(['primary', 'danger']), accessibility_label: string({ max: 75 }) },
  }),
  feedback_buttons: element({
    required: { positive_button: feedback, negative_button: feedback },
  }),
  icon_button: element({
    required: { ...pressed, icon: oneOf(['trash']) },
    optional: {
      value: string({ min: 0, max: 2000 }),
      accessibility_label: string({ max: 75 }),
      visible_to_user_ids: list(string({}), { max: 10 }),
      confirm: part.confirm,
    },
  }),
  plain_text: part.anyText(3000),
  mrkdwn: part.anyText(3000),
} as const satisfies Fields;
