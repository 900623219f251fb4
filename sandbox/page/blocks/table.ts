import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Names } from '../text/names.ts';
import { richText } from '../text/rich-text.ts';
import type { Json, JsonObject } from '../world/json.ts';
import { isObject, listAt, numberAt, textAt } from '../world/json.ts';

function cell(given: Json, names: Names): Child {
  if (!isObject(given)) return null;
  if (textAt(given, 'type') === 'rich_text') return richText(given, names);
  return textAt(given, 'text') ?? String(numberAt(given, 'value') ?? '');
}

function isRow(row: Json): row is readonly Json[] {
  return Array.isArray(row);
}

/** The first row is the head. */
export function table(block: JsonObject, names: Names): Child {
  const aligned = listAt(block, 'column_settings').map((one) => textAt(one, 'align') ?? 'left');
  const rows = listAt(block, 'rows').filter(isRow);
  const row = (given: readonly Json[], tag: 'th' | 'td'): Child =>
    h(
      'tr',
      {},
      given.map((one, at) => h(tag, { class: `is-${aligned[at] ?? 'left'}` }, cell(one, names))),
    );
  return h(
    'div',
    { class: 'table' },
    h(
      'table',
      {},
      h('thead', {}, row(rows[0] ?? [], 'th')),
      h(
        'tbody',
        {},
        rows.slice(1).map((one) => row(one, 'td')),
      ),
    ),
  );
}
