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

function type(
  words: string,
  by: { readonly id: string; readonly desk?: Handle } = { id: 'pat' },
): ReturnType<Handle> {
  const [verb, ...rest] = splitWords(words);
  const person = { id: by.id, name: by.id, standing: 'member' } as const;
  return (by.desk ?? handle)({
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

test('of a private target, strangers are told that it is open and whom to ask, and nothing else', async () => {
  const target = aTarget({ name: 'payroll', privateChannel: true });
  const given = { store: fresh.store, commands, people: {}, log: quiet };
  const { handle: desk, prepare } = openDesk({ ...given, targets: [target] });
  const opened = await type('start payroll the salaries are gone', { id: 'olga', desk });
  const incident = opened.kind === 'reply' ? opened.incident : null;
  expect(opened).toMatchObject({ reply: { isPrivate: true } });

  const all = 'status, panel, plan payroll, history payroll, note payroll gone, page payroll dba';
  for (const words of [...all.split(', '), 'start payroll it is gone again']) {
    const said = JSON.stringify(await type(words, { id: 'max', desk }));
    expect(said, words).not.toMatch(/salaries|waiting|backed up/i);
    expect(said, words).toContain(
      `${incident} is open for payroll, and private: ask {person:olga}`,
    );
  }
  expect(await type('plan payroll', { id: 'max', desk })).toMatchObject({
    refusal: { code: 'private' },
  });
  const max = { id: 'max', name: 'Max', standing: 'member' } as const;
  expect(
    await prepare({
      id: randomUUID(),
      person: max,
      verb: 'approve',
      ...(incident === null ? {} : { incident }),
    }),
  ).toBeNull();
  expect(await type('history payroll', { id: 'dora', desk })).toMatchObject({
    reply: { text: expect.stringContaining('salaries') as unknown, isPrivate: true },
  });
});
