/** Calls of Slack's Web API, each with a limit in time, and what became of them as a value. */
import type { Logger } from '@slack/bolt';
import { LogLevel } from '@slack/bolt';
import type { WebClientOptions } from '@slack/web-api';
import {
  WebAPIHTTPError,
  WebAPIPlatformError,
  WebAPIRateLimitedError,
  WebClient,
} from '@slack/web-api';
import { z } from 'zod';
import type { Log } from '../log.ts';

/** A person waits for these: they are given up before Slack would give up on us. */
const INTERACTION_TIMEOUT_MS = 2_000;
const DRAWING_TIMEOUT_MS = 10_000;

export type Web = Pick<WebClient, 'apiCall'>;

export interface WebClients {
  /** Forms and private answers. Never waits for the drawing. */
  readonly interaction: Web;
  readonly drawing: Web;
}

export interface WebAccess {
  readonly botToken: string;
  readonly apiUrl: string;
}

/** Two clients, because one that is asked to wait by Slack holds up everything it has in hand. */
export function openWeb(access: WebAccess, log: Log): WebClients {
  return {
    interaction: new WebClient(access.botToken, {
      ...clientOptions(access, log),
      timeout: INTERACTION_TIMEOUT_MS,
    }),
    drawing: new WebClient(access.botToken, {
      ...clientOptions(access, log),
      timeout: DRAWING_TIMEOUT_MS,
    }),
  };
}

/** No retries of its own: a post whose answer was lost would be posted again, and a form's trigger used twice. */
export function clientOptions({ apiUrl }: Pick<WebAccess, 'apiUrl'>, log: Log): WebClientOptions {
  return {
    slackApiUrl: apiUrl,
    logger: boltLogger(log),
    rejectRateLimitedCalls: true,
    retryConfig: { retries: 0 },
    timeout: INTERACTION_TIMEOUT_MS,
  };
}

/** Bolt's log lines in ours. Its debug lines hold whole requests, so they are left out. */
export function boltLogger(log: Log): Logger {
  const said = (parts: readonly unknown[]): string =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug: () => undefined,
    info: (...parts) => log.debug({ from: 'bolt' }, said(parts)),
    warn: (...parts) => log.warn({ from: 'bolt' }, said(parts)),
    error: (...parts) => log.warn({ from: 'bolt' }, said(parts)),
    getLevel: () => LogLevel.INFO,
    setLevel: () => undefined,
    setName: () => undefined,
  };
}

/** What became of a call. `unknown`: it may have been done, the answer was lost. */
export type Answered<Value> =
  | { readonly state: 'done'; readonly value: Value }
  | { readonly state: 'refused'; readonly error: string; readonly details: string }
  | { readonly state: 'limited'; readonly waitMs: number }
  | { readonly state: 'unknown' };

/** Errors with which Slack says that something went wrong on its side; part of it may have been done. */
const ITS_OWN_TROUBLE: readonly string[] = [
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'accesslimited',
];
const LIMITED: readonly string[] = ['ratelimited', 'rate_limited', 'message_limit_exceeded'];
const LIMITED_WAIT_MS = 5_000;

/** One call; never throws. An answer that does not fit the shape counts as lost. */
export async function call<Shape extends z.ZodType>(
  web: Web,
  method: string,
  given: { readonly args: Readonly<Record<string, unknown>>; readonly shape: Shape },
): Promise<Answered<z.infer<Shape>>> {
  try {
    const answer = given.shape.safeParse(await web.apiCall(method, { ...given.args }));
    return answer.success ? { state: 'done', value: answer.data } : { state: 'unknown' };
  } catch (error) {
    return answeredBy(error);
  }
}

function answeredBy(error: unknown): Answered<never> {
  if (error instanceof WebAPIRateLimitedError) {
    return { state: 'limited', waitMs: error.retryAfter * 1_000 };
  }
  if (error instanceof WebAPIPlatformError) {
    const { error: name, response_metadata: more } = error.data;
    if (LIMITED.includes(name)) return { state: 'limited', waitMs: LIMITED_WAIT_MS };
    // A proxy's page in the place of Slack's answer comes as an error named by its whole text.
    if (!/^[a-z_]+$/.test(name) || ITS_OWN_TROUBLE.includes(name)) return { state: 'unknown' };
    return { state: 'refused', error: name, details: more?.messages?.join(' ') ?? '' };
  }
  // Without a Retry-After the client gives a plain HTTP error for a 429.
  if (error instanceof WebAPIHTTPError && error.statusCode === 429) {
    return { state: 'limited', waitMs: LIMITED_WAIT_MS };
  }
  return { state: 'unknown' };
}

/** An answer of which nothing is needed but that it came. */
export const Nothing = z.object({ ok: z.literal(true) });
