import type { Json, JsonObject } from '../json.ts';
import { isList, isObject, objectAt, objectsAt, textAt } from '../json.ts';
import { lengthOf } from '../text.ts';
import * as part from './composition.ts';
import { anyBlock } from './kinds.ts';
import type { Place, Problem, Surface } from './shape.ts';
import { anything, boolean, inside, list, object, problem, string } from './shape.ts';
import { tableLength } from './tables.ts';

const MESSAGE_BLOCKS_MAX = 50;
const VIEW_BLOCKS_MAX = 100;
const MARKDOWN_LENGTH_MAX = 12_000;
const CHARTS_MAX = 2;

/** The elements of one block that a person can use, with where they are. */
export function elementsOf(
  block: JsonObject,
): readonly { readonly element: JsonObject; readonly path: string }[] {
  const single = ['accessory', 'element'].flatMap((key) => {
    const element = objectAt(block, key);
    return element === undefined ? [] : [{ element, path: key }];
  });
  const many = ['elements', 'actions'].flatMap((key) =>
    objectsAt(block, key).map((element, index) => ({ element, path: `${key}/${index}` })),
  );
  return block['type'] === 'rich_text' ? [] : [...single, ...many];
}

/** Blocks with those inside containers and carousels, outer ones first. */
export function allBlocks(blocks: readonly Json[]): readonly JsonObject[] {
  return blocks
    .filter(isObject)
    .flatMap((block) => [
      block,
      ...allBlocks(objectsAt(block, 'child_blocks')),
      ...(block['type'] === 'carousel' ? allBlocks(objectsAt(block, 'elements')) : []),
    ]);
}

function repeatedBlockIds(blocks: readonly Json[], place: Place): readonly Problem[] {
  const seen = new Set<string>();
  return blocks.flatMap((block, index) => {
    const id = textAt(block, 'block_id');
    if (id === undefined) return [];
    const repeated = seen.has(id);
    seen.add(id);
    const at = inside(inside(place, index), 'block_id');
    return repeated ? problem(at, `\`block_id\` "${id}" already exists`) : [];
  });
}

function repeatedActionIds(blocks: readonly Json[], place: Place): readonly Problem[] {
  return blocks.flatMap((block, index) => {
    const seen = new Set<string>();
    return (isObject(block) ? elementsOf(block) : []).flatMap(({ element, path }) => {
      const id = textAt(element, 'action_id');
      if (id === undefined) return [];
      const repeated = seen.has(id);
      seen.add(id);
      const at = inside(inside(place, index), `${path}/action_id`);
      return repeated ? problem(at, `\`action_id\` "${id}" already exists`) : [];
    });
  });
}

function ofType(blocks: readonly Json[], type: string): readonly JsonObject[] {
  return allBlocks(blocks).filter((block) => block['type'] === type);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function togetherTooMuch(blocks: readonly Json[], place: Place): readonly Problem[] {
  const markdown = sum(
    ofType(blocks, 'markdown').map((one) => lengthOf(textAt(one, 'text') ?? '')),
  );
  const tables = ofType(blocks, 'table');
  const dataTables = ofType(blocks, 'data_table');
  const focused = allBlocks(blocks)
    .flatMap(elementsOf)
    .filter(({ element }) => element['focus_on_load'] === true);
  return [
    ...(markdown > MARKDOWN_LENGTH_MAX
      ? problem(place, `markdown must be less than ${MARKDOWN_LENGTH_MAX + 1} characters`)
      : []),
    ...(tables.length > 1 ? problem(place, 'only_one_table_allowed') : []),
    ...(sum(tables.map(tableLength)) > 10_000
      ? problem(place, 'tables must be less than 10001 characters')
      : []),
    ...(sum(dataTables.map(tableLength)) > 20_000
      ? problem(place, 'data tables must be less than 20001 characters')
      : []),
    ...(ofType(blocks, 'data_visualization').length > CHARTS_MAX
      ? problem(place, `no more than ${CHARTS_MAX} data_visualization blocks allowed`)
      : []),
    ...(focused.length > 1 ? problem(place, 'only one element may have `focus_on_load`') : []),
  ];
}

/** Everything wrong with the blocks of a message or view. */
export function blockProblems(
  blocks: readonly Json[],
  { surface, pointer }: { readonly surface: Surface; readonly pointer: string },
): readonly Problem[] {
  const place: Place = { pointer, surface, parent: '' };
  const max = surface === 'message' ? MESSAGE_BLOCKS_MAX : VIEW_BLOCKS_MAX;
  return [
    ...list(anyBlock, { max })(blocks, place),
    ...repeatedBlockIds(blocks, place),
    ...repeatedActionIds(blocks, place),
    ...togetherTooMuch(blocks, place),
  ];
}

/** Characters of text in the blocks, tables aside: they have limits of their own. */
export function blocksLength(blocks: Json): number {
  if (isList(blocks)) return sum(blocks.map(blocksLength));
  if (!isObject(blocks)) return 0;
  if (blocks['type'] === 'table' || blocks['type'] === 'data_table') return 0;
  return sum(
    Object.entries(blocks).map(([key, value]) => {
      if (key === 'text' && typeof value === 'string') return lengthOf(value);
      return value === undefined ? 0 : blocksLength(value);
    }),
  );
}

const common = {
  optional: {
    private_metadata: string({ min: 0, max: 3000 }),
    callback_id: string({ min: 0, max: 255 }),
    external_id: string({ min: 0, max: 255 }),
    clear_on_close: boolean,
    notify_on_close: boolean,
  },
};

const modal = object({
  required: { type: anything, title: part.plainText(24), blocks: anything },
  optional: { ...common.optional, submit: part.plainText(24), close: part.plainText(24) },
});

const home = object({ required: { type: anything, blocks: anything }, ...common });

function submitMissing(view: JsonObject, place: Place): readonly Problem[] {
  if (view['type'] !== 'modal' || view['submit'] !== undefined) return [];
  return objectsAt(view, 'blocks').flatMap((block, index) =>
    block['type'] === 'input'
      ? problem(
          inside(place, `blocks/${index}/input`),
          'must define `submit` to use an `input` block in modals',
        )
      : [],
  );
}

/** Everything wrong with a view. */
export function viewProblems(view: JsonObject): readonly Problem[] {
  const type = view['type'];
  const place: Place = {
    pointer: '/view',
    surface: type === 'home' ? 'home' : 'modal',
    parent: '',
  };
  if (type === undefined) return problem(place, 'missing required field: type');
  if (type !== 'modal' && type !== 'home') {
    return problem(inside(place, 'type'), `unsupported type: ${JSON.stringify(type)}`);
  }
  const blocks = view['blocks'];
  const inBlocks = isList(blocks)
    ? [
        ...list(anything, { min: 1 })(blocks, inside(place, 'blocks')),
        ...blockProblems(blocks, { surface: place.surface, pointer: '/view/blocks' }),
      ]
    : blocks === undefined
      ? []
      : problem(inside(place, 'blocks'), 'must be an array');
  const problems = [
    ...(type === 'modal' ? modal : home)(view, place),
    ...inBlocks,
    ...submitMissing(view, place),
  ];
  return problems.length === 0
    ? []
    : [...problem(place, 'failed to match all allowed schemas'), ...problems];
}
