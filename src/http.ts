/** HTTP calls that we make, bounded in time and size and never redirected behind our back; and bodies that we are sent. */
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import { Fault } from './doors.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  readonly bodyBytesMax: number;
  readonly signal: AbortSignal;
}

export type HttpAnswer =
  | {
      readonly state: 'answered';
      readonly status: number;
      readonly headers: Headers;
      /** At most `bodyBytesMax` of it. */
      readonly body: string;
      readonly tookMs: number;
    }
  /** `say` continues a sentence that begins with the name of who was called. It holds nothing of the URL. */
  | { readonly state: 'silent'; readonly say: string }
  /** Nobody was called, and trying again would not help. */
  | { readonly state: 'unusable'; readonly say: string };

/** Calls once. No answer is a result; that the caller has stopped is a Fault. */
export async function callOnce(call: HttpCall): Promise<HttpAnswer> {
  const address = readAddress(call.url);
  if (address === null) {
    return { state: 'unusable', say: 'cannot be called: its address is no http or https URL' };
  }
  const began = performance.now();
  const timeout = AbortSignal.timeout(call.timeoutMs);
  try {
    const response = await fetch(address.url, {
      method: call.method,
      redirect: 'manual',
      signal: AbortSignal.any([call.signal, timeout]),
      headers: { ...address.headers, ...call.headers },
      ...(call.body === undefined ? {} : { body: call.body }),
    });
    const body = await head(response, call.bodyBytesMax);
    return {
      state: 'answered',
      status: response.status,
      headers: response.headers,
      body,
      tookMs: Math.round(performance.now() - began),
    };
  } catch (problem) {
    if (call.signal.aborted) throw new Fault('stopped', 'Stopped while waiting for an answer.');
    if (timeout.aborted) {
      return { state: 'silent', say: `did not answer within ${call.timeoutMs / 1_000} s` };
    }
    return { state: 'silent', say: sayFailure(problem) };
  }
}

/** `fetch` refuses a URL with a name and a password in it, so they become the header that they stand for. */
function readAddress(
  text: string,
): { readonly url: URL; readonly headers: Readonly<Record<string, string>> } | null {
  if (!URL.canParse(text)) return null;
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null;
  if (url.username === '' && url.password === '') return { url, headers: {} };
  const who = [url.username, url.password].map(unescape).join(':');
  url.username = '';
  url.password = '';
  return { url, headers: { authorization: `Basic ${Buffer.from(who).toString('base64')}` } };
}

/** A name or a password with a bare `%` is taken as it stands. */
function unescape(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Reads no further than needed: whoever answers with gigabytes does not get our memory. */
async function head(response: Response, bytesMax: number): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const parts: AsyncIterable<unknown> = response.body;
  for await (const chunk of parts) {
    if (!(chunk instanceof Uint8Array)) break;
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes >= bytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, bytesMax).toString('utf8');
}

const FAILURES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ECONNRESET: 'closed the connection',
  EAI_AGAIN: 'cannot be found: its name does not resolve right now',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ENOTFOUND: 'cannot be found: its name does not resolve',
  ETIMEDOUT: 'did not answer',
  UND_ERR_CONNECT_TIMEOUT: 'did not answer',
  UND_ERR_SOCKET: 'closed the connection',
};

/** A library's message may quote the URL with everything in it, so only its code is looked at. */
function sayFailure(problem: unknown): string {
  const code = codeOf(problem);
  if (code === undefined) return 'cannot be called';
  return FAILURES[code] ?? `cannot be reached (${code})`;
}

function codeOf(problem: unknown): string | undefined {
  for (let link = problem; link instanceof Error; link = link.cause) {
    if ('code' in link && typeof link.code === 'string') return link.code;
  }
  return undefined;
}

/** What we are sent; null when it is more than that many bytes. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const parts: AsyncIterable<unknown> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of parts) {
    if (!(chunk instanceof Uint8Array)) continue;
    bytes += chunk.byteLength;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
