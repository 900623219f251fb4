import type { Patience, ServiceOutcome } from '../doors.ts';
import { callOnce, type HttpAnswer } from '../http.ts';
import { mask } from '../programs/mask.ts';

const BODY_BYTES_MAX = 2 * 1_024;
const SHOWN_CHARACTERS_MAX = 500;
const REDIRECTS_MAX = 3;

export interface HealthCheck extends Patience {
  readonly url: string;
  readonly timeoutMs: number;
  readonly secrets: readonly string[];
}

/** Healthy is an answer of 2xx from the host that was asked. */
export async function checkHealth(check: HealthCheck): Promise<ServiceOutcome> {
  let url = check.url;
  for (let redirects = 0; redirects <= REDIRECTS_MAX; redirects += 1) {
    const answer = await callOnce({
      method: 'GET',
      url,
      timeoutMs: check.timeoutMs,
      bodyBytesMax: BODY_BYTES_MAX,
      signal: check.signal,
    });
    if (answer.state !== 'answered')
      return { ok: false, tail: `${sayAddress(url)} ${answer.say}.` };

    const next = answer.headers.get('location');
    if (answer.status < 300 || answer.status > 399 || next === null) {
      return {
        ok: answer.status >= 200 && answer.status <= 299,
        tail: sayAnswer(url, answer, check.secrets),
      };
    }
    // A login page on another host answers 200 to anybody: it says nothing about this service.
    if (!URL.canParse(next, url) || new URL(next, url).host !== new URL(url).host) {
      return {
        ok: false,
        tail: `${sayAddress(url)} answered ${answer.status} and points to another host, which was not asked.`,
      };
    }
    url = new URL(next, url).href;
  }
  return { ok: false, tail: `${sayAddress(check.url)} redirects in a circle.` };
}

function sayAnswer(
  url: string,
  { status, tookMs, body }: Extract<HttpAnswer, { state: 'answered' }>,
  secrets: readonly string[],
): string {
  const shown = mask(body, secrets)
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, SHOWN_CHARACTERS_MAX);
  const answered = `${sayAddress(url)} answered ${status} in ${tookMs} ms`;
  return shown === '' ? `${answered}.` : `${answered}: ${shown}`;
}

/** Without its query and its credentials, which may be secrets. */
function sayAddress(url: string): string {
  if (!URL.canParse(url)) return 'The health address';
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}
