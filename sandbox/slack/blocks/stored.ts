import type { Json, JsonObject } from '../json.ts';
import { isList, isObject } from '../json.ts';
import { storedText } from '../text.ts';

const WITHOUT_ACTION_ID: ReadonlySet<Json> = new Set(['image', 'plain_text', 'mrkdwn']);

function storedObject(value: JsonObject): JsonObject {
  const { type, text } = value;
  if (typeof text === 'string' && type === 'plain_text') {
    return { type, text: storedText(text, { links: false }), emoji: value['emoji'] ?? true };
  }
  if (typeof text === 'string' && type === 'mrkdwn') {
    const verbatim = value['verbatim'] ?? false;
    return { type, text: storedText(text, { links: verbatim !== true }), verbatim };
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, item === undefined ? item : stored(item)]),
  );
}

function stored(value: Json): Json {
  if (isList(value)) return value.map(stored);
  return isObject(value) ? storedObject(value) : value;
}

function named(element: Json | undefined, newId: () => string): Json | undefined {
  if (!isObject(element) || WITHOUT_ACTION_ID.has(element['type'] ?? '')) return element;
  return { ...element, action_id: element['action_id'] ?? newId() };
}

function storedBlock(block: JsonObject, newId: () => string): JsonObject {
  const plain = storedObject(block);
  const several = (key: string): JsonObject =>
    isList(plain[key]) ? { [key]: plain[key].map((one) => named(one, newId) ?? one) } : {};
  const single = (key: string): JsonObject =>
    plain[key] === undefined ? {} : { [key]: named(plain[key], newId) };
  const children = plain['child_blocks'];
  const interactive =
    plain['type'] === 'actions' || plain['type'] === 'context_actions' ? several('elements') : {};
  return {
    ...plain,
    block_id: plain['block_id'] ?? newId(),
    ...interactive,
    ...(plain['type'] === 'card' ? several('actions') : {}),
    ...single('accessory'),
    ...single('element'),
    ...(isList(children) ? { child_blocks: storedBlocks(children, newId) } : {}),
  };
}

/** The blocks as Slack gives them back: ids made, defaults filled in, text escaped. */
export function storedBlocks(blocks: readonly Json[], newId: () => string): readonly JsonObject[] {
  return blocks.filter(isObject).map((block) => storedBlock(block, newId));
}
