import { expect, test } from 'vitest';
import { readVersionRow, rowOf } from '../../src/incident/dirty.ts';
import { aStory, aStoryAt } from '../support/incidents.ts';

const dirty = { state: 'at', version: '2', dirty: true } as const;

test('the number in a dirty row is not the number to force', () => {
  const read = readVersionRow(dirty, { state: 'is', version: '5' });

  expect(read.force).toBe('5');
  expect(read.next).toContain('`migrate force 5`');
});

test('a schema from before the first migration is forced by -1', () => {
  expect(readVersionRow(dirty, { state: 'is', version: null }).force).toBe('-1');
});

test('an undoing of the first migration that did not end is dirty too', () => {
  const row = { state: 'none', dirty: true } as const;

  expect(readVersionRow(row, { state: 'is', version: '1' }).force).toBe('1');
  expect(readVersionRow({ state: 'none' }, { state: 'not-compared' }).state).toBe('none');
});

test('a schema that was never seen is repaired, not forced', () => {
  const read = readVersionRow(dirty, { state: 'is-none' });

  expect(read.force).toBeNull();
  expect(read.next).toContain('Do not force.');
});

test('the row alone tells nothing', () => {
  const read = readVersionRow(dirty, { state: 'not-compared' });

  expect(read).toMatchObject({ state: 'dirty', force: null });
  expect(read.meanings).toContain(
    '• A down to 2 failed as one transaction: the schema is the one after 2; force the version after 2.',
  );
});

test('a clean row over another schema is said to be wrong', () => {
  const row = { state: 'at', version: '7', dirty: false } as const;

  expect(readVersionRow(row, { state: 'is', version: '8' }).says).toContain(
    'the schema is that of version 8',
  );
});

test('what the run found is newer than what was assessed', () => {
  const failed = aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed' });

  expect(rowOf(aStory().incident)).toBeNull();
  expect(rowOf(aStoryAt('planned').incident)?.state).toBe('clean');
  expect(rowOf(failed.incident)).toMatchObject({ state: 'dirty', force: '8' });
});
