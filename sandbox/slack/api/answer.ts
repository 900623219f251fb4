import type { JsonObject } from '../json.ts';

/** `ok: true`, or `ok: false` with Slack's error: both travel as HTTP 200. */
export type Answer = { readonly ok: boolean; readonly error?: string } & JsonObject;

export function ok(fields: JsonObject = {}, warnings: readonly string[] = []): Answer {
  if (warnings.length === 0) return { ok: true, ...fields };
  return {
    ok: true,
    ...fields,
    warning: warnings.join(','),
    response_metadata: { warnings },
  };
}

export function fail(error: string, fields: JsonObject = {}): Answer {
  return { ok: false, error, ...fields };
}

export function invalidArguments(messages: readonly string[]): Answer {
  return fail('invalid_arguments', {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  });
}

/** A step of a method: what it found, or the answer that ends the method. */
export type Step<T> =
  | { readonly ok: true; readonly found: T }
  | { readonly ok: false; readonly answer: Answer };

export function found<T>(value: T): Step<T> {
  return { ok: true, found: value };
}

export function refused<T>(error: string, fields: JsonObject = {}): Step<T> {
  return { ok: false, answer: fail(error, fields) };
}
