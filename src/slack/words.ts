/** What a person typed → a verb and the words after it. Pure, and total: any text is read or answered. */
import { cutTo } from '../incident/text.ts';

export type Said =
  /** Nothing after the command: the panel is wanted. */
  | { readonly kind: 'bare' }
  | { readonly kind: 'verb'; readonly verb: string; readonly words: readonly string[] }
  | { readonly kind: 'unknown'; readonly said: string; readonly nearest: string };

const SAID_MAX = 40;

export function readWords(text: string, verbs: readonly string[]): Said {
  const all = splitWords(text);
  // People paste what a message told them to type.
  const [first, ...words] = all[0] === '/rollback' ? all.slice(1) : all;
  if (first === undefined) return { kind: 'bare' };
  const said = first.toLowerCase();
  const verb = verbs.find((one) => plainly(one) === plainly(said));
  if (verb !== undefined) return { kind: 'verb', verb, words };
  return { kind: 'unknown', said: saidBack(first), nearest: nearestOf(said, verbs) };
}

/** The same words, without the mention of the app at their beginning. */
export function withoutMention(text: string): string {
  return text.replace(/^\s*(?:<@[A-Z0-9]+(?:\|[^>]*)?>[\s,:]*)+/, '');
}

/** `back-up`, `backup` and `back_up` are one word to a person in a hurry. */
function plainly(word: string): string {
  return word.replaceAll(/[-_‐-―]/g, '');
}

/** Words that are shown again must not be able to ring anybody or to end our quoting. */
function saidBack(word: string): string {
  const harmless = word.replaceAll(/[<>&`*_~{}|@#]/g, '');
  return cutTo(harmless, SAID_MAX);
}

const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'" };

/** Words by white space; quoted ones stay together, also after `key=`; an apostrophe inside a word is no quote. */
export function splitWords(text: string): readonly string[] {
  const letters = Array.from(plainCharacters(text));
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (const [at, letter] of letters.entries()) {
    if (quote !== null) {
      if (letter === quote && endsQuote(letters[at + 1])) quote = null;
      else word = `${word ?? ''}${letter}`;
    } else if (QUOTES[letter] !== undefined && (word === null || word.endsWith('='))) {
      quote = letter;
      word ??= '';
    } else if (/\s/.test(letter)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = `${word ?? ''}${letter}`;
    }
  }
  if (word !== null) words.push(word);
  return words.map(unescaped).filter((one) => one !== '');
}

function endsQuote(following: string | undefined): boolean {
  return following === undefined || /\s/.test(following);
}

/** Phones write “so”, and copying from a message brings back-ticks and invisible spaces along. */
function plainCharacters(text: string): string {
  return text
    .replaceAll(/[“”„‟«»]/g, '"')
    .replaceAll(/[‘’‚‛]/g, "'")
    .replaceAll('`', '')
    .replaceAll(/[\u200B-\u200D\u2060\uFEFF]/g, '')
    .replaceAll(/<([@#!][A-Z0-9]+)\|[^>]*>/g, '<$1>')
    .replaceAll(/<((?:https?|mailto):[^|>\s]+)(?:\|[^>]*)?>/g, '$1');
}

function unescaped(word: string): string {
  return word.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
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
