/** What the store knows of a story's incident, looked at again at every change. */
import { vi } from 'vitest';
import { z } from 'zod';
import type { Incident, Operation } from '../../../src/incident/incident.ts';
import { IncidentId } from '../../../src/incident/names.ts';
import { CHANGED } from '../../../src/store/append.ts';
import type { StoreConnection } from '../../../src/store/connect.ts';
import { readIncident } from '../../../src/store/incidents.ts';

export interface Record {
  /** The newest incident as it is now; throws while there is none. */
  readonly incident: () => Promise<Incident>;
  readonly incidents: () => Promise<readonly IncidentId[]>;
  /** The first thing that the predicate gives, looked for at every change in the store. */
  readonly until: <Found>(
    what: string,
    predicate: (incident: Incident) => Found | false | null | undefined,
  ) => Promise<Found>;
  /** The newest run of a step, once it is in this state. */
  readonly operation: (step: string, state: Operation['state']) => Promise<Operation>;
  /** Until everything up to now is drawn. */
  readonly isDrawn: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export async function openRecord(
  store: StoreConnection,
  given: {
    readonly patienceMs: number;
    /** How long drawing all of it may take. */
    readonly drawingMs: number;
    readonly tell: () => Promise<string>;
  },
): Promise<Record> {
  const watchers = new Set<() => void>();
  const unlisten = await store.listen(CHANGED, () => watchers.forEach((watcher) => watcher()));

  const incidents: Record['incidents'] = async () => {
    const rows = await store.rows(
      z.object({ id: IncidentId }),
      'select id from backout.incidents order by number',
      [],
    );
    return rows.map(({ id }) => id);
  };
  const newest = async (): Promise<Incident | null> => {
    const id = (await incidents()).at(-1);
    return id === undefined ? null : ((await readIncident(store, id))?.incident ?? null);
  };

  const until: Record['until'] = async (what, predicate) => {
    const deadline = AbortSignal.timeout(given.patienceMs);
    for (;;) {
      const changed = nextChange(watchers, deadline);
      const incident = await newest();
      const found = incident === null ? null : predicate(incident);
      if (found !== null && found !== undefined && found !== false) return found;
      if (deadline.aborted) {
        throw new Error(`Waited ${given.patienceMs} ms for ${what}.\n${await given.tell()}`);
      }
      await changed;
    }
  };

  const once = async (): Promise<Incident> => {
    const incident = await newest();
    if (incident === null) throw new Error('There is no incident.');
    return incident;
  };

  return {
    incidents,
    until,
    incident: once,
    operation: (step, state) =>
      until(`${step} to be ${state}`, ({ operations }) => {
        const operation = operations.findLast((one) => one.step === step);
        return operation?.state === state ? operation : null;
      }),
    isDrawn: async () => {
      const { id, seq } = await once();
      await vi.waitFor(
        async () => {
          const rows = await store.rows(
            z.object({ drawn_seq: z.number() }),
            'select drawn_seq from backout.drawn where incident = $1',
            [id],
          );
          if ((rows[0]?.drawn_seq ?? 0) < seq) throw new Error(`Not drawn.\n${await given.tell()}`);
        },
        { timeout: given.drawingMs, interval: 50 },
      );
    },
    stop: unlisten,
  };
}

function nextChange(watchers: Set<() => void>, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      watchers.delete(done);
      deadline.removeEventListener('abort', done);
      resolve();
    };
    watchers.add(done);
    deadline.addEventListener('abort', done);
    if (deadline.aborted) done();
  });
}

/** Every operation in a line, for whoever reads why a story failed. */
export function operationsInWords({ id, operations, channel }: Incident): string {
  const lines = operations.map(
    ({ id: operation, step, state, says = '' }) => `  ${operation} ${step}: ${state} ${says}`,
  );
  return [`${id}, channel ${JSON.stringify(channel)}`, ...lines].join('\n');
}
