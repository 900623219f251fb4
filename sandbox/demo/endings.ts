/** What was begun is ended in the opposite order, once, also when something went wrong half-way. */
export interface Endings {
  /** Gives back what was begun. */
  keep<Begun>(begun: Begun, end: (begun: Begun) => unknown): Begun;
  /** Resolves when everything is ended; what could not be ended is told by the messages it gives. */
  endAll(): Promise<readonly string[]>;
}

export function openEndings(): Endings {
  const endings: (() => unknown)[] = [];
  let ended: Promise<readonly string[]> | null = null;

  const endAll = async (): Promise<readonly string[]> => {
    const troubles: string[] = [];
    for (let end = endings.pop(); end !== undefined; end = endings.pop()) {
      try {
        await end();
      } catch (error) {
        troubles.push(error instanceof Error ? error.message : String(error));
      }
    }
    return troubles;
  };
  return {
    keep(begun, end) {
      endings.push(() => end(begun));
      return begun;
    },
    endAll: () => (ended ??= endAll()),
  };
}
