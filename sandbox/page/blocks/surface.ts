/** What blocks stand on: a message or a form, with what a person has chosen and can press there. */
import type { Names } from '../text/names.ts';
import type { JsonObject } from '../world/json.ts';
import { numberAt, objectAt, objectsAt, textAt, textsAt } from '../world/json.ts';

/** What a person gives a field: text, the value of an option, several of them, or nothing. */
export type FieldValue = string | readonly string[] | null;

export interface Used {
  readonly block: JsonObject;
  readonly element: JsonObject;
}

export interface Surface {
  readonly names: Names;
  /** Makes the ids of fields their own. */
  readonly prefix: string;
  /** What was put in here, as long as the person is at it. */
  readonly chosen: (used: Used) => FieldValue | undefined;
  readonly choose: (used: Used, value: FieldValue) => void;
  /** Tells the app. */
  readonly press: (used: Used, value?: FieldValue) => void;
  readonly isBusy: (used: Used) => boolean;
  readonly errorAt: (block: JsonObject) => string | undefined;
}

export function blockIdOf({ block }: Used): string {
  return textAt(block, 'block_id') ?? '';
}

export function actionIdOf({ element }: Used): string {
  return textAt(element, 'action_id') ?? '';
}

export function fieldId(surface: Surface, used: Used): string {
  return `${surface.prefix}-${blockIdOf(used)}-${actionIdOf(used)}`;
}

export function optionsOf(element: JsonObject): readonly JsonObject[] {
  return [
    ...objectsAt(element, 'options'),
    ...objectsAt(element, 'option_groups').flatMap((group) => objectsAt(group, 'options')),
  ];
}

const SINGLE_PRESETS = ['user', 'conversation', 'channel', 'date', 'time'] as const;

/** What stands in a field before anybody has touched it. */
function preset(element: JsonObject): FieldValue {
  const option = textAt(objectAt(element, 'initial_option'), 'value');
  if (option !== undefined) return option;
  const options = objectsAt(element, 'initial_options');
  if (options.length > 0) return options.map((one) => textAt(one, 'value') ?? '');
  const many = SINGLE_PRESETS.flatMap((name) => textsAt(element, `initial_${name}s`));
  if (many.length > 0) return many;
  const single = SINGLE_PRESETS.map((name) => textAt(element, `initial_${name}`));
  const moment = numberAt(element, 'initial_date_time');
  return (
    textAt(element, 'initial_value') ??
    single.find((one) => one !== undefined) ??
    (moment === undefined ? null : String(moment))
  );
}

/** What stands in a field now. What was chosen and is no longer offered does not count. */
export function valueOf(surface: Surface, used: Used): FieldValue {
  const { element } = used;
  const chosen = surface.chosen(used);
  if (chosen === undefined) return preset(element);
  const offered = optionsOf(element).map((one) => textAt(one, 'value'));
  if (offered.length === 0 || chosen === null) return chosen;
  if (typeof chosen === 'string') return offered.includes(chosen) ? chosen : preset(element);
  return chosen.filter((one) => offered.includes(one));
}
