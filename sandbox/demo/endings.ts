/** What was begun is ended in the opposite order, once, also when something went wrong half-way. */
export interface Endings {
  /** Gives back what was begun. What comes when the end has begun already is ended at once. */
  keep<Begun>(begun: Begun, end: (begun: Begun) => unknown): Begun;
  haveBegun(): boolean;
  /** Resolves when everything is ended, with what went wrong on the way. */
  endAll(): Promise<readonly string[]>;
}

export function openEndings(): Endings {
  const endings: (() => unknown)[] = [];
  const troubles: string[] = [];
  let ended: Promise<readonly string[]> | null = null;

  const attempt = async (end: () => unknown): Promise<void> => {
    try {
      await end();
    } catch (error) {
      troubles.push(error instanceof Error ? error.message : String(error));
    }
  };
  const endAll = async (): Promise<readonly string[]> => {
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) await attempt(end);
    return troubles;
  };
  return {
    keep(begun, end) {
      if (ended === null) endings.push(() => end(begun));
      else void attempt(() => end(begun));
      return begun;
    },
    haveBegun: () => ended !== null,
    endAll: () => (ended ??= endAll()),
  };
}
