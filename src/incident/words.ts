/** Words that people typed, and fields that they filled in. Nothing here throws, whatever was said. */
import { z } from 'zod';

/** A text that may be left empty. Each field needs one of its own: its look hangs on it. */
export function optionalText(
  max: number,
): z.ZodOptional<z.ZodPipe<z.ZodString, z.ZodTransform<string | undefined, string>>> {
  return bounded(max)
    .transform((one) => (one === '' ? undefined : one))
    .optional();
}

export function neededText(max: number): z.ZodString {
  return bounded(max).min(1, 'Something has to be said here.');
}

function bounded(max: number): z.ZodString {
  return z.string().trim().max(max, `At most ${max} characters.`);
}

/** All words as one text; undefined when there is none. */
export function sentenceOf(words: readonly string[]): string | undefined {
  const said = words.join(' ').trim();
  return said === '' ? undefined : said;
}

/** `to=7` → `['to', '7']`; null when it is no such pair. */
export function pairOf(word: string): readonly [name: string, value: string] | null {
  const found = /^(?<name>[a-z][a-z-]*)=(?<value>.*)$/su.exec(word)?.groups;
  const name = found?.['name'];
  const value = found?.['value'];
  return name === undefined || value === undefined ? null : [name, value];
}
