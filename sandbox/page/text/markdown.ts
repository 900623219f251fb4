/** Markdown, as far as post-mortems and `markdown` blocks need it. Nothing in it becomes HTML. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { link } from './links.ts';

const INLINE = new RegExp(
  [
    /`(?<code>[^`]+)`/,
    /\[(?<words>[^\]]+)\]\((?<url>[^()\s]+)\)/,
    /<(?<auto>https?:[^<>\s]+)>/,
    /(?<bare>https?:\/\/[^\s<>|`]*[^\s<>|`.,;:!?'")\]])/,
    /\*\*(?=\S)(?<bold>.+?)(?<=\S)\*\*/,
    /~~(?=\S)(?<strike>.+?)(?<=\S)~~/,
    /(?<![\w*])\*(?=\S)(?<italic>[^*]+)(?<=\S)\*(?![\w*])/,
    /(?<!\w)_(?=\S)(?<slant>(?:[^_]|(?<=\w)_(?=\w))+)(?<=\S)_(?!\w)/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
);

function marked(found: Readonly<Record<string, string | undefined>>): Child {
  const { code, words, url, auto, bare, bold, strike, italic, slant } = found;
  if (code !== undefined) return h('code', {}, code);
  if (words !== undefined) return link(url ?? '', inline(words));
  if (bold !== undefined) return h('strong', {}, inline(bold));
  if (strike !== undefined) return h('s', {}, inline(strike));
  const slanted = italic ?? slant;
  return slanted === undefined ? link(auto ?? bare ?? '') : h('em', {}, inline(slanted));
}

function inline(text: string): readonly Child[] {
  const drawn: Child[] = [];
  let from = 0;
  for (const found of text.matchAll(INLINE)) {
    drawn.push(text.slice(from, found.index), marked(found.groups ?? {}));
    from = found.index + found[0].length;
  }
  return [...drawn, text.slice(from)].map((one) =>
    typeof one === 'string' ? one.replaceAll(/\\([\\`*_{}[\]<>()#+.!|~-])/g, '$1') : one,
  );
}

const HEADING = /^(#{1,6})\s+(.*?)\s*#*$/;
const ITEM = /^(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)$/;
const RULE = /^\s*(?:-{3,}|\*{3,}|_{3,})\s*$/;
const FENCE = /^\s*```/;
const QUOTE = /^>\s?/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

interface Taken {
  readonly drawn: Drawn;
  readonly used: number;
}

function countWhile(lines: readonly string[], holds: (line: string) => boolean): number {
  const end = lines.findIndex((line) => !holds(line));
  return end === -1 ? lines.length : end;
}

function fence(lines: readonly string[]): Taken {
  const length = countWhile(lines.slice(1), (line) => !FENCE.test(line));
  const content = lines.slice(1, 1 + length).join('\n');
  return { drawn: h('pre', {}, content), used: length + 2 };
}

function item(line: string): Drawn {
  const [, space = '', , content = ''] = ITEM.exec(line) ?? [];
  const task = /^\[([ xX])\]\s+(.*)$/.exec(content);
  const depth = Math.min(Math.floor(space.length / 2), 8);
  const mark = task === null ? '' : task[1] === ' ' ? '☐ ' : '☑ ';
  return h(
    'li',
    { class: `indent-${depth}${task === null ? '' : ' is-task'}` },
    mark,
    inline(task?.[2] ?? content),
  );
}

function list(lines: readonly string[]): Taken {
  const used = countWhile(lines, (line) => ITEM.test(line) || /^\s{2,}\S/.test(line));
  const items: string[] = [];
  for (const line of lines.slice(0, used)) {
    // A line that begins no item goes on with the one before.
    if (ITEM.test(line)) items.push(line);
    else items.push(`${items.pop() ?? '-'} ${line.trim()}`);
  }
  const number = ITEM.exec(lines[0] ?? '')?.[2];
  const tag = number === undefined ? 'ul' : 'ol';
  return { drawn: h(tag, { start: number }, items.map(item)), used };
}

function cells(row: string): readonly string[] {
  return row
    .trim()
    .replace(/^\|/, '')
    .replace(/(?<!\\)\|$/, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

function table(lines: readonly string[]): Taken {
  const used = countWhile(lines, (line) => line.includes('|'));
  const rows = lines.slice(2, used).map(cells);
  const head = cells(lines[0] ?? '').map((cell) => h('th', {}, inline(cell)));
  const body = rows.map((row) =>
    h(
      'tr',
      {},
      row.map((cell) => h('td', {}, inline(cell))),
    ),
  );
  const drawn = h('table', {}, h('thead', {}, h('tr', {}, head)), h('tbody', {}, body));
  return { drawn: h('div', { class: 'table' }, drawn), used };
}

function begins(line: string): boolean {
  return [HEADING, ITEM, RULE, FENCE, QUOTE, /^\s*$/].some((start) => start.test(line));
}

function block(lines: readonly string[]): Taken {
  const [line = '', second = ''] = lines;
  if (FENCE.test(line)) return fence(lines);
  const heading = HEADING.exec(line);
  if (heading !== null) {
    const level = Math.min((heading[1] ?? '').length + 2, 6);
    return { drawn: h(`h${level}`, {}, inline(heading[2] ?? '')), used: 1 };
  }
  if (RULE.test(line)) return { drawn: h('hr'), used: 1 };
  if (ITEM.test(line)) return list(lines);
  if (line.includes('|') && TABLE_RULE.test(second) && second.includes('-')) return table(lines);
  if (QUOTE.test(line)) {
    const used = countWhile(lines, (one) => QUOTE.test(one));
    const inner = lines.slice(0, used).map((one) => one.replace(QUOTE, ''));
    return { drawn: h('blockquote', {}, blocks(inner)), used };
  }
  const used = 1 + countWhile(lines.slice(1), (one) => !begins(one));
  return { drawn: h('p', {}, inline(lines.slice(0, used).join('\n'))), used };
}

function blocks(lines: readonly string[]): readonly Drawn[] {
  const drawn: Drawn[] = [];
  let at = 0;
  while (at < lines.length) {
    if ((lines[at] ?? '').trim() === '') {
      at += 1;
    } else {
      const taken = block(lines.slice(at));
      drawn.push(taken.drawn);
      at += taken.used;
    }
  }
  return drawn;
}

export function markdown(text: string): Drawn {
  return h('div', { class: 'markdown' }, blocks(text.replaceAll('\r\n', '\n').split('\n')));
}
