/** Slack's mrkdwn as it is stored: entities escaped, tokens in angle brackets. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { dateInWords } from './dates.ts';
import { emoji } from './emoji.ts';
import { channelLink, link, mention } from './links.ts';
import type { Names } from './names.ts';

function readable(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}

function withEmoji(text: string): string {
  return text.replaceAll(/:([a-z0-9_+'-]+):/g, (whole, name: string) => emoji(name) ?? whole);
}

/** Plain text: nothing in it means anything but emoji. */
export function plainText(text: string): string {
  return withEmoji(readable(text));
}

function special(content: string, names: Names): Child {
  const [head = '', words] = content.slice(1).split('|');
  const date = /^date\^(\d+)\^([^^]*)(?:\^(.+))?$/.exec(head);
  if (date !== null) {
    const [, seconds = '', format = '', url] = date;
    const spare = readable(words ?? '');
    const said = dateInWords(Number(seconds), { format, spare, now: names.now });
    return h('time', { title: spare }, url === undefined ? said : link(url, said));
  }
  const called = words ?? head.replace(/^subteam\^/, '');
  return h('span', { class: 'mention is-me' }, called.startsWith('@') ? called : `@${called}`);
}

/** What stands between angle brackets. */
function token(content: string, names: Names): Child {
  const [target = '', words] = content.split('|');
  if (target.startsWith('@')) return mention(target.slice(1), names);
  if (target.startsWith('#')) return channelLink(target.slice(1), names);
  if (target.startsWith('!')) return special(content, names);
  const url = readable(target);
  return link(url, words === undefined ? url.replace(/^mailto:/, '') : plainText(words));
}

/** In code, a token is only its address. */
function code(content: string): string {
  return readable(content.replaceAll(/<((?:https?|mailto):[^<>|]+)(?:\|[^<>]*)?>/g, '$1'));
}

// In this order: what is code is nothing else, and a mark counts only at the edge of a word.
const INLINE = new RegExp(
  [
    /`(?<code>[^`\n]+)`/,
    /<(?<token>[^<>\n]+)>/,
    /(?<![\w*])\*(?=\S)(?<bold>[^*\n]+)(?<=\S)\*(?![\w*])/,
    /(?<!\w)_(?=\S)(?<italic>(?:[^_\n]|(?<=\w)_(?=\w))+)(?<=\S)_(?!\w)/,
    /(?<![\w~])~(?=\S)(?<strike>[^~\n]+)(?<=\S)~(?![\w~])/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

function inline(text: string, names: Names): readonly Child[] {
  const drawn: Child[] = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    drawn.push(plainText(text.slice(from, found.index)), marked(found.groups ?? {}, names));
    from = found.index + found[0].length;
  }
  return [...drawn, plainText(text.slice(from))];
}

function marked(found: Readonly<Record<string, string | undefined>>, names: Names): Child {
  const { code: coded, token: pointed, bold, italic, strike } = found;
  if (coded !== undefined) return h('code', {}, code(coded));
  if (pointed !== undefined) return token(pointed, names);
  if (bold !== undefined) return h('strong', {}, inline(bold, names));
  if (italic !== undefined) return h('em', {}, inline(italic, names));
  return h('s', {}, inline(strike ?? '', names));
}

const QUOTED = /^(?:&gt;|>) ?/;

/** Lines, with those that begin with `>` gathered into quotes. */
function quotesAndLines(text: string, names: Names): readonly Child[] {
  const groups: { readonly isQuote: boolean; readonly lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    const isQuote = QUOTED.test(line);
    const last = groups.at(-1);
    const content = isQuote ? line.replace(QUOTED, '') : line;
    if (last?.isQuote === isQuote) last.lines.push(content);
    else groups.push({ isQuote, lines: [content] });
  }
  return groups.map(({ isQuote, lines }) =>
    isQuote
      ? h('blockquote', {}, inline(lines.join('\n'), names))
      : inline(lines.join('\n'), names),
  );
}

/** The whole text; its line ends are kept by the style sheet. */
export function mrkdwn(text: string, names: Names): readonly Child[] {
  const parts = text.split('```');
  // A fence that is opened and not closed is only three characters.
  const whole =
    parts.length % 2 === 0
      ? [...parts.slice(0, -2), `${parts.at(-2) ?? ''}\`\`\`${parts.at(-1) ?? ''}`]
      : parts;
  return whole.map((part, index) => {
    if (index % 2 === 1) return h('pre', {}, code(part.replace(/^\n/, '').replace(/\n$/, '')));
    const before = index > 0 ? part.replace(/^\n/, '') : part;
    const between = index < whole.length - 1 ? before.replace(/\n$/, '') : before;
    return between === '' ? null : quotesAndLines(between, names);
  });
}

/** Every user id that a text rings for; `everybody` for @here and @channel. */
export function mentionedIn(text: string): readonly string[] {
  return [...text.matchAll(/<@(\w+)|<!(here|channel|everyone)/g)].map(
    ([, user]) => user ?? 'everybody',
  );
}
