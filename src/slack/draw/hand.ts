/** What drawing is done with: Slack at our own pace, and the store in which everything is kept. */
import type { z } from 'zod';
import type { Incident } from '../../incident/incident.ts';
import type { NewEvent } from '../../incident/events.ts';
import type { IncidentId } from '../../incident/names.ts';
import type { Target } from '../../incident/target.ts';
import type { Log } from '../../log.ts';
import { appendToIncident, lockIncident } from '../../store/append.ts';
import type { StoreConnection } from '../../store/connect.ts';
import type { WhoAreWe } from '../identity.ts';
import type { Pace, Urgency } from '../pace.ts';
import type { Web } from '../web.ts';
import { call } from '../web.ts';

export interface Hand {
  readonly store: StoreConnection;
  readonly web: Web;
  readonly pace: Pace;
  readonly whoAreWe: WhoAreWe;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What became of one thing that was to be drawn. */
export type Drawn =
  | { readonly state: 'done' }
  /** Not now: there is no turn, Slack asked to wait, or its answer was lost. */
  | { readonly state: 'later'; readonly waitMs: number }
  /** Slack refused, and trying again at once would change nothing. */
  | { readonly state: 'failed'; readonly error: string };

export const DONE: Drawn = { state: 'done' };

/** After an answer was lost, before it is looked for. */
const LOST_WAIT_MS = 500;

export type Told<Value> =
  | { readonly state: 'done'; readonly value: Value }
  | { readonly state: 'refused'; readonly error: string; readonly details: string }
  | {
      readonly state: 'later';
      readonly waitMs: number;
      /** The answer was lost: it may have been done. */
      readonly mayBeDone: boolean;
    };

export interface Question<Shape extends z.ZodType> {
  readonly method: string;
  readonly channel: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly shape: Shape;
  readonly urgency?: Urgency;
}

/** One call, when there is a turn for it. */
export async function ask<Shape extends z.ZodType>(
  hand: Hand,
  question: Question<Shape>,
): Promise<Told<z.infer<Shape>>> {
  const { method, channel, args, shape, urgency = 'patient' } = question;
  const waitMs = hand.pace.take({ method, channel }, urgency);
  if (waitMs > 0) return { state: 'later', waitMs, mayBeDone: false };
  const answered = await untilStopped(call(hand.web, method, { args, shape }), hand.signal);
  switch (answered.state) {
    case 'limited':
      hand.pace.hold(method, answered.waitMs);
      return { state: 'later', waitMs: answered.waitMs, mayBeDone: false };
    case 'unknown':
      hand.pace.hold(method, LOST_WAIT_MS);
      return { state: 'later', waitMs: LOST_WAIT_MS, mayBeDone: true };
    case 'done':
    case 'refused':
      return answered;
  }
}

/** A stop does not wait for Slack: what was asked counts as lost, and is found by the next who draws. */
async function untilStopped<Value>(
  work: Promise<Value>,
  signal: AbortSignal,
): Promise<Value | { readonly state: 'unknown' }> {
  let stop = (): void => undefined;
  const stopped = new Promise<{ readonly state: 'unknown' }>((resolve) => {
    stop = () => resolve({ state: 'unknown' });
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([work, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Writes down what happened in Slack, unless it no longer fits what the incident is by now. */
export async function note(
  hand: Hand,
  given: {
    readonly id: IncidentId;
    readonly target: Target;
    readonly event: NewEvent;
    readonly fits: (incident: Incident) => boolean;
  },
): Promise<Incident | null> {
  const { id, target, event, fits } = given;
  return hand.store.transaction(async (tx) => {
    const { incident, events } = await lockIncident(tx, id);
    if (incident === null || !fits(incident)) return incident;
    const after = await appendToIncident(tx, {
      id,
      before: events,
      events: [event],
      target,
      by: { kind: 'system', part: 'projection' },
    });
    return after.incident;
  });
}
