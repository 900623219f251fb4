/** Small words for texts that people read. */

/** Somebody else's words inside a text of ours: they cannot mention anybody. */
export function asIs(words: string): string {
  return words.replaceAll(/\{(?=(?:person|time):)/g, '{\u200b');
}

/** `{person:anna}`: drawn as a mention or a name. */
export function mention(person: string): string {
  return `{person:${person}}`;
}

/** `{time:…}`: drawn in the reader's own time. */
export function moment(at: string): string {
  return `{time:${at}}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(names: readonly string[], word: 'and' | 'or' = 'and'): string {
  if (names.length < 2) return names[0] ?? '';
  return `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`;
}

/** At most so many names; the rest is counted. */
export function listedUpTo(names: readonly string[], max: number): string {
  if (names.length <= max) return listed(names);
  return `${names.slice(0, max).join(', ')} and ${names.length - max} more`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

export function saySize(sizeBytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = sizeBytes < 1 ? 0 : Math.min(4, Math.floor(Math.log(sizeBytes) / Math.log(1000)));
  const value = sizeBytes / 1000 ** power;
  return `${power === 0 ? value : value.toFixed(value < 10 ? 1 : 0)} ${units[power] ?? 'bytes'}`;
}

/** `40 s`, `12 min`, `3 h 5 min`. */
export function sayDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1000));
  if (seconds < 90) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${Math.floor(minutes / 60)} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** Cut with an ellipsis, never inside a surrogate pair. */
export function cutTo(text: string, max: number): string {
  if (text.length <= max) return text;
  const cut = text.slice(0, Math.max(0, max - 1));
  return `${cut.replace(/[\uD800-\uDBFF]$/, '')}…`;
}
