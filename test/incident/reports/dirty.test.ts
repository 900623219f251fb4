import { describe, expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import { readVersionRow, rowOf } from '../../../src/incident/reports/dirty.ts';
import type { Facts, MigrationFile } from '../../../src/incident/facts/facts.ts';
import { sha256 } from '../../../src/incident/plan/plan.ts';
import type { Result } from '../../../src/incident/facts/results.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { someFacts } from '../../support/targets.ts';

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

/** A down failed and was undone; then somebody looks again and this is what is there. */
function lookedAgain(over: Parameters<typeof someFacts>[0]) {
  return aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed' })
    .ends('resume-services')
    .ends('maintenance-off')
    .happens(event('assessment-asked', { round: 2 }))
    .ends('assess', { result: { job: 'assess', facts: someFacts(over) } }).incident;
}

test('looking again takes nothing back of what was known about the row', () => {
  expect(rowOf(lookedAgain({ version: { ...dirty, version: '7' } }))).toMatchObject({
    state: 'dirty',
    force: '8',
  });
});

test('looking again at a schema that is none of those seen is a reason not to force', () => {
  const fingerprint = { hash: sha256('by hand'), objects: 40 };

  const read = rowOf(lookedAgain({ version: { ...dirty, version: '7' }, fingerprint }));

  expect(read?.force).toBeNull();
  expect(read?.next).toContain('Do not force.');
});

test('a row that was set right is clean, and compared with nothing', () => {
  expect(rowOf(lookedAgain({}))).toMatchObject({ state: 'clean', next: '' });
});

test('of several files the last that is done says what to force', () => {
  const result: Result = {
    job: 'run-down',
    schema: 'unknown',
    version: dirty,
    before: sha256('schema of 8'),
    after: sha256('schema of 7'),
    standsAt: '7',
    tookMs: 10,
    drift: [],
  };
  const halted = aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed', result });

  expect(rowOf(halted.incident)?.force).toBe('7');
});

test('a schema as before is no reason to force when a file commits its data by itself', () => {
  const read = readVersionRow(dirty, { state: 'is-in-schema-only', version: '3' });

  expect(read.force).toBeNull();
  expect(read.says).toContain('its data may have changed');
  expect(read.next).toContain('Do not force.');
});

test('a clean row over a schema that did not move is not called clean when data may have changed', () => {
  const row = { state: 'at', version: '7', dirty: false } as const;
  const read = readVersionRow(row, { state: 'is-in-schema-only', version: '8' });

  expect(read.says).toContain('the schema is that of version 8, and its data may have changed');
  expect(read.next).toContain('A DBA looks');
});

describe('a database that was dirty before anybody looked', () => {
  const ups = { file: 'x.up.sql', sha256: sha256('up'), transactional: true };
  /** The row says 7, dirty; these are the versions whose schema was seen in this target. */
  function found(
    seen: NonNullable<Facts['fingerprint']['seen']>,
    { up = ups, changesSchema = true } = {},
  ): ReturnType<typeof rowOf> {
    const migrations = someFacts().folder.migrations.map((one): MigrationFile => ({
      ...one,
      up,
      ...(one.down === undefined ? {} : { down: { ...one.down, changesSchema } }),
    }));
    const facts = someFacts({
      version: { state: 'at', version: '7', dirty: true },
      folder: { path: './migrations', migrations, problems: [] },
      fingerprint: { hash: sha256('now'), objects: 40, seen },
    });
    return rowOf(aStory().ends('assess', { result: { job: 'assess', facts } }).incident);
  }
  const is = (version: string, isSame = true): { version: string; isSame: boolean } => ({
    version,
    isSame,
  });

  test('is told by the schemas that were seen in it before', () => {
    expect(found([is('6')])?.force).toBe('6');
    expect(found([is('6', false), is('8')])?.force).toBe('8');
  });

  test('is not told where two of the versions can have one schema', () => {
    const alike = found([is('6')], { changesSchema: false });

    expect(found([is('6'), is('7')])?.force).toBeNull();
    expect(alike).toMatchObject({ force: null, meanings: [] });
    expect(alike?.says).toContain('its data may have changed');
  });

  test('is not told where the file at work can have stopped half-way', () => {
    expect(found([is('6')], { up: { ...ups, transactional: false } })?.force).toBeNull();
  });

  test('is none of them where all were seen, and not compared where one was not', () => {
    const none = [is('6', false), is('7', false), is('8', false)];

    expect(found(none)?.says).toContain('none of those seen before');
    expect(found(none.slice(1))?.meanings).toHaveLength(6);
  });
});
