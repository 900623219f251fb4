/** Our own small web: a route is handed what it reads from and answers with a value. Nothing here knows Slack. */

export interface WebRequest {
  /** The `:names` of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Byte for byte: signatures are over these. */
  readonly rawBody: Uint8Array;
}

export interface WebAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Route {
  readonly method: 'GET' | 'POST';
  /** For example `/locks/:target`. */
  readonly path: string;
  handle(request: WebRequest): Promise<WebAnswer>;
}

export function answerJson(status: number, value: unknown): WebAnswer {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: `${JSON.stringify(value)}\n`,
  };
}

export function answerText(status: number, text: string): WebAnswer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `${text}\n` };
}
