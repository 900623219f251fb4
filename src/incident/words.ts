/** What people type, taken apart. Nothing here throws, whatever is typed. */

/** Words as a shell would see them, except that quotes stay: a sentence keeps its own. */
export function splitWords(text: string): readonly string[] {
  return text.match(/(?:[^\s"“”]|"[^"]*"|“[^”]*”|["“”])+/gu) ?? [];
}

/** `"to be or not"` → `to be or not`; phones write “ and ” by themselves. */
export function unquote(word: string): string {
  return /^["“](?<inside>[^"“”]*)["”]$/u.exec(word)?.groups?.['inside'] ?? word;
}

/** All words as one text; null when there is none. */
export function sentenceOf(words: readonly string[]): string | null {
  const text = unquote(words.join(' ').trim()).trim();
  return text === '' ? null : text;
}

/** `to=7` → `['to', '7']`; null when it is no such pair. */
export function pairOf(word: string): readonly [name: string, value: string] | null {
  const found = /^(?<name>[a-z][a-z-]*)=(?<value>.*)$/su.exec(word)?.groups;
  const name = found?.['name'];
  const value = found?.['value'];
  return name === undefined || value === undefined ? null : [name, unquote(value)];
}
