import { commands } from '../../commands/index.ts';
import { openDesk } from '../../src/handle.ts';
import { openLog } from '../../src/log.ts';
import { splitWords } from '../../src/slack/words.ts';
import { connectStore } from '../../src/store/connect.ts';
import { migrateStore } from '../../src/store/migrate.ts';
import { aTarget } from '../support/targets.ts';
import type { Measured } from './main.ts';
import { makeDatabase, timed } from './place.ts';
import type { Place } from './place.ts';

const NOTES = 300;

/** From the request in our hands to the committed decision: Slack waits for this, and for the way there and back. */
export async function benchAnswers(place: Place): Promise<readonly Measured[]> {
  const url = await makeDatabase(place, 'bench_store');
  await migrateStore({ ownerUrl: url, appUrl: url });
  const store = connectStore({
    url,
    applicationName: 'bench',
    connectionsMax: 4,
    statementTimeoutMs: 10_000,
    onError: () => undefined,
  });
  const target = aTarget();
  const log = openLog({ level: 'silent', role: 'bench' });
  const { handle } = openDesk({ store, commands, targets: [target], people: {}, log });
  const person = { id: 'anna', name: 'Anna', standing: 'member' } as const;
  let number = 0;
  const say = (verb: string, said = ''): Promise<number> => {
    number += 1;
    const words = splitWords(said);
    return timed(() => handle({ id: `request-${number}`, person, verb, words }));
  };
  try {
    await say('start', `${target.name} the bench`);
    const notes: number[] = [];
    for (let one = 0; one < NOTES; one += 1) notes.push(await say('note', 'something happened'));
    const statuses: number[] = [];
    for (let one = 0; one < 50; one += 1) statuses.push(await say('status'));
    return [
      {
        what: `a decision, committed (99th of 100, incident of ${NOTES} events)`,
        oursMs: at99(notes),
        plainMs: null,
      },
      { what: 'an answer (99th of 100)', oursMs: at99(statuses), plainMs: null },
    ];
  } finally {
    await store.close();
  }
}

function at99(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0;
}
