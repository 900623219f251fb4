import { expect, test } from 'vitest';
import {
  preventionText,
  scenarioOf,
  scenariosText,
} from '../../../src/incident/checklist/scenarios.ts';

const effect = (kind: string): { readonly kind: string; readonly say: string } => ({
  kind,
  say: `It ${kind}.`,
});

test.each([
  ['renames-column', 'column-rename'],
  ['drops-not-null', 'not-null'],
  ['drops-table', 'table-dropped'],
  ['changes-type', 'type-change'],
])('a down file that %s is the scenario %s', (kind, name) => {
  expect(scenarioOf([effect(kind)])).toMatchObject({ state: 'fits', scenario: { name } });
});

test('what loses most decides', () => {
  expect(scenarioOf([effect('renames-column'), effect('drops-table')])).toMatchObject({
    scenario: { name: 'table-dropped' },
  });
});

test('a rename beside a dropped column is not called lossless', () => {
  const found = scenarioOf([effect('renames-column'), effect('drops-column')]);

  expect(found.advice).toContain('But this is lost: It drops-column.');
});

test('what is none of the four is not squeezed into one', () => {
  expect(scenarioOf([effect('drops-index')]).state).toBe('none');
});

test('a rename is said to be safe, and a table that was dropped to come back empty', () => {
  expect(scenariosText()).toContain('A rename keeps every value');
  expect(scenariosText()).toContain('*empty*');
  expect(preventionText().match(/^\*\d\. /gm)).toHaveLength(5);
});
