import type { Workspace } from './state.ts';
import { transcript } from './transcript.ts';

export interface UntilOptions {
  /** Default 5,000. */
  readonly timeoutMs?: number;
  /** What is awaited, for the error. */
  readonly what?: string;
}

/** The first value the predicate gives, looked for at each change; an error with everything said. */
export async function until<T>(
  workspace: Workspace,
  predicate: () => T | undefined | null | false,
  { timeoutMs = 5000, what = 'what was awaited' }: UntilOptions,
): Promise<T> {
  return new Promise((resolve, reject) => {
    let isQueued = false;
    const stop = (): void => {
      workspace.watchers.delete(watch);
      clearTimeout(timer);
    };
    const look = (): void => {
      isQueued = false;
      if (!workspace.watchers.has(watch)) return;
      try {
        const value = predicate();
        if (value === undefined || value === null || value === false) return;
        stop();
        resolve(value);
      } catch (error) {
        stop();
        reject(error);
      }
    };
    // Changes within one turn are looked at once, when that turn is over.
    const watch = (): void => {
      if (isQueued) return;
      isQueued = true;
      setImmediate(look);
    };
    const timer = setTimeout(() => {
      stop();
      const seen = transcript(workspace);
      reject(new Error(`Waited ${timeoutMs} ms for ${what}. The workspace by then:\n${seen}`));
    }, timeoutMs);
    workspace.watchers.add(watch);
    watch();
  });
}
