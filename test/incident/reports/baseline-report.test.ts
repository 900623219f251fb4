import { expect, test } from 'vitest';
import { baselineEvidence, newTrouble } from '../../../src/incident/reports/baseline-report.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import type { Baseline } from '../../../src/incident/facts/facts.ts';

const NOTHING: Baseline = {
  notValidated: [],
  invalidIndexes: [],
  disabledTriggers: [],
  leftovers: [],
};
const one: Baseline = { ...NOTHING, notValidated: ['public.people: positive'] };
const two: Baseline = { ...one, disabledTriggers: ['public.people: audit'] };

const CLEAN = 'All constraints are validated, all indexes are valid, no trigger is switched off.';

test.each([
  { name: 'nothing before and nothing now', before: NOTHING, now: NOTHING, says: CLEAN },
  {
    name: 'what was so before',
    before: two,
    now: two,
    says: 'Not valid or switched off, as before the rollback: constraint public.people: positive and trigger public.people: audit.',
  },
  {
    name: 'what is new',
    before: one,
    now: two,
    says: 'New since the rollback: trigger public.people: audit. Not valid or switched off, as before the rollback: constraint public.people: positive.',
  },
  {
    name: 'fewer than before',
    before: two,
    now: one,
    says: 'Not valid or switched off, as before the rollback: constraint public.people: positive. Before the rollback there was also: trigger public.people: audit.',
  },
  {
    name: 'none any more',
    before: one,
    now: NOTHING,
    says: `${CLEAN} Before the rollback there was: constraint public.people: positive.`,
  },
  {
    name: 'nobody knows what was before',
    before: null,
    now: one,
    says: 'Not valid or switched off: constraint public.people: positive. Whether it was so before is not known.',
  },
])('constraints are said in plain words: $name', ({ before, now, says }) => {
  const found = baselineEvidence(before, now).find(({ item }) => item === ITEMS.constraints);

  expect(found?.says).toBe(says);
  expect(found?.verdict).toBe(says.startsWith('New') ? 'refuted' : 'proven');
});

test('a new copy of a table is orphaned data: it is told, and stops nothing', () => {
  const now: Baseline = { ...NOTHING, leftovers: ['public.people_backup'] };

  expect(newTrouble(NOTHING, now)).toEqual([]);
  expect(baselineEvidence(NOTHING, now)).toMatchObject([
    {
      item: ITEMS.leftovers,
      verdict: 'refuted',
      says: 'New since the rollback: public.people_backup.',
    },
    { item: ITEMS.constraints, verdict: 'proven', says: CLEAN },
  ]);
});
