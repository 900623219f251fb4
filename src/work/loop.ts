/** A loop over the store: run when something changed, and every two seconds to be certain. */
import { setTimeout as wait } from 'node:timers/promises';
import { inTime } from '../deadline.ts';
import type { Log } from '../log.ts';
import { describeError } from '../log.ts';
import type { StoreConnection } from '../store/connect.ts';
import { holdLease } from '../store/leases.ts';

const SWEEP_MS = 2_000;
const LEASE_SECONDS = 10;
/** A round is asked to end after this long; looking after one lost operation may take two minutes. */
const ROUND_MS = 150_000;
/** A round that was asked to end and has not is left to itself: whatever it waits for may never come. */
const END_MS = 10_000;

export interface Loop {
  /** Look now: something changed. */
  wake(): void;
  /** No further round; resolves when the present one has ended. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  readonly name: string;
  readonly store: StoreConnection;
  readonly holder: string;
  readonly log: Log;
  /** One round. `signal` aborts when it has to end: the loop stops, or it was long enough. */
  readonly round: (signal: AbortSignal) => Promise<void>;
  /** Shared loops run in one process at a time; others in every process. */
  readonly shared: boolean;
  /** Of a shared loop: after this long without a word it passes on to another process. */
  readonly leaseSeconds?: number | undefined;
  readonly roundMs?: number | undefined;
  readonly endMs?: number | undefined;
}

export function startLoop(options: LoopOptions): Loop {
  const stopping = new AbortController();
  let waking = new AbortController();

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      waking = new AbortController();
      await oneRound(options, stopping.signal);
      await pause(AbortSignal.any([waking.signal, stopping.signal]));
    }
  };
  const ended = run();
  return {
    wake: () => waking.abort(),
    stop: async () => {
      stopping.abort();
      await ended;
    },
  };
}

async function oneRound(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { name, store, holder, log, round, shared, leaseSeconds = LEASE_SECONDS } = options;
  try {
    if (shared && !(await holdLease(store, { name, holder, seconds: leaseSeconds }))) return;
    // Asking takes time: a round that began now would not hear that it has to end.
    if (signal.aborted) return;
    await (shared ? whileHolding(options, signal) : round(signal));
  } catch (error) {
    log.warn({ loop: name, error: describeError(error) }, 'a sweep failed; the next one goes on');
  }
}

/**
 * A round may take longer than the lease; it is renewed meanwhile, and the round ends when it is lost. A round
 * that hangs gives it away: another process takes over, and here the next round begins.
 */
async function whileHolding(options: LoopOptions, signal: AbortSignal): Promise<void> {
  const { name, store, holder, round, leaseSeconds = LEASE_SECONDS } = options;
  const { roundMs = ROUND_MS, endMs = END_MS } = options;
  const over = new AbortController();
  const ending = AbortSignal.any([signal, over.signal]);
  const limit = setTimeout(() => over.abort(), roundMs);
  const renewal = setInterval(
    () => {
      holdLease(store, { name, holder, seconds: leaseSeconds }).then(
        (isHeld) => {
          if (!isHeld) over.abort();
        },
        () => over.abort(),
      );
    },
    (leaseSeconds * 1000) / 3,
  );
  const asked = new Promise<void>((resolve) => {
    ending.addEventListener('abort', () => resolve());
  });
  try {
    const rounding = round(ending);
    await Promise.race([rounding, asked]);
    clearInterval(renewal);
    await inTime(rounding, endMs);
  } finally {
    clearTimeout(limit);
    clearInterval(renewal);
  }
}

async function pause(woken: AbortSignal): Promise<void> {
  try {
    await wait(SWEEP_MS, undefined, { signal: woken });
  } catch {
    // Woken: there is something to do.
  }
}
