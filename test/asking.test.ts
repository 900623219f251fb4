import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { commands } from '../commands/index.ts';
import { TEXT_VERBS } from '../src/asking.ts';
import type { Handle, Outcome } from '../src/handle.ts';
import { openDesk } from '../src/handle.ts';
import type { NewEvent } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import type { IncidentId } from '../src/incident/names.ts';
import type { Target } from '../src/incident/target.ts';
import type { Log } from '../src/log.ts';
import { splitWords } from '../src/slack/words.ts';
import { appendToIncident, lockIncident } from '../src/store/append.ts';
import { readIncident } from '../src/store/incidents.ts';
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
  by: { readonly id: string; readonly desk?: Handle; readonly channel?: string } = { id: 'pat' },
): ReturnType<Handle> {
  const [verb, ...rest] = splitWords(words);
  const person = { id: by.id, name: by.id, standing: 'member' } as const;
  return (by.desk ?? handle)({
    id: randomUUID(),
    person,
    verb: verb?.text ?? '',
    words: rest,
    channel: by.channel ?? 'C0TALK',
  });
}

function incidentOf(outcome: Outcome): IncidentId {
  if (outcome.kind !== 'reply' || outcome.incident === null) throw new Error('no incident');
  return outcome.incident;
}

async function happens(id: IncidentId, target: Target, what: NewEvent): Promise<void> {
  await fresh.store.transaction(async (tx) => {
    const { events: before } = await lockIncident(tx, id);
    const by = { kind: 'person', person: 'pat' } as const;
    await appendToIncident(tx, { id, before, events: [what], target, by });
  });
}

async function closeIncident(id: IncidentId, target: Target): Promise<void> {
  const archiveAt = '2026-03-01T04:00:00.000Z';
  await happens(id, target, event('incident-closed', { outcome: 'abandoned', archiveAt }));
}

async function notesOf(id: IncidentId): Promise<readonly string[]> {
  const found = await readIncident(fresh.store, id);
  return (found?.incident.notes ?? []).map((one) => one.text);
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

test('a text keeps its first word, and stays with the incident in whose channel it is written', async () => {
  const ledger = aTarget({ name: 'ledger' });
  const stock = aTarget({ name: 'stock' });
  const targets = [ledger, stock];
  const { handle: desk } = openDesk({
    store: fresh.store,
    commands,
    targets,
    people: {},
    log: quiet,
  });
  const given = { id: 'pat', desk };
  const here = incidentOf(await type('start ledger sums are wrong', given));
  const other = incidentOf(await type('start stock counts are wrong', given));
  await happens(here, ledger, event('channel-opened', { channel: 'C0LEDGER', name: 'inc-ledger' }));

  const inChannel = { ...given, channel: 'C0LEDGER' };
  await type('note Stock is affected too', inChannel);
  await type('note stock is affected too', inChannel);
  await type(`note ${other} is the same fault`, inChannel);
  await type('note stock it is', given);
  expect(await notesOf(here)).toEqual(['Stock is affected too', 'stock is affected too']);
  expect(await notesOf(other)).toEqual(['is the same fault', 'it is']);
  // Where nothing else tells which incident is meant, only an exact name does.
  expect(await type('note Stock it is', given)).toMatchObject({
    refusal: { code: 'which-incident' },
  });
  await closeIncident(here, ledger);
  await closeIncident(other, stock);
});

test('every verb that takes all that follows as one text keeps its first word', () => {
  const said = [{ text: 'Stock', typed: 'Stock', onward: 'Stock is  affected' }];
  const texts = commands.filter(({ about, words }) => {
    const read = words?.(['Stock', 'is', 'affected'], said) ?? {};
    return about !== 'a-target' && Object.values(read).includes('Stock is  affected');
  });
  expect(texts.map((one) => one.verb).toSorted()).toEqual(TEXT_VERBS.toSorted());
});

test('of a private target, strangers are told that it is open and whom to ask, and nothing else', async () => {
  const target = aTarget({ name: 'payroll', privateChannel: true });
  const given = { store: fresh.store, commands, people: {}, log: quiet };
  const { handle: desk, prepare } = openDesk({ ...given, targets: [target] });
  const opened = await type('start payroll the salaries are gone', { id: 'olga', desk });
  const incident = incidentOf(opened);
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
  const pressed = { person: max, verb: 'status', incident };
  expect(await prepare({ ...pressed, id: randomUUID(), verb: 'approve' })).toBeNull();
  expect(await type('history payroll', { id: 'dora', desk })).toMatchObject({
    reply: { text: expect.stringContaining('salaries') as unknown, isPrivate: true },
  });

  await closeIncident(incident, target);
  // Whoever names it, or presses its button, is told about it and nothing else.
  for (const heard of [
    await type(`status ${incident}`, { id: 'max', desk }),
    await desk({ ...pressed, id: randomUUID() }),
  ]) {
    const what = `${incident} is closed for payroll, and private: ask {person:olga}.`;
    const next = 'If you are in its channel, say it there; else whoever is in it can let you in.';
    expect(heard).toMatchObject({ refusal: { code: 'private', say: what, next } });
  }
  expect(await type('contacts payroll', { id: 'max', desk })).toMatchObject({
    reply: { text: expect.stringContaining('Who answers for payroll') as unknown },
  });
});
