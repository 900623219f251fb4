import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import type { Handle, Outcome, Request } from '../src/handle.ts';
import { openDesk } from '../src/handle.ts';
import type { Log } from '../src/log.ts';
import { lockIncident } from '../src/store/append.ts';
import { splitWords } from '../src/slack/words.ts';
import { openIncidents } from '../src/store/incidents.ts';
import type { FreshStore } from './support/store.ts';
import { freshStore } from './support/store.ts';
import { aTarget } from './support/targets.ts';

let fresh: FreshStore;
let handle: Handle;
beforeAll(async () => {
  fresh = await freshStore();
  const targets = [aTarget(), aTarget({ name: 'billing' }), aTarget({ name: 'search' })];
  handle = openDesk({ store: fresh.store, commands, targets, people: {}, log: quiet }).handle;
});
afterAll(() => fresh[Symbol.asyncDispose]());

const quiet: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  child: () => quiet,
};

function saying(words: string, over: Partial<Request> = {}): Request {
  const [verb, ...rest] = splitWords(words);
  const person = { id: 'anna', name: 'Anna', standing: 'member' } as const;
  return { id: randomUUID(), person, verb: verb?.text ?? '', words: rest, ...over };
}

function codeOf(outcome: Outcome): string {
  return outcome.kind === 'refusal' || outcome.kind === 'unconfirmed'
    ? outcome.refusal.code
    : outcome.kind;
}

test('a word that is no verb and an incident that is not there are refused, each with what to type', async () => {
  expect(codeOf(await handle(saying('frobnicate')))).toBe('unknown-verb');
  expect(codeOf(await handle(saying('status INC-4711')))).toBe('unknown-incident');
});

test('a request that is repeated gets the first answer, and decides nothing twice', async () => {
  const request = saying('start auth logins fail');
  const first = await handle(request);
  expect(first).toMatchObject({
    kind: 'reply',
    incident: expect.stringMatching(/^INC-/) as unknown,
  });
  expect(await handle(request)).toEqual(first);
  expect(await handle({ ...request, verb: 'note', words: splitWords('something else') })).toEqual(
    first,
  );
  const open = (await openIncidents(fresh.store)).filter((one) => one.target === 'auth');
  expect(open.map((one) => [one.sentence, one.notes])).toEqual([['logins fail', []]]);
});

test('two people who start a rollback of one database at once open one incident', async () => {
  const ben = { id: 'ben', name: 'Ben', standing: 'member' } as const;
  const outcomes = await Promise.all([
    handle(saying('start billing charges fail')),
    handle(saying('start billing we charge twice', { person: ben })),
  ]);
  expect(outcomes.map(codeOf)).toEqual(['reply', 'reply']);
  const incidents = outcomes.map((one) => (one.kind === 'reply' ? one.incident : null));
  expect(new Set(incidents).size).toBe(1);
  const open = (await openIncidents(fresh.store)).filter((one) => one.target === 'billing');
  expect(open).toHaveLength(1);
});

test('a store that is busy is said within two seconds, and what was asked for is taken all the same', async () => {
  const started = await handle(saying('start search nothing is found'));
  const id = started.kind === 'reply' ? started.incident : null;
  if (id === null) throw new Error('it did not start');
  const late = saying(`note ${id} the index is new`);
  const beganAt = Date.now();
  await fresh.store.transaction(async (tx) => {
    await lockIncident(tx, id);
    expect(codeOf(await handle(late))).toBe('not-confirmed');
  });
  expect(Date.now() - beganAt).toBeLessThan(2_500);
  expect(codeOf(await handle(late))).toBe('reply');
  const [search] = (await openIncidents(fresh.store)).filter((one) => one.id === id);
  expect(search?.notes.map((one) => one.text)).toEqual(['the index is new']);
});
