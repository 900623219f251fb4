/** What a person typed → a verb and the words after it. Pure, and total: any text is read or answered. */
import { cutTo } from '../incident/text.ts';
import type { Word } from '../incident/words.ts';
import { nameMeant } from '../incident/words.ts';

export type Said =
  /** Nothing after the command: the panel is wanted. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'verb'; readonly verb: string; readonly words: readonly Word[] }
  | { readonly kind: 'unknown'; readonly said: string; readonly nearest: string };

const SAID_MAX = 40;

export function readWords(text: string, verbs: readonly string[]): Said {
  const all = splitWords(text);
  // People paste what a message told them to type.
  const [first, ...words] = all[0]?.text.toLowerCase() === '/rollback' ? all.slice(1) : all;
  if (first === undefined) return { kind: 'bare' };
  const verb = nameMeant(first.text, verbs);
  if (verb !== undefined) return { kind: 'verb', verb, words };
  const nearest = nearestOf(first.text.toLowerCase(), verbs);
  return { kind: 'unknown', said: saidBack(first.text), nearest };
}

/** What was said to us among other people: `hey @backout status`, `status @backout`. */
export function readMentioned(
  text: string,
  given: { readonly verbs: readonly string[]; readonly us: string | undefined },
): Said {
  const { verbs, us } = given;
  const mentions = [...text.matchAll(MENTIONS)];
  // What is said to somebody else is not said to us, as far as we know who we are.
  const ofUs = mentions.find(([called]) =>
    [`<@${us}>`, `<@${us}|`].some((one) => called.includes(one)),
  );
  const found = ofUs ?? mentions[0];
  if (found === undefined) return readWords(text, verbs);
  const after = readWords(text.slice(found.index + found[0].length), verbs);
  return after.kind === 'bare' ? readWords(text.slice(0, found.index), verbs) : after;
}

/** People called one after the other, and what divides them from what they are told. */
const MENTIONS = /(?:<@[A-Z0-9]+(?:\|[^>]*)?>[\s,:;.!]*)+/g;

/** Words that are shown again must not be able to ring anybody or to end our quoting. */
function saidBack(word: string): string {
  const harmless = word.replaceAll(/[<>&`*_~{}|@#]/g, '');
  return cutTo(harmless, SAID_MAX);
}

const QUOTES: readonly string[] = ['"', "'"];

/** Phones write “so”, and copying from a message brings back-ticks and invisible spaces along. */
const PLAIN: ReadonlyMap<string, string> = new Map([
  ...Array.from('“”„‟«»', (one) => [one, '"'] as const),
  ...Array.from('‘’‚‛', (one) => [one, "'"] as const),
  ...Array.from('`\u200B\u200C\u200D\u2060\uFEFF', (one) => [one, ''] as const),
]);

interface Letter {
  readonly typed: string;
  /** Empty for what says nothing in a name or an option. */
  readonly plain: string;
  readonly at: number;
}

/** Words by white space; quoted ones stay together, also after `key=`; an apostrophe inside a word is no quote. */
export function splitWords(text: string): readonly Word[] {
  const typed = asTyped(text);
  const letters = lettersOf(typed);
  const words: Word[] = [];
  let word = '';
  let wordTyped = '';
  let isWord = false;
  let quote: string | null = null;
  let onwardFrom = 0;
  const endWord = (at: number): void => {
    // What is no word of its own, such as "", belongs to what is said next.
    if (word !== '') {
      const onward = withoutQuotes(typed.slice(onwardFrom).trim());
      words.push({ text: word, typed: wordTyped, onward });
      onwardFrom = at;
    }
    word = '';
    wordTyped = '';
    isWord = false;
  };
  for (const [index, letter] of letters.entries()) {
    if (quote !== null && letter.plain === quote && isEnd(letters, index + 1)) {
      quote = null;
    } else if (quote === null && opensQuote(letter, { word, isWord })) {
      quote = letter.plain;
      isWord = true;
    } else if (quote === null && /\s/.test(letter.plain)) {
      endWord(letter.at);
    } else {
      word += letter.plain;
      wordTyped += letter.typed;
      isWord ||= letter.plain !== '';
    }
  }
  endWord(typed.length);
  return words;
}

/** Quotes around all of it hold it together; any other quote belongs to what is said. */
function withoutQuotes(said: string): string {
  const quote = plainOf(said.charAt(0));
  if (!QUOTES.includes(quote) || plainOf(said.slice(-1)) !== quote) return said;
  const inner = said.slice(1, -1).trim();
  const isOnePiece = inner !== '' && !Array.from(inner, plainOf).includes(quote);
  return isOnePiece ? inner : said;
}

function opensQuote(
  letter: Letter,
  before: { readonly word: string; readonly isWord: boolean },
): boolean {
  return QUOTES.includes(letter.plain) && (!before.isWord || before.word.endsWith('='));
}

function isEnd(letters: readonly Letter[], from: number): boolean {
  let at = from;
  while (letters[at]?.plain === '') at += 1;
  return /^\s?$/.test(letters[at]?.plain ?? '');
}

function plainOf(letter: string): string {
  return PLAIN.get(letter) ?? letter;
}

function lettersOf(text: string): readonly Letter[] {
  let at = 0;
  return Array.from(text, (typed) => {
    const letter = { typed, plain: plainOf(typed), at };
    at += typed.length;
    return letter;
  });
}

/** Without what Slack wrote around it, and without the back-ticks around a command that was pasted. */
function asTyped(text: string): string {
  return text
    .replace(/^\s*`+([^`]*)`+\s*$/, '$1')
    .replaceAll(/<([@#!][A-Z0-9]+)\|[^>]*>/g, '<$1>')
    .replaceAll(/<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

function nearestOf(said: string, verbs: readonly string[]): string {
  const ranked = verbs
    .map((verb) => ({ verb, distance: editDistance(said.slice(0, SAID_MAX), verb) }))
    .toSorted((a, b) => a.distance - b.distance);
  const [best] = ranked;
  const isFar = best === undefined || best.distance > Math.max(2, best.verb.length / 2);
  return isFar ? 'help' : best.verb;
}

/** How many letters have to be added, left out, changed, or swapped with their neighbour. */
export function editDistance(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (const [row, letter] of a.entries()) {
    const current = [row + 1];
    for (const [column, other] of b.entries()) {
      const changed = (last[column] ?? 0) + (letter === other ? 0 : 1);
      const simple = Math.min(changed, (last[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1);
      const isSwap = letter === b[column - 1] && a[row - 1] === other;
      current.push(isSwap ? Math.min(simple, (beforeLast[column - 1] ?? 0) + 1) : simple);
    }
    beforeLast = last;
    last = current;
  }
  return last.at(-1) ?? 0;
}
