/** What can be pressed, chosen or typed into: one drawing for each kind of element. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { plainText } from '../text/mrkdwn.ts';
import { isTrueAt, numberAt, textAt, wordsAt } from '../world/json.ts';
import type { Take } from './choices.ts';
import { checkboxes, overflow, radios, select } from './choices.ts';
import type { Surface, Used } from './surface.ts';
import { fieldId, valueOf } from './surface.ts';

function button(surface: Surface, used: Used): Drawn {
  const { element } = used;
  const style = textAt(element, 'style') ?? 'plain';
  const isBusy = surface.isBusy(used);
  const url = textAt(element, 'url');
  return h(
    'button',
    {
      type: 'button',
      class: `button is-${style}${isBusy ? ' is-busy' : ''}`,
      'aria-label': textAt(element, 'accessibility_label'),
      'aria-busy': isBusy ? 'true' : undefined,
      onclick: () => {
        if (isBusy) return;
        if (url !== undefined && /^https?:/.test(url)) window.open(url, '_blank', 'noopener');
        surface.press(used);
      },
    },
    plainText(wordsAt(element, 'text')),
  );
}

const INPUT_TYPES: Readonly<Record<string, string>> = {
  email_text_input: 'email',
  url_text_input: 'url',
  datepicker: 'date',
  timepicker: 'time',
  datetimepicker: 'datetime-local',
};

/** Seconds since the epoch as the browser's own field wants them, in local time. */
function localMoment(seconds: string): string {
  const at = new Date(Number(seconds) * 1000);
  const local = new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  return Number.isNaN(local.getTime()) ? '' : local.toISOString().slice(0, 16);
}

function textOf(event: Event): string | null {
  const { currentTarget: field } = event;
  const holdsText = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (!holdsText || field.value === '') return null;
  const isMoment = field.type === 'datetime-local';
  return isMoment ? String(Math.floor(new Date(field.value).getTime() / 1000)) : field.value;
}

function typedInto(surface: Surface, used: Used, take: Take): Drawn {
  const { element } = used;
  const type = textAt(element, 'type') ?? '';
  const value = valueOf(surface, used);
  const text = typeof value === 'string' ? value : '';
  const isPicker = type.endsWith('picker');
  const common = {
    id: fieldId(surface, used),
    value: type === 'datetimepicker' && text !== '' ? localMoment(text) : text,
    placeholder: plainText(wordsAt(element, 'placeholder')) || undefined,
    maxlength: numberAt(element, 'max_length'),
    [isPicker ? 'onchange' : 'oninput']: (event: Event) => take(textOf(event)),
  };
  if (isTrueAt(element, 'multiline') || type === 'rich_text_input') {
    return h('textarea', { ...common, rows: 3 });
  }
  return h('input', {
    ...common,
    type: INPUT_TYPES[type] ?? 'text',
    inputmode: type === 'number_input' ? 'decimal' : undefined,
    autocomplete: 'off',
  });
}

/** A field, wherever it stands; `take` gets what is put in. */
export function drawField(surface: Surface, used: Used, take: Take): Child {
  const type = textAt(used.element, 'type') ?? '';
  switch (type) {
    case 'radio_buttons':
      return radios(surface, used, take);
    case 'checkboxes':
    case 'multi_static_select':
    case 'multi_users_select':
    case 'multi_conversations_select':
    case 'multi_channels_select':
      return checkboxes(surface, used, take);
    case 'static_select':
    case 'users_select':
    case 'conversations_select':
    case 'channels_select':
      return select(surface, used, take);
    case 'file_input':
      return h('p', { class: 'hint' }, 'Files cannot be sent from this page.');
    default:
      return typedInto(surface, used, take);
  }
}

/** An element of a section or of a row of actions: what is put in is told at once. */
export function drawElement(surface: Surface, used: Used): Child {
  switch (textAt(used.element, 'type')) {
    case 'button':
      return button(surface, used);
    case 'overflow':
      return overflow(surface, used);
    case 'workflow_button':
      return null;
    default:
      return drawField(surface, used, (value) => {
        surface.choose(used, value);
        surface.press(used, value);
      });
  }
}
