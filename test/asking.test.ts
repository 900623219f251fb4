import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import type { Handle } from '../src/handle.ts';
import { openDesk } from '../src/handle.ts';
import type { Log } from '../src/log.ts';
import { splitWords } from '../src/slack/words.ts';
import type { FreshStore } from './support/store.ts';
import { freshStore } from './support/store.ts';
import { aTarget } from './support/targets.ts';

const nothing = (): void => undefined;
const quiet: Log = {
  info: nothing,
  warn: nothing,
  error: nothing,
  debug: nothing,
  child: () => quiet,
};

let fresh: FreshStore;
let handle: Handle;
beforeAll(async () => {
  fresh = await freshStore();
  const targets = [aTarget(), aTarget({ name: 'billing' })];
  handle = openDesk({ store: fresh.store, commands, targets, people: {}, log: quiet }).handle;
});
afterAll(() => fresh[Symbol.asyncDispose]());

function type(words: string): ReturnType<Handle> {
  const [verb, ...rest] = splitWords(words);
  const person = { id: 'pat', name: 'Pat', standing: 'member' } as const;
  return handle({
    id: randomUUID(),
    person,
    verb: verb?.text ?? '',
    words: rest,
    channel: 'C0TALK',
  });
}

test('a start never takes the incident of another database for the one that is meant', async () => {
  const auth = await type('start auth logins fail');
  expect(auth).toMatchObject({ kind: 'reply' });

  expect(await type('start')).toMatchObject({ kind: 'form', incident: null });
  expect(await type('start invoices are not "written"')).toMatchObject({
    kind: 'form',
    carried: { sentence: 'invoices are not "written"' },
    help: { choices: { target: [{ value: 'auth' }, { value: 'billing' }] } },
  });
  // Whoever reads or works on an incident means the one that is open.
  expect(await type('note it is the new index')).toMatchObject({ kind: 'reply' });

  const billing = await type('start Billing invoices are not written');
  expect(billing).toMatchObject({
    kind: 'reply',
    reply: { text: expect.stringContaining('is open for billing') as unknown },
  });
  expect(await type('status BILLING')).toMatchObject({
    incident: billing.kind === 'reply' ? billing.incident : '',
  });
});
