/** Block Kit, drawn in our own plain way. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { markdown } from '../text/markdown.ts';
import { mrkdwn, plainText } from '../text/mrkdwn.ts';
import { richText } from '../text/rich-text.ts';
import type { JsonObject } from '../world/json.ts';
import { isTrueAt, objectAt, objectsAt, textAt, wordsAt } from '../world/json.ts';
import { drawElement, drawField } from './elements.ts';
import { image } from './image.ts';
import type { FieldValue, Surface, Used } from './surface.ts';
import { fieldId } from './surface.ts';
import { table } from './table.ts';

function words(object: JsonObject | undefined, { names }: Surface): Child {
  const text = textAt(object, 'text') ?? '';
  return textAt(object, 'type') === 'mrkdwn' ? mrkdwn(text, names) : plainText(text);
}

function section(block: JsonObject, surface: Surface): Drawn {
  const text = objectAt(block, 'text');
  const fields = objectsAt(block, 'fields');
  const accessory = objectAt(block, 'accessory');
  const isImage = textAt(accessory, 'type') === 'image';
  return h(
    'div',
    { class: accessory === undefined ? 'section' : 'section has-accessory' },
    h(
      'div',
      { class: 'section-text' },
      text !== undefined && h('div', { class: 'text' }, words(text, surface)),
      fields.length > 0 &&
        h(
          'div',
          { class: 'fields' },
          fields.map((one) => h('div', { class: 'text' }, words(one, surface))),
        ),
    ),
    accessory !== undefined &&
      h(
        'div',
        { class: 'accessory' },
        isImage ? image(accessory) : drawElement(surface, { block, element: accessory }),
      ),
  );
}

function context(block: JsonObject, surface: Surface): Drawn {
  return h(
    'div',
    { class: 'context' },
    objectsAt(block, 'elements').map((one) =>
      textAt(one, 'type') === 'image'
        ? image(one)
        : h('span', { class: 'text' }, words(one, surface)),
    ),
  );
}

function tell(surface: Surface, used: Used, value: FieldValue): void {
  surface.choose(used, value);
  const isTyped = (textAt(used.element, 'type') ?? '').endsWith('_input');
  if (isTrueAt(used.block, 'dispatch_action') && !isTyped) surface.press(used, value);
}

const GROUPS = /^(?:radio_buttons|checkboxes|multi_)/;

/** A field of a form, with what is wrong about it. */
function input(block: JsonObject, surface: Surface): Child {
  const asked = objectAt(block, 'element');
  if (asked === undefined) return null;
  const used = { block, element: asked };
  const error = surface.errorAt(block);
  const hint = wordsAt(block, 'hint');
  const isGroup = GROUPS.test(textAt(asked, 'type') ?? '');
  const name = [
    plainText(wordsAt(block, 'label')),
    isTrueAt(block, 'optional') && h('span', { class: 'optional' }, ' optional'),
  ];
  return h(
    isGroup ? 'fieldset' : 'div',
    {
      class: error === undefined ? 'field' : 'field is-wrong',
      'data-block': textAt(block, 'block_id'),
    },
    isGroup
      ? h('legend', { class: 'label' }, name)
      : h('label', { for: fieldId(surface, used), class: 'label' }, name),
    drawField(surface, used, (value) => tell(surface, used, value)),
    error !== undefined && h('p', { class: 'error', role: 'alert' }, plainText(error)),
    hint !== '' && h('p', { class: 'hint' }, plainText(hint)),
  );
}

function drawBlock(one: JsonObject, surface: Surface): Child {
  const type = textAt(one, 'type') ?? '';
  switch (type) {
    case 'section':
      return section(one, surface);
    case 'actions':
      return h(
        'div',
        { class: 'actions' },
        objectsAt(one, 'elements').map((each) =>
          drawElement(surface, { block: one, element: each }),
        ),
      );
    case 'context':
      return context(one, surface);
    case 'divider':
      return h('hr');
    case 'header':
      return h('h3', {}, plainText(wordsAt(one, 'text')));
    case 'image':
      return h(
        'figure',
        {},
        image(one),
        wordsAt(one, 'title') !== '' && h('figcaption', {}, plainText(wordsAt(one, 'title'))),
      );
    case 'input':
      return input(one, surface);
    case 'rich_text':
      return richText(one, surface.names);
    case 'markdown':
      return markdown(textAt(one, 'text') ?? '');
    case 'alert':
      return h(
        'p',
        { class: `alert is-${textAt(one, 'level') ?? 'info'}`, role: 'status' },
        words(objectAt(one, 'text'), surface),
      );
    case 'table':
      return table(one, surface.names);
    default:
      return h('p', { class: 'hint' }, `A block of the kind “${type}” is not drawn here.`);
  }
}

export function blocks(given: readonly JsonObject[], surface: Surface): Drawn {
  return h(
    'div',
    { class: 'blocks' },
    given.map((one) =>
      h('div', { class: 'block', key: textAt(one, 'block_id') }, drawBlock(one, surface)),
    ),
  );
}
