import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import type { Handle, Outcome } from '../src/handle.ts';
import { openDesk } from '../src/handle.ts';
import { event } from '../src/incident/events.ts';
import type { IncidentId } from '../src/incident/names.ts';
import type { Target } from '../src/incident/target.ts';
import type { Log } from '../src/log.ts';
import { splitWords } from '../src/slack/words.ts';
import { appendToIncident, lockIncident } from '../src/store/append.ts';
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

function incidentOf(outcome: Outcome): IncidentId {
  if (outcome.kind !== 'reply' || outcome.incident === null) throw new Error('no incident');
  return outcome.incident;
}

async function closeIncident(id: IncidentId, target: Target): Promise<void> {
  await fresh.store.transaction(async (tx) => {
    const { events: before } = await lockIncident(tx, id);
    const archiveAt = '2026-03-01T04:00:00.000Z';
    const events = [event('incident-closed', { outcome: 'abandoned', archiveAt })];
    const by = { kind: 'person', person: 'pat' } as const;
    await appendToIncident(tx, { id, before, events, target, by });
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

test('a form that was left open does nothing to the next incident of its target', async () => {
  const target = aTarget({ name: 'ledger' });
  const targets = [target, aTarget({ name: 'stock' })];
  const given = { store: fresh.store, commands, people: {}, log: quiet };
  const { handle: desk, prepare } = openDesk({ ...given, targets });
  const first = incidentOf(await type('start ledger sums are wrong', { id: 'pat', desk }));
  const form = await type('note ledger', { id: 'pat', desk });
  expect(form).toMatchObject({ kind: 'form', incident: first, carried: { target: 'ledger' } });
  await closeIncident(first, target);
  const second = incidentOf(await type('start ledger wrong again', { id: 'pat', desk }));

  const sent = {
    id: randomUUID(),
    person: { id: 'pat', name: 'Pat', standing: 'member' },
    verb: 'note',
    incident: first,
    input: { ...(form.kind === 'form' ? form.carried : {}), text: 'It is the new index.' },
    channel: 'C0TALK',
  } as const;
  expect(await desk(sent)).toMatchObject({ refusal: { code: 'closed' } });
  expect(await prepare(sent)).toBeNull();
  // A start is for the target that is chosen, wherever its form was opened.
  expect(
    await desk({ ...sent, id: randomUUID(), verb: 'start', input: { target: 'ledger' } }),
  ).toMatchObject({ incident: second });
  await closeIncident(second, target);
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
