/** Fields in which something is chosen: lists, boxes, radio buttons, menus. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { mrkdwn, plainText } from '../text/mrkdwn.ts';
import type { JsonObject } from '../world/json.ts';
import { objectAt, objectsAt, textAt, wordsAt } from '../world/json.ts';
import type { FieldValue, Surface, Used } from './surface.ts';
import { fieldId, optionsOf, valueOf } from './surface.ts';

export type Take = (value: FieldValue) => void;

function wordsOf(option: JsonObject, key: string, { names }: Surface): Child {
  const words = wordsAt(option, key);
  const isMrkdwn = textAt(objectAt(option, key), 'type') === 'mrkdwn';
  return isMrkdwn ? mrkdwn(words, names) : plainText(words);
}

function listItem(value: string, words: string): Drawn {
  return h('option', { value, key: value }, words);
}

function optionDrawn(one: JsonObject): Drawn {
  return listItem(textAt(one, 'value') ?? '', plainText(wordsAt(one, 'text')));
}

/** The people or channels that a list without options of its own offers. */
function offered(type: string, { names }: Surface): readonly (readonly [string, string])[] {
  const people = Object.entries(names.people);
  const channels = Object.entries(names.channels).map(([id, name]) => [id, `#${name}`] as const);
  return type.includes('users') ? people : channels;
}

/** A list from which one thing is chosen. */
export function select(surface: Surface, used: Used, take: Take): Child {
  const { element } = used;
  const value = valueOf(surface, used);
  const groups = objectsAt(element, 'option_groups');
  const own = objectsAt(element, 'options');
  const type = textAt(element, 'type') ?? '';
  const hint = plainText(wordsAt(element, 'placeholder')) || 'Choose…';
  const chosen = optionsOf(element).find((one) => textAt(one, 'value') === value);
  const about = wordsAt(chosen, 'description');
  const listed = type.startsWith('static')
    ? own.map(optionDrawn)
    : offered(type, surface).map(([id, name]) => listItem(id, name));
  return [
    h(
      'select',
      {
        id: fieldId(surface, used),
        'aria-label': textAt(used.block, 'type') === 'input' ? undefined : hint,
        value: typeof value === 'string' ? value : '',
        disabled: surface.isBusy(used),
        onchange: ({ currentTarget }) => {
          if (currentTarget instanceof HTMLSelectElement) take(currentTarget.value || null);
        },
      },
      listItem('', hint),
      groups.map((group) =>
        h(
          'optgroup',
          { label: plainText(wordsAt(group, 'label')) },
          objectsAt(group, 'options').map(optionDrawn),
        ),
      ),
      listed,
    ),
    about !== '' && h('p', { class: 'hint' }, plainText(about)),
  ];
}

interface Box {
  readonly value: string;
  readonly isOn: boolean;
  readonly words: Child;
  readonly about: Child;
}

function box(
  surface: Surface,
  used: Used,
  drawn: Box & { readonly kind: 'checkbox' | 'radio'; readonly onchange: () => void },
): Drawn {
  const { value, isOn, words, about, kind, onchange } = drawn;
  return h(
    'label',
    { class: 'choice', key: value },
    h('input', {
      type: kind,
      name: fieldId(surface, used),
      value,
      checked: isOn,
      disabled: surface.isBusy(used),
      onchange,
    }),
    h('span', {}, words, about !== '' && h('small', {}, about)),
  );
}

function boxesOf(surface: Surface, used: Used): readonly Box[] {
  const { element } = used;
  const value = valueOf(surface, used);
  const isOn = (one: string): boolean =>
    Array.isArray(value) ? value.includes(one) : value === one;
  const type = textAt(element, 'type') ?? '';
  if (/^multi_(?:users|conversations|channels)/.test(type)) {
    return offered(type, surface).map(([id, name]) => ({
      value: id,
      isOn: isOn(id),
      words: name,
      about: '',
    }));
  }
  return optionsOf(element).map((one) => {
    const own = textAt(one, 'value') ?? '';
    const about = wordsAt(one, 'description') === '' ? '' : wordsOf(one, 'description', surface);
    return { value: own, isOn: isOn(own), words: wordsOf(one, 'text', surface), about };
  });
}

export function radios(surface: Surface, used: Used, take: Take): Drawn {
  return h(
    'div',
    { class: 'choices', role: 'radiogroup', id: fieldId(surface, used), tabindex: -1 },
    boxesOf(surface, used).map((one) =>
      box(surface, used, { ...one, kind: 'radio', onchange: () => take(one.value) }),
    ),
  );
}

/** Boxes of which several can be ticked; what is chosen keeps the order in which it is offered. */
export function checkboxes(surface: Surface, used: Used, take: Take): Drawn {
  const boxes = boxesOf(surface, used);
  const toggled = (value: string): readonly string[] =>
    boxes.flatMap((one) => (one.isOn !== (one.value === value) ? [one.value] : []));
  const isLong = boxes.length > 10;
  return h(
    'div',
    { class: isLong ? 'choices is-long' : 'choices', id: fieldId(surface, used), tabindex: -1 },
    boxes.map((one) =>
      box(surface, used, { ...one, kind: 'checkbox', onchange: () => take(toggled(one.value)) }),
    ),
  );
}

/** A menu behind three dots: what is chosen is told and forgotten. */
export function overflow(surface: Surface, used: Used): Drawn {
  return h(
    'select',
    {
      class: 'overflow',
      'aria-label': 'More',
      value: '',
      disabled: surface.isBusy(used),
      onchange: ({ currentTarget }) => {
        if (!(currentTarget instanceof HTMLSelectElement)) return;
        const { value } = currentTarget;
        currentTarget.value = '';
        surface.press(used, value);
      },
    },
    listItem('', '⋯'),
    objectsAt(used.element, 'options').map(optionDrawn),
  );
}
