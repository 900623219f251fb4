import { z } from 'zod';
import type { Json } from '../json.ts';
import { decodeJson } from '../json.ts';
import type { Workspace } from '../state.ts';
import type { Answer } from './answer.ts';
import { invalidArguments } from './answer.ts';

/** Calls a minute, or a rule of the method's own. */
export type Tier = 1 | 2 | 3 | 4 | 'special' | 'per-channel';

/** Every argument arrives as text; absent ones are absent. */
export type RawArgs = Readonly<Record<string, string>>;

interface Declared {
  readonly name: string;
  readonly tier: Tier;
  /** Any one of them is enough; none needed when empty. */
  readonly scopes: readonly string[];
  readonly token?: 'bot' | 'app';
  /** Whether the method reads arguments from a JSON body. */
  readonly jsonBody?: boolean;
}

export interface Method extends Declared {
  readonly token: 'bot' | 'app';
  readonly jsonBody: boolean;
  readonly answer: (workspace: Workspace, args: RawArgs) => Answer;
}

export const text = z.string();

export const flag = z
  .enum(['true', 'false', '1', '0'], 'must be a valid boolean')
  .transform((value) => value === 'true' || value === '1');

export const integer = z
  .string()
  .regex(/^-?\d+$/, 'must be an integer')
  .transform(Number);

/** A value in JSON, or undefined inside when the text is not JSON: methods have their own errors for that. */
export const json = z.string().transform((value): { readonly value: Json | undefined } => ({
  value: decodeJson(value),
}));

function complaints(error: z.ZodError, args: RawArgs): readonly string[] {
  return error.issues.map((issue) => {
    const name = issue.path.join('/');
    if (args[name] === undefined) return `missing required field: ${name}`;
    return `${issue.message} [json-pointer:/${name}]`;
  });
}

/** A method of the Web API: its arguments are checked before it runs. */
export function defineMethod<S extends z.ZodObject>(
  declared: Declared & {
    readonly args: S;
    readonly run: (workspace: Workspace, args: z.infer<S>) => Answer;
  },
): Method {
  const { name, tier, scopes, token = 'bot', jsonBody = true, args: shape, run } = declared;
  return {
    name,
    tier,
    scopes,
    token,
    jsonBody,
    answer(workspace, args) {
      const read = shape.safeParse(args);
      if (!read.success) return invalidArguments(complaints(read.error, args));
      return run(workspace, read.data);
    },
  };
}
