import type { JsonObject } from '../json.ts';
import * as part from './composition.ts';
import { blockElement, imageElement } from './placement.ts';
import { richText } from './rich-text.ts';
import type { Check, Place, Problem, Surface } from './shape.ts';
import { anything, boolean, byType, exclusive, inside, list } from './shape.ts';
import { object, oneOf, problem, string } from './shape.ts';
import { dataTable, dataVisualization, table } from './tables.ts';

type Fields = Readonly<Record<string, Check>>;
type Also = (value: JsonObject, place: Place) => readonly Problem[];

function block(rule: {
  readonly required?: Fields;
  readonly optional?: Fields;
  readonly also?: Also;
}): Check {
  return object({
    required: { type: anything, ...rule.required },
    optional: { block_id: part.blockId, ...rule.optional },
    ...(rule.also === undefined ? {} : { also: rule.also }),
  });
}

const within =
  (parent: string, check: Check): Check =>
  (value, place) =>
    check(value, { ...place, parent });

const image = block({
  required: { alt_text: string({ max: 2000 }) },
  optional: {
    image_url: part.imageUrl,
    slack_file: part.slackFile,
    title: part.plainText(2000),
  },
  also: exclusive('image_url', 'slack_file'),
});

const textOrFields: Also = (value, place) =>
  value['text'] === undefined && value['fields'] === undefined
    ? problem(place, 'must define either `text` or `fields`')
    : [];

const input = block({
  required: { label: part.plainText(2000), element: within('input', blockElement) },
  optional: { hint: part.plainText(2000), optional: boolean, dispatch_action: boolean },
  also: (value, place) => {
    const element = value['element'];
    const isFile = JSON.stringify(element ?? null).includes('"type":"file_input"');
    return isFile && value['dispatch_action'] !== undefined
      ? problem(inside(place, 'dispatch_action'), 'not supported for file_input')
      : [];
  },
});

const card = block({
  optional: {
    hero_image: imageElement,
    icon: imageElement,
    slack_icon: object({ required: { type: oneOf(['icon']), name: string({}) } }),
    title: part.anyText(150),
    subtitle: part.anyText(150),
    body: part.anyText(200),
    subtext: part.anyText(200),
    actions: list(within('card', blockElement), { max: 3 }),
  },
  also: (value, place) => [
    ...(['hero_image', 'title', 'actions', 'body'].some((key) => value[key] !== undefined)
      ? []
      : problem(place, 'must define one of `hero_image`, `title`, `actions` or `body`')),
    ...(value['icon'] !== undefined && value['slack_icon'] !== undefined
      ? problem(place, 'must not define both `icon` and `slack_icon`')
      : []),
  ],
});

const source = object({
  required: { type: oneOf(['url']), url: string({ max: 3000 }), text: string({}) },
});

const taskCard = block({
  required: { task_id: string({}), title: string({}) },
  optional: {
    status: oneOf(['pending', 'in_progress', 'complete', 'error']),
    details: richText,
    output: richText,
    sources: list(source, {}),
  },
});

const container = block({
  required: { child_blocks: list((value, place) => childBlock(value, place), { max: 10 }) },
  optional: {
    title: part.plainText(150),
    rich_text_title: richText,
    subtitle: part.anyText(150),
    icon: imageElement,
    width: oneOf(['narrow', 'standard', 'wide', 'full']),
    is_collapsible: boolean,
    default_collapsed: boolean,
    has_header_divider: boolean,
  },
  also: (value, place) =>
    value['title'] === undefined && value['rich_text_title'] === undefined
      ? problem(place, 'must define either `title` or `rich_text_title`')
      : [],
});

const video = block({
  required: {
    video_url: string({ pattern: /^https:\/\//, wanted: 'an https URL' }),
    thumbnail_url: part.imageUrl,
    alt_text: string({ max: 200 }),
    title: part.plainText(200),
  },
  optional: {
    title_url: part.httpUrl,
    author_name: string({ max: 50 }),
    provider_name: string({ max: 50 }),
    provider_icon_url: part.httpUrl,
    description: part.plainText(200),
  },
});

const CHECKS = {
  section: block({
    optional: {
      text: part.anyText(3000),
      fields: list(part.anyText(2000), { min: 1, max: 10 }),
      accessory: within('section', blockElement),
      expand: boolean,
    },
    also: textOrFields,
  }),
  actions: block({
    required: { elements: list(within('actions', blockElement), { min: 1, max: 25 }) },
  }),
  context: block({
    required: { elements: list(within('context', blockElement), { min: 1, max: 10 }) },
  }),
  divider: block({}),
  header: block({ required: { text: part.plainText(150) } }),
  image,
  input,
  rich_text: richText,
  markdown: block({ required: { text: string({ max: 12_000 }) } }),
  table,
  data_table: dataTable,
  data_visualization: dataVisualization,
  alert: block({
    required: { text: part.anyText(200) },
    optional: { level: oneOf(['default', 'info', 'warning', 'error', 'success']) },
  }),
  card,
  carousel: block({ required: { elements: list(byType({ card }), { min: 1, max: 10 }) } }),
  container,
  context_actions: block({
    required: { elements: list(within('context_actions', blockElement), { min: 1, max: 5 }) },
  }),
  plan: block({
    required: { title: string({}) },
    optional: { tasks: list(byType({ task_card: taskCard }), {}) },
  }),
  task_card: taskCard,
  video,
} as const satisfies Fields;

type BlockType = keyof typeof CHECKS;

const SURFACES: Readonly<Partial<Record<string, readonly Surface[]>>> = {
  markdown: ['message'],
  table: ['message', 'home'],
  data_table: ['message', 'home'],
  data_visualization: ['message', 'home'],
  alert: ['modal'],
  carousel: ['message'],
  container: ['message', 'home'],
  context_actions: ['message'],
  plan: ['message'],
  task_card: ['message'],
} satisfies Partial<Record<BlockType, readonly Surface[]>>;

const CHILDREN: readonly string[] = [
  'actions',
  'context',
  'divider',
  'header',
  'image',
  'input',
  'rich_text',
  'section',
  'table',
  'video',
] satisfies readonly BlockType[];

const childBlock = byType(CHECKS, (type) => !CHILDREN.includes(type));

/** One block on the surface that `place` names. */
export const anyBlock: Check = byType(
  CHECKS,
  (type, place) => SURFACES[type]?.includes(place.surface) === false,
);
