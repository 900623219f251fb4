import type { Json, JsonObject } from '../json.ts';
import { isObject, listAt, objectsAt } from '../json.ts';
import type { Check, Place, Problem } from './shape.ts';
import { anything, boolean, byType, exclusive, inside, list, object, oneOf } from './shape.ts';
import { problem, string } from './shape.ts';

interface Length {
  readonly max: number;
  readonly min?: number;
}

function plain(length: Length): Check {
  return object({
    required: { type: anything, text: string(length) },
    optional: { emoji: boolean },
  });
}

function mrkdwn(length: Length): Check {
  return object({
    required: { type: anything, text: string(length) },
    optional: { verbatim: boolean },
  });
}

export function plainText(max: number): Check {
  return byType({ plain_text: plain({ max }) });
}

/** plain_text or mrkdwn; Slack names the failed union before what failed in it. */
export function anyText(max: number): Check {
  const check = byType({ plain_text: plain({ max }), mrkdwn: mrkdwn({ max }) });
  return (value, place) => {
    const problems = check(value, place);
    if (problems.length === 0 || !isObject(value)) return problems;
    return [...problem(place, 'failed to match all allowed schemas'), ...problems];
  };
}

export const httpUrl = string({ max: 3000, pattern: /^https?:\/\/\S+$/, wanted: 'a valid URL' });
const PRIVATE_HOST = /^(?:localhost|127\.|10\.|192\.168\.|\[::1\])|\.(?:local|internal)$/;

/** Slack fetches pictures itself, so an address that only we can reach is refused. */
export const imageUrl: Check = (value, place) => {
  const problems = httpUrl(value, place);
  if (problems.length > 0 || typeof value !== 'string') return problems;
  const isOurs = PRIVATE_HOST.test(URL.parse(value)?.hostname ?? '');
  return isOurs ? problem(place, 'downloading image failed') : [];
};

export const actionId = string({ max: 255, min: 0 });
export const blockId = string({ max: 255, min: 0 });
export const placeholder = plainText(150);

function option(text: Check, extra: Readonly<Record<string, Check>> = {}): Check {
  return object({
    required: { text, value: string({ max: 150 }) },
    optional: { description: text, ...extra },
  });
}

export const plainOption = option(plainText(75));
export const overflowOption = option(plainText(75), { url: httpUrl });
export const choiceOption = option(anyText(75));

export const optionGroup = object({
  required: { label: plainText(75), options: list(plainOption, { min: 1, max: 100 }) },
});

export const confirm = object({
  required: {
    title: plainText(100),
    text: anyText(300),
    confirm: plainText(30),
    deny: plainText(30),
  },
  optional: { style: oneOf(['primary', 'danger']) },
});

export const conversationFilter = object({
  optional: {
    include: list(oneOf(['im', 'mpim', 'private', 'public']), { min: 1 }),
    exclude_external_shared_channels: boolean,
    exclude_bot_users: boolean,
  },
  also: (value, place) =>
    Object.keys(value).length > 0 ? [] : problem(place, 'must define at least one property'),
});

export const dispatchActionConfig = object({
  required: {
    trigger_actions_on: list(oneOf(['on_enter_pressed', 'on_character_entered']), {
      min: 1,
      max: 2,
    }),
  },
});

export const slackFile = object({
  optional: { id: string({}), url: httpUrl },
  also: exclusive('id', 'url'),
});

export const workflow = object({
  required: {
    trigger: object({
      required: { url: httpUrl },
      optional: {
        customizable_input_parameters: list(
          object({ required: { name: string({}), value: string({ min: 0 }) } }),
          {},
        ),
      },
    }),
  },
});

function optionsIn(value: JsonObject): readonly Json[] {
  return [
    ...listAt(value, 'options'),
    ...objectsAt(value, 'option_groups').flatMap((group) => listAt(group, 'options')),
  ];
}

/** Preset options have to be, to the letter, among the options. */
export function presetsFit(value: JsonObject, place: Place): readonly Problem[] {
  const known = new Set(optionsIn(value).map((one) => JSON.stringify(one)));
  const single = value['initial_option'] === undefined ? [] : [value['initial_option']];
  const key = single.length > 0 ? 'initial_option' : 'initial_options';
  return [...single, ...listAt(value, 'initial_options')]
    .filter((preset) => !known.has(JSON.stringify(preset)))
    .flatMap(() => problem(inside(place, key), `\`${key}\` must be one of the provided options`));
}
