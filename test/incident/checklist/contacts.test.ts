import { expect, test } from 'vitest';
import {
  checklistOf,
  isForPeople,
  openForPeople,
} from '../../../src/incident/checklist/checklist.ts';
import type { ItemState } from '../../../src/incident/checklist/checklist.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import { event } from '../../../src/incident/events.ts';
import type { RoleName } from '../../../src/incident/names.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

const page = { kind: 'webhook', urlEnv: 'PAGER' } as const;
const roles = {
  dba: { people: ['dora', 'dev'], page },
  on_call: { people: ['anna'], page },
  platform_lead: { people: ['pat'] },
};

function contactsIn(story: Story): ItemState {
  const found = checklistOf(story.incident, story.target)
    .flatMap((one) => one.items)
    .find(({ item }) => item.id === ITEMS.contacts);
  if (found === undefined) throw new Error('There is no item for contacts.');
  return found;
}

/** As the worker reports it: with evidence, or without any when the pager could not be reached. */
function calls(
  story: Story,
  role: RoleName,
  outcome: 'succeeded' | 'failed' | 'pending' = 'pending',
): Story {
  const number = story.incident.pages.length + 1;
  const asked = story.happens(
    event('page-asked', { page: number, role, level: number, reason: 'Logins fail.' }),
  );
  if (outcome === 'pending') return asked;
  const verdict = outcome === 'succeeded' ? 'proven' : 'refuted';
  const says = outcome === 'succeeded' ? 'The webhook took the call.' : 'The pager said 403.';
  const evidence = [{ item: ITEMS.contacts, verdict, says } as const];
  return asked.ends(`page-${number}`, { outcome, says, evidence });
}

const answer = event('item-answered', {
  item: ITEMS.contacts,
  answer: 'done',
  note: 'Called Dora by phone.',
});

test('the three contacts stand beside the item, each with what became of the call', () => {
  const story = calls(aStory({ target: aTarget({ roles }) }), 'dba', 'succeeded');

  expect(contactsIn(story).standing).toMatchObject({
    state: 'proven',
    says: 'The pager took the call to the database administrator.',
  });
  expect(contactsIn(story).facts).toEqual([
    expect.stringMatching(
      /^database administrator: \{person:dora\} or \{person:dev\} \(by webhook\); called \{time:[^}]+\}: The webhook took the call\.$/,
    ),
    'platform team lead: {person:pat} (no page address: call them yourself); not called by Backout',
    'on-call engineer: {person:anna} (by webhook); not called by Backout',
  ]);
});

test('without a page address people say who was called, and then it is answered', () => {
  const story = aStory();

  expect(isForPeople(contactsIn(story))).toBe(true);
  expect(openForPeople(story.incident, story.target, 'close').map(({ item }) => item.id)).toContain(
    '11.3',
  );
  expect(contactsIn(story.happens(answer, 'anna')).standing).toMatchObject({
    state: 'answered',
    by: 'anna',
    note: 'Called Dora by phone.',
  });
});

test('while somebody is being called nobody is asked', () => {
  const story = calls(aStory({ target: aTarget({ roles }) }), 'dba');

  expect(contactsIn(story)).toMatchObject({ standing: { state: 'open' }, ask: null });
});

test('a call that one role took does not prove that another was reached', () => {
  const refused = calls(aStory({ target: aTarget({ roles }) }), 'dba', 'failed');
  const both = calls(refused, 'on_call', 'succeeded');

  expect(contactsIn(both).standing).toMatchObject({
    state: 'refuted',
    says: 'The call to the database administrator did NOT go out: call them yourself.',
  });
  const again = calls(both, 'dba', 'succeeded');
  expect(contactsIn(again).standing).toMatchObject({
    state: 'proven',
    says: 'The pager took the call to the database administrator and the on-call engineer.',
  });
});

test('whoever reached them by phone makes a refused call good, until the next one is refused', () => {
  const refused = calls(aStory({ target: aTarget({ roles }) }), 'dba', 'failed');
  expect(isForPeople(contactsIn(refused))).toBe(true);

  const reached = refused.happens(answer, 'anna');
  expect(contactsIn(reached).standing).toMatchObject({ state: 'answered', by: 'anna' });
  expect(contactsIn(calls(reached, 'on_call', 'failed')).standing.state).toBe('refuted');
});

test('that the on-call engineer was called does not prove it while the administrator was not', () => {
  const target = aTarget({ roles: { ...roles, dba: { people: ['dora'] } } });
  const story = calls(aStory({ target }), 'on_call', 'succeeded');

  expect(contactsIn(story).standing.state).toBe('open');
  expect(isForPeople(contactsIn(story))).toBe(true);
});
