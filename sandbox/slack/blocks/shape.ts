import type { Json, JsonObject } from '../json.ts';
import { isList, isObject } from '../json.ts';
import { lengthOf } from '../text.ts';

/** Where blocks are shown. */
export type Surface = 'message' | 'modal' | 'home';

/** Where in a payload a check is looking: pointer, surface, and the block the element sits in. */
export interface Place {
  readonly pointer: string;
  readonly surface: Surface;
  readonly parent: string;
}

/** One thing wrong with a payload, in Slack's words. */
export interface Problem {
  readonly message: string;
  readonly pointer: string;
}

export type Check = (value: Json, place: Place) => readonly Problem[];
type Fields = Readonly<Record<string, Check>>;

export function problem(place: Place, message: string): readonly Problem[] {
  return [{ message, pointer: place.pointer }];
}

export function inside(place: Place, key: string | number): Place {
  return { ...place, pointer: `${place.pointer}/${key}` };
}

/** The problem as Slack prints it. */
export function printed({ message, pointer }: Problem): string {
  return `${message} [json-pointer:${pointer}]`;
}

export function string(rule: {
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: RegExp;
  readonly wanted?: string;
}): Check {
  return (value, place) => {
    if (typeof value !== 'string') return problem(place, 'must be a string');
    const length = lengthOf(value);
    if (length < (rule.min ?? 1)) {
      return problem(place, `must be more than ${(rule.min ?? 1) - 1} characters`);
    }
    if (rule.max !== undefined && length > rule.max) {
      return problem(place, `must be less than ${rule.max + 1} characters`);
    }
    if (rule.pattern !== undefined && !rule.pattern.test(value)) {
      return problem(place, `must be ${rule.wanted ?? 'well formed'}`);
    }
    return [];
  };
}

export const boolean: Check = (value, place) =>
  typeof value === 'boolean' ? [] : problem(place, 'must be a boolean');

export function number(rule: {
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
}): Check {
  return (value, place) => {
    if (typeof value !== 'number') return problem(place, 'must be a number');
    if (rule.whole === true && !Number.isInteger(value)) {
      return problem(place, 'must be an integer');
    }
    if (rule.min !== undefined && value < rule.min) {
      return problem(place, `must be at least ${rule.min}`);
    }
    if (rule.max !== undefined && value > rule.max) {
      return problem(place, `must be no more than ${rule.max}`);
    }
    return [];
  };
}

export function oneOf(allowed: readonly (string | number)[]): Check {
  return (value, place) =>
    allowed.some((one) => one === value)
      ? []
      : problem(place, `must be one of: ${allowed.join(', ')}`);
}

export function list(
  each: Check,
  { min = 0, max }: { readonly min?: number; readonly max?: number },
): Check {
  return (value, place) => {
    if (!isList(value)) return problem(place, 'must be an array');
    if (value.length < min) return problem(place, `no fewer than ${min} items allowed`);
    if (max !== undefined && value.length > max) {
      return problem(place, `no more than ${max} items allowed`);
    }
    return value.flatMap((item, index) => each(item, inside(place, index)));
  };
}

/** An object with exactly these fields: Slack does not ignore a property it does not know. */
export function object(fields: {
  readonly required?: Fields;
  readonly optional?: Fields;
  readonly also?: (value: JsonObject, place: Place) => readonly Problem[];
}): Check {
  const required = fields.required ?? {};
  const known = new Map(Object.entries({ ...required, ...fields.optional }));
  return (value, place) => {
    if (!isObject(value)) return problem(place, 'must provide an object');
    const missing = Object.keys(required)
      .filter((key) => value[key] === undefined)
      .flatMap((key) => problem(place, `missing required field: ${key}`));
    const wrong = Object.entries(value).flatMap(([key, item]) => {
      if (item === undefined) return [];
      const check = known.get(key);
      if (check === undefined) return problem(place, `invalid additional property: ${key}`);
      return check(item, inside(place, key));
    });
    return [...missing, ...wrong, ...(fields.also?.(value, place) ?? [])];
  };
}

/** An object told apart by its `type`. */
export function byType(
  kinds: Readonly<Record<string, Check>>,
  refuse: (type: string, place: Place) => boolean = () => false,
): Check {
  return (value, place) => {
    if (!isObject(value)) return problem(place, 'must provide an object');
    const type = value['type'];
    if (type === undefined) return problem(place, 'missing required field: type');
    const named = typeof type === 'string' ? type : JSON.stringify(type);
    const check = Object.hasOwn(kinds, named) ? kinds[named] : undefined;
    if (check === undefined || refuse(named, place)) {
      return problem(inside(place, 'type'), `unsupported type: ${named}`);
    }
    return check(value, place);
  };
}

/** A check that a `type` has already led to. */
export const anything: Check = () => [];

export function exclusive(first: string, second: string) {
  return (value: JsonObject, place: Place): readonly Problem[] => {
    const given = [first, second].filter((key) => value[key] !== undefined);
    if (given.length === 1) return [];
    return problem(place, `must define exactly one of \`${first}\` or \`${second}\``);
  };
}
