/** A `rich_text` block: lists, quotes and code of styled pieces. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { JsonObject } from '../world/json.ts';
import { isTrueAt, numberAt, objectAt, objectsAt, textAt } from '../world/json.ts';
import { dateInWords } from './dates.ts';
import { emoji } from './emoji.ts';
import { channelLink, link, mention } from './links.ts';
import type { Names } from './names.ts';

const STYLES = { bold: 'strong', italic: 'em', strike: 's', underline: 'u', code: 'code' } as const;

function styled(element: JsonObject, content: Child): Child {
  const style = objectAt(element, 'style');
  return Object.entries(STYLES).reduce<Child>(
    (inner, [name, tag]) => (isTrueAt(style, name) ? h(tag, {}, inner) : inner),
    content,
  );
}

function piece(element: JsonObject, names: Names): Child {
  const text = textAt(element, 'text') ?? '';
  switch (textAt(element, 'type')) {
    case 'text':
      return text;
    case 'link': {
      const url = textAt(element, 'url') ?? '';
      return link(url, text === '' ? url : text);
    }
    case 'user':
      return mention(textAt(element, 'user_id') ?? '', names);
    case 'channel':
      return channelLink(textAt(element, 'channel_id') ?? '', names);
    case 'emoji': {
      const name = textAt(element, 'name') ?? '';
      return emoji(name) ?? `:${name}:`;
    }
    case 'date': {
      const spare = textAt(element, 'fallback') ?? '';
      const format = textAt(element, 'format') ?? '';
      const seconds = numberAt(element, 'timestamp') ?? Number.NaN;
      return h('time', {}, dateInWords(seconds, { format, spare, now: names.now }));
    }
    case 'broadcast':
      return h('span', { class: 'mention is-me' }, `@${textAt(element, 'range') ?? 'here'}`);
    default:
      return text;
  }
}

function line(section: JsonObject, names: Names): readonly Child[] {
  return objectsAt(section, 'elements').map((one) => styled(one, piece(one, names)));
}

function part(element: JsonObject, names: Names): Child {
  const content = (): readonly Child[] => line(element, names);
  switch (textAt(element, 'type')) {
    case 'rich_text_list': {
      const indent = Math.min(numberAt(element, 'indent') ?? 0, 8);
      return h(
        textAt(element, 'style') === 'ordered' ? 'ol' : 'ul',
        { class: `indent-${indent}`, start: (numberAt(element, 'offset') ?? 0) + 1 },
        objectsAt(element, 'elements').map((one) => h('li', {}, line(one, names))),
      );
    }
    case 'rich_text_quote':
      return h('blockquote', {}, content());
    case 'rich_text_preformatted':
      return h('pre', {}, content());
    default:
      return h('div', {}, content());
  }
}

export function richText(block: JsonObject, names: Names): Child {
  return h(
    'div',
    { class: 'text' },
    objectsAt(block, 'elements').map((one) => part(one, names)),
  );
}
