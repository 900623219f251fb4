import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

/** The story cannot go on: what was awaited did not come, or something else did. */
export class StoryStopped extends Error {
  constructor(why: string) {
    super(why);
    this.name = 'StoryStopped';
  }
}

/** Somebody in the workspace has ended it, as they may. */
export class StoryEnded extends StoryStopped {
  constructor(why: string) {
    super(why);
    this.name = 'StoryEnded';
  }
}

export interface Awaited<Value> {
  /** What is awaited, for the error. */
  readonly what: string;
  readonly look: () => Value | null | undefined | false | Promise<Value | null | undefined | false>;
  readonly timeoutMs: number;
  /** Why nothing more needs to be awaited, as soon as that is so. */
  readonly unless?: () => string | null;
}

/** The first value there is; throws StoryStopped when there is none in time. */
export async function awaitValue<Value>(awaited: Awaited<Value>): Promise<Value> {
  const { what, look, timeoutMs, unless = () => null } = awaited;
  const until = Date.now() + timeoutMs;
  for (;;) {
    const value = await look();
    if (value !== null && value !== undefined && value !== false) return value;
    const why = unless();
    if (why !== null) throw new StoryStopped(`${what} did not come: ${why}`);
    if (Date.now() > until) {
      throw new StoryStopped(`${what} did not come within ${Math.round(timeoutMs / 1000)} s.`);
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** Does not keep the process alive by itself. */
export async function pause(ms: number): Promise<void> {
  await wait(ms, undefined, { ref: false });
}
