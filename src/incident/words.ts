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

/** One word that was typed. */
export interface Word {
  /** In plain characters and without quotes around it: for names and options. */
  readonly text: string;
  /** As it was typed, without the quotes that hold it together. */
  readonly typed: string;
  /** It and everything after it as it was typed, without quotes around the whole: for what people have to say. */
  readonly onward: string;
}

/** The one of these names that is meant; capitals, hyphens and a full stop behind it do not matter. */
export function nameMeant<Name extends string>(
  said: string,
  names: readonly Name[],
): Name | undefined {
  return names.find((one) => one === said) ?? names.find((one) => plainly(one) === plainly(said));
}

/** `back-up`, `Backup` and `back_up.` are one word to a person in a hurry. */
function plainly(word: string): string {
  return bare(word).replaceAll(/[-_‐-―]/g, '');
}

/** The target of this name. Two of them may differ by a hyphen, so only capitals do not matter. */
export function targetMeant<Named extends { readonly name: string }>(
  said: string,
  targets: readonly Named[],
): Named | undefined {
  const alike = targets.filter((one) => bare(one.name) === bare(said));
  return targets.find((one) => one.name === said) ?? (alike.length === 1 ? alike[0] : undefined);
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[.,:;!]+$/, '');
}

/** `to=7` → `['to', '7']`; null when it is no such pair. */
export function pairOf(word: string): readonly [name: string, value: string] | null {
  const found = /^(?<name>[a-z][a-z-]*)=(?<value>.*)$/su.exec(word)?.groups;
  const name = found?.['name'];
  const value = found?.['value'];
  return name === undefined || value === undefined ? null : [name, value];
}
