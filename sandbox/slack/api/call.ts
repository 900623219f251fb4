import { meetFault } from '../faults.ts';
import type { Received, Reply } from '../http.ts';
import { formFields } from '../http.ts';
import type { JsonObject } from '../json.ts';
import { decodeJson, isObject } from '../json.ts';
import type { Fault, Workspace } from '../state.ts';
import { changed, kept } from '../workspace.ts';
import { missingScope } from './access.ts';
import type { Answer } from './answer.ts';
import { fail } from './answer.ts';
import type { Method, RawArgs } from './define.ts';
import { METHODS } from './methods.ts';
import { tooSoon } from './rate-limits.ts';

type ReadArgs =
  | {
      readonly ok: true;
      readonly args: RawArgs;
      /** A token in the body: forms only. */
      readonly token?: string;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly error: string };

function asText(value: JsonObject): RawArgs {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]): readonly (readonly [string, string])[] => {
      if (item === null || item === undefined) return [];
      return [[key, typeof item === 'string' ? item : JSON.stringify(item)]];
    }),
  );
}

function jsonArgs(received: Received, method: Method): ReadArgs {
  const value = decodeJson(received.body.toString());
  if (value === undefined) return { ok: false, error: 'invalid_json' };
  if (!isObject(value)) return { ok: false, error: 'json_not_object' };
  const { token: _token, ...args } = asText(value);
  const hasCharset = (received.headers['content-type'] ?? '').includes('charset');
  const warnings = hasCharset ? [] : ['missing_charset'];
  // Methods that do not read JSON see no arguments at all.
  return { ok: true, args: method.jsonBody ? args : {}, warnings };
}

async function readArgs(received: Received, method: Method): Promise<ReadArgs> {
  const query = Object.fromEntries(received.url.searchParams);
  const { token: _token, ...asked } = query;
  const type = (received.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (received.httpMethod === 'GET' || received.body.length === 0) {
    return { ok: true, args: asked, warnings: [] };
  }
  if (type === 'application/json') return jsonArgs(received, method);
  if (type !== 'application/x-www-form-urlencoded' && type !== 'multipart/form-data') {
    return { ok: false, error: 'invalid_post_type' };
  }
  try {
    const { token, ...fields } = await formFields(received);
    const args = { ...asked, ...fields };
    return { ok: true, args, warnings: [], ...(token !== undefined && { token }) };
  } catch {
    return { ok: false, error: 'invalid_form_data' };
  }
}

function tokenError(workspace: Workspace, method: Method, token: string): Answer | undefined {
  const { botToken, appToken, scopes } = workspace.app;
  if (token === '') return fail('not_authed');
  if (token !== botToken && token !== appToken) return fail('invalid_auth');
  const kind = token === botToken ? 'bot' : 'app';
  if (kind !== method.token) return fail('not_allowed_token_type');
  if (kind === 'app') return undefined;
  return (
    missingScope(workspace, method.scopes) &&
    fail('missing_scope', {
      needed: method.scopes.join(','),
      provided: scopes.join(','),
    })
  );
}

function bearer({ headers }: Received): string | undefined {
  const given = headers.authorization;
  return given?.startsWith('Bearer ') === true ? given.slice('Bearer '.length).trim() : undefined;
}

/** What a fault answers in the place of the method; undefined when the method runs. */
export function faultReply(fault: Fault | undefined): Reply | undefined {
  switch (fault?.kind) {
    case 'ratelimited':
      return limited(fault.retryAfterSeconds ?? 1);
    case 'http-500':
      return { status: 500, body: 'Internal Server Error' };
    case 'refused':
      return 'cut';
    case 'error':
      return { status: 200, body: fail(fault.error ?? 'internal_error') };
    case 'lost-answer':
    case undefined:
      return undefined;
  }
}

export function limited(retryAfterSeconds: number): Reply {
  return {
    status: 429,
    headers: { 'retry-after': String(retryAfterSeconds) },
    body: fail('ratelimited'),
  };
}

function withWarnings(answer: Answer, warnings: readonly string[]): Answer {
  if (!answer.ok || warnings.length === 0) return answer;
  return { ...answer, warning: warnings.join(','), response_metadata: { warnings } };
}

/** Keeps the call for `calls()`. */
export function noteCall(
  workspace: Workspace,
  {
    method,
    args,
    reply,
  }: { readonly method: string; readonly args: JsonObject; readonly reply: Reply },
): void {
  const answered =
    reply !== 'cut' && typeof reply.body === 'object' && !Buffer.isBuffer(reply.body);
  workspace.calls = kept(workspace.calls, {
    method,
    args,
    status: reply === 'cut' ? 0 : reply.status,
    answer: answered ? reply.body : null,
    at: workspace.now(),
  });
  changed(workspace);
}

interface Checked {
  readonly reply: Reply;
  readonly args: RawArgs;
}

async function answerCall(
  workspace: Workspace,
  method: Method,
  received: Received,
): Promise<Checked> {
  const read = await readArgs(received, method);
  if (!read.ok) return { reply: { status: 200, body: fail(read.error) }, args: {} };
  const { args } = read;
  const refusal = (answer: Answer): Checked => ({ reply: { status: 200, body: answer }, args });
  if (method.token === 'app' && received.httpMethod !== 'POST') {
    return refusal(fail('insecure_request'));
  }
  // An app-level token is read from the header only.
  const token = bearer(received) ?? (method.token === 'app' ? '' : (read.token ?? ''));
  const wrong = tokenError(workspace, method, token);
  if (wrong !== undefined) return refusal(wrong);
  const fault = meetFault(workspace, method.name);
  const faulty = faultReply(fault);
  if (faulty !== undefined) return { reply: faulty, args };
  const wait = tooSoon(workspace, method, args);
  if (wait !== undefined) return { reply: limited(wait), args };
  const badName = Object.keys(args).find((name) => !/^\w{1,64}$/.test(name));
  if (badName !== undefined) return refusal(fail('invalid_arg_name'));
  const answer = withWarnings(method.answer(workspace, args), read.warnings);
  if (fault?.kind === 'lost-answer') return { reply: 'cut', args };
  const headers = {
    'x-oauth-scopes': workspace.app.scopes.join(','),
    'x-accepted-oauth-scopes': method.scopes.join(','),
  };
  return { reply: { status: 200, headers, body: answer }, args };
}

/** One call of `/api/METHOD`. */
export async function callMethod(
  workspace: Workspace,
  name: string,
  received: Received,
): Promise<Reply> {
  const method = METHODS.get(name);
  if (method === undefined) {
    const reply: Reply = { status: 200, body: fail('unknown_method', { req_method: name }) };
    noteCall(workspace, { method: name, args: {}, reply });
    return reply;
  }
  const { reply, args } = await answerCall(workspace, method, received);
  noteCall(workspace, { method: name, args, reply });
  return reply;
}
