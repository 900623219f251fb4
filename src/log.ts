/** The log of this process. Secrets never reach it: what is logged is named field by field. */
import { pino } from 'pino';
import { mask } from './programs/mask.ts';

export interface Log {
  info(about: Readonly<Record<string, unknown>>, message: string): void;
  warn(about: Readonly<Record<string, unknown>>, message: string): void;
  error(about: Readonly<Record<string, unknown>>, message: string): void;
  debug(about: Readonly<Record<string, unknown>>, message: string): void;
  child(scope: Readonly<Record<string, unknown>>): Log;
}

export function openLog(options: { readonly level: string; readonly role: string }): Log {
  return pino({
    level: options.level,
    base: { role: options.role },
    // Connection strings hide in the messages of many libraries.
    formatters: { log: maskStrings },
  });
}

/** What is told of an error: its kind, its message without passwords, and where it came from. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
  if (!(error instanceof Error)) return { message: mask(String(error)) };
  return {
    kind: error.name,
    message: mask(error.message),
    stack: error.stack === undefined ? undefined : mask(error.stack),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

function maskStrings(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? mask(value) : value,
    ]),
  );
}
