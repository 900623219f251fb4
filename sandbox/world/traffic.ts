/** People who use the world's services: a few requests a second at the gateway, and how many succeed. */
import { loginOf, refreshToken, ROWS, sessionToken } from './rows.ts';
import { messageOf, Problem } from './services/http.ts';

const INTERVAL_MS = 150;
const AT_ONCE_MAX = 4;
const REQUEST_TIMEOUT_MS = 3_000;
const REMEMBERED_MAX = 40;

export type Outcome = 'succeeded' | 'failed' | 'maintenance' | 'unreachable';

export interface TrafficNow {
  /** Of the last 40 requests, from 0 to 1; null before the first answer. */
  readonly successRate: number | null;
  /** What most of the latest requests met. */
  readonly state: Outcome | 'none';
  readonly succeededCount: number;
  readonly failedCount: number;
  /** Of the last request that failed. */
  readonly lastProblem: string | null;
}

export interface Traffic {
  now(): TrafficNow;
  /** Forgets what was seen so far, as after the world was broken again. */
  forget(): void;
  /** Resolves when no request is under way any more. */
  stop(): Promise<void>;
}

interface Seen {
  readonly outcome: Outcome;
  readonly problem: string | null;
}

export function startTraffic(gatewayUrl: string): Traffic {
  const underWay = new Set<Promise<void>>();
  let number = 0;
  let recent: Seen[] = [];
  let counts = { succeeded: 0, failed: 0 };
  let lastProblem: string | null = null;

  const note = (seen: Seen): void => {
    recent = [...recent, seen].slice(-REMEMBERED_MAX);
    if (seen.outcome === 'succeeded') counts = { ...counts, succeeded: counts.succeeded + 1 };
    else counts = { ...counts, failed: counts.failed + 1 };
    lastProblem = seen.problem ?? lastProblem;
  };
  const timer = setInterval(() => {
    // A slow gateway gets no more than this at once: traffic must never be what breaks it.
    if (underWay.size >= AT_ONCE_MAX) return;
    number += 1;
    const request = send(gatewayUrl, number).then(note);
    underWay.add(request);
    void request.finally(() => underWay.delete(request));
  }, INTERVAL_MS);

  return {
    now: () => ({
      successRate: rateOf(recent),
      state: recent.at(-1)?.outcome ?? 'none',
      succeededCount: counts.succeeded,
      failedCount: counts.failed,
      lastProblem,
    }),
    forget() {
      recent = [];
      counts = { succeeded: 0, failed: 0 };
      lastProblem = null;
    },
    async stop() {
      clearInterval(timer);
      await Promise.all(underWay);
    },
  };
}

function rateOf(recent: readonly Seen[]): number | null {
  if (recent.length === 0) return null;
  return recent.filter(({ outcome }) => outcome === 'succeeded').length / recent.length;
}

async function send(gatewayUrl: string, number: number): Promise<Seen> {
  try {
    const response = await fetch(requestOf(gatewayUrl, number), {
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const body = Problem.safeParse(await response.json());
    const problem = body.data?.error ?? null;
    if (response.ok) return { outcome: 'succeeded', problem: null };
    if (problem === 'maintenance') return { outcome: 'maintenance', problem: null };
    return { outcome: 'failed', problem: problem ?? `It answered ${response.status}.` };
  } catch (error) {
    return {
      outcome: 'unreachable',
      problem: `The gateway cannot be reached: ${messageOf(error)}`,
    };
  }
}

/** In turn: log in, refresh, look at one's profile. Every third login names its device. */
function requestOf(gatewayUrl: string, number: number): Request {
  const round = Math.floor(number / 3);
  switch (number % 3) {
    case 0:
      return asJson(
        `${gatewayUrl}/login`,
        loginOf(activeAccount(round)),
        round % 3 === 0 ? { 'x-device': 'Phone' } : {},
      );
    case 1:
      return asJson(
        `${gatewayUrl}/refresh`,
        { refresh_token: refreshToken(1 + (round % ROWS.refresh_tokens)) },
        {},
      );
    default:
      return new Request(`${gatewayUrl}/me`, {
        headers: { authorization: `Bearer ${sessionToken(1 + (round % ROWS.sessions))}` },
      });
  }
}

function asJson(url: string, body: unknown, headers: Readonly<Record<string, string>>): Request {
  return new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

/** Accounts 1 to 32 of every fifty: the locked and the invited ones are not among them. */
function activeAccount(round: number): number {
  return 1 + (round % 32);
}
