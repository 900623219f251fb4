import { setTimeout as wait } from 'node:timers/promises';

/** The value, or a rejection when it takes longer: what is awaited may hang, who awaits it does not. */
export async function inTime<T>(value: Promise<T>, timeoutMs: number): Promise<T> {
  const done = new AbortController();
  try {
    return await Promise.race([
      value,
      wait(timeoutMs, undefined, { signal: done.signal }).then(() => {
        throw new Error(`No answer within ${timeoutMs} ms.`);
      }),
    ]);
  } finally {
    done.abort();
  }
}
