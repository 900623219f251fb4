import type { Json, JsonObject } from '../json.ts';
import { isList, isObject, listAt, objectsAt, textAt } from '../json.ts';
import { lengthOf } from '../text.ts';
import { blockId } from './composition.ts';
import { richText } from './rich-text.ts';
import type { Check, Place, Problem } from './shape.ts';
import { anything, boolean, byType, inside, list, number, object, oneOf } from './shape.ts';
import { problem, string } from './shape.ts';

const cells = {
  raw_text: object({ required: { type: anything, text: string({}) } }),
  raw_number: object({
    required: { type: anything, value: number({}) },
    optional: { text: string({}) },
  }),
  rich_text: richText,
};
const cell = byType(cells);

/** Every row as long as the first one. */
function ragged(value: JsonObject, place: Place): readonly Problem[] {
  const rows = listAt(value, 'rows').filter(isList);
  const width = rows[0]?.length ?? 0;
  return rows.flatMap((row, index) =>
    row.length === width
      ? []
      : problem(inside(inside(place, 'rows'), index), 'all rows must have the same length'),
  );
}

export const table: Check = object({
  required: {
    type: anything,
    rows: list(list(cell, { min: 1, max: 20 }), { min: 1, max: 100 }),
  },
  optional: {
    block_id: blockId,
    column_settings: list(
      (value, place) =>
        value === null
          ? []
          : object({
              optional: { align: oneOf(['left', 'center', 'right']), is_wrapped: boolean },
            })(value, place),
      { max: 20 },
    ),
  },
  also: ragged,
});

export const dataTable: Check = object({
  required: {
    type: anything,
    caption: string({}),
    rows: list(list(cell, { min: 1, max: 20 }), { min: 2, max: 201 }),
  },
  optional: {
    block_id: blockId,
    page_size: number({ min: 1, max: 100, whole: true }),
    row_header_column_index: number({ min: 0, max: 19, whole: true }),
  },
  also: (value, place) => [...ragged(value, place), ...plainHeader(value, place)],
});

function plainHeader(value: JsonObject, place: Place): readonly Problem[] {
  const header = listAt(value, 'rows')[0];
  if (!isList(header)) return [];
  return header.flatMap((item, index) =>
    isObject(item) && item['type'] === 'rich_text'
      ? problem(inside(place, `rows/0/${index}/type`), 'unsupported type: rich_text')
      : [],
  );
}

/** Characters in the cells of one table. */
export function tableLength(block: JsonObject): number {
  const count = (value: Json | undefined): number => {
    if (isList(value)) return value.reduce<number>((sum, item) => sum + count(item), 0);
    if (!isObject(value)) return 0;
    const own = lengthOf(textAt(value, 'text') ?? JSON.stringify(value['value'] ?? ''));
    return own + count(value['elements']);
  };
  return count(block['rows']);
}

const points = list(object({ required: { label: string({ max: 20 }), value: number({}) } }), {
  min: 1,
  max: 20,
});

const series = list(object({ required: { name: string({ max: 20 }), data: points } }), {
  min: 1,
  max: 12,
});

function sorted(labels: readonly Json[]): readonly string[] {
  return labels.map((label) => JSON.stringify(label)).toSorted((a, b) => a.localeCompare(b));
}

function onePointPerCategory(value: JsonObject, place: Place): readonly Problem[] {
  const config = isObject(value['axis_config']) ? value['axis_config'] : {};
  const categories = JSON.stringify(sorted(listAt(config, 'categories')));
  const names = objectsAt(value, 'series').map((one) => textAt(one, 'name'));
  const repeated = new Set(names).size < names.length;
  const uneven = objectsAt(value, 'series').some(
    (one) =>
      JSON.stringify(sorted(objectsAt(one, 'data').map((point) => point['label'] ?? ''))) !==
      categories,
  );
  return [
    ...(repeated ? problem(inside(place, 'series'), 'series names must be unique') : []),
    ...(uneven ? problem(inside(place, 'series'), 'must have one point per category') : []),
  ];
}

const axes = object({
  required: {
    type: anything,
    series,
    axis_config: object({
      required: { categories: list(string({ max: 20 }), { min: 1, max: 20 }) },
      optional: { x_label: string({ max: 50 }), y_label: string({ max: 50 }) },
    }),
  },
  also: onePointPerCategory,
});

export const dataVisualization: Check = object({
  required: {
    type: anything,
    title: string({ max: 50 }),
    chart: byType({
      pie: object({
        required: {
          type: anything,
          segments: list(
            object({
              required: { label: string({ max: 20 }), value: number({ min: Number.MIN_VALUE }) },
            }),
            { min: 1, max: 12 },
          ),
        },
      }),
      bar: axes,
      area: axes,
      line: axes,
    }),
  },
  optional: { block_id: blockId },
});
