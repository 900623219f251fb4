/** Slack counts characters; we count Unicode code points, as third-party measurements suggest. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

const TOKEN = /<(?:[@#!][^<>\s][^<>]*|(?:https?|mailto|slack|tel):[^<>]+)>/;
const ENTITY = /&(?:amp|lt|gt);/;
const BARE_URL = /https?:\/\/[^\s<>|`]*[^\s<>|`.,;:!?'")\]]/;

const EMOJI: Readonly<Record<string, string>> = {
  '✅': 'white_check_mark',
  '❌': 'x',
  '⚠️': 'warning',
  '⚠': 'warning',
  '🚨': 'rotating_light',
  '⏳': 'hourglass_flowing_sand',
  '⌛': 'hourglass',
  '🔴': 'red_circle',
  '🟢': 'large_green_circle',
  '🟡': 'large_yellow_circle',
  '⚪': 'white_circle',
  '🔒': 'lock',
  '📌': 'pushpin',
  '👍': '+1',
  '🎉': 'tada',
  '🔥': 'fire',
  ℹ️: 'information_source',
};

function escapeBare(text: string): string {
  let rest = text;
  let escaped = '';
  while (rest !== '') {
    const entity = ENTITY.exec(rest);
    const head = entity === null ? rest : rest.slice(0, entity.index);
    escaped += head.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    escaped += entity?.[0] ?? '';
    rest = entity === null ? '' : rest.slice(entity.index + entity[0].length);
  }
  return escaped;
}

function linked(text: string): string {
  return text.replaceAll(new RegExp(BARE_URL, 'g'), (url) => `<${url}>`);
}

function withEmojiNames(text: string): string {
  return Object.entries(EMOJI).reduce(
    (named, [picture, name]) => named.replaceAll(picture, `:${name}:`),
    text,
  );
}

/** The text as Slack stores it: bare &, < and > escaped, addresses wrapped, emoji as names. */
export function storedText(text: string, { links }: { readonly links: boolean }): string {
  const parts = text.split(new RegExp(`(${TOKEN.source})`));
  return withEmojiNames(
    parts
      // A token keeps its angle brackets, everything between tokens is plain content.
      .map((part, index) => {
        if (index % 2 === 1) return part.replaceAll(/&(?!(?:amp|lt|gt);)/g, '&amp;');
        return links ? linked(escapeBare(part)) : escapeBare(part);
      })
      .join(''),
  );
}

/** What a person reads in place of the stored text. */
export function readableText(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
