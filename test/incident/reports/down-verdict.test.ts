import { describe, expect, test } from 'vitest';
import type { DownResult, Sight } from '../../../src/incident/reports/down-verdict.ts';
import { judgeDown } from '../../../src/incident/reports/down-verdict.ts';
import type { VersionRow } from '../../../src/incident/facts/facts.ts';
import { sha256 } from '../../../src/incident/plan/plan.ts';
import { aStoryAt } from '../../support/incidents.ts';

const { plan: planned } = aStoryAt('planned').incident.plan ?? {};
if (planned === undefined) throw new Error('This story has no plan.');
const PLAN = planned;

const BEFORE = sha256('before');
const AFTER = sha256('after');
const FAILED: DownResult = {
  state: 'ended',
  exitCode: 1,
  tail: 'error: migration failed\npq: division by zero',
};
const DONE: DownResult = { state: 'ended', exitCode: 0, tail: '' };
const KILLED: DownResult = { state: 'stopped', tail: '' };

const at = (version: string, dirty = false): VersionRow => ({ state: 'at', version, dirty });
const file = (version: string, over: Partial<Sight['files'][number]> = {}) => ({
  version,
  isTransactional: true,
  changesSchema: true,
  writesData: false,
  ...over,
});

/** From 3 to 1, by the down of 3 and then that of 2. */
function seen(over: Partial<Sight>): Sight {
  const files = over.files ?? [file('3'), file('2')];
  return {
    plan: { ...PLAN, from: '3', to: '1' },
    version: at('1'),
    before: BEFORE,
    after: AFTER,
    isKnown: false,
    ...over,
    files,
  };
}

const data = { changesSchema: false, writesData: true };

describe('a plan of two files', () => {
  test('the second failed: the first stays done, also when it changed data only', () => {
    const files = [file('3', data), file('2')];
    const verdict = judgeDown(seen({ files, version: at('1', true), after: BEFORE }), FAILED);

    expect(verdict).toMatchObject({ schema: 'unknown', standsAt: '2' });
    expect(verdict.says).toContain('Version 3 is undone and stays so. The down of 2 failed');
    expect(verdict.dirtySays).toContain('`migrate force 2`');
    expect(verdict.dirtySays).not.toContain('force 3');
  });

  test('the first failed: nothing was done', () => {
    const verdict = judgeDown(seen({ version: at('2', true), after: BEFORE }), FAILED);

    expect(verdict).toMatchObject({ schema: 'unchanged', standsAt: '3' });
    expect(verdict.dirtySays).toContain('`migrate force 3`');
  });

  test('stopped between the two: it says which is done and which is not', () => {
    const verdict = judgeDown(seen({ version: at('2') }), KILLED);

    expect(verdict).toMatchObject({ schema: 'unknown', standsAt: '2', dirtySays: null });
    expect(verdict.says).toContain('Version 3 is undone, 2 is not.');
    expect(verdict.says).toContain('at version 2, not dirty');
  });

  test('killed in the second: the first is done, and of the second nobody knows', () => {
    const verdict = judgeDown(seen({ version: at('1', true) }), KILLED);

    expect(verdict.standsAt).toBeUndefined();
    expect(verdict.says).toMatch(/Version 3 is undone; of version 2 it is UNKNOWN/);
    expect(verdict.dirtySays).not.toContain('force 2');
  });

  test('the second commits by itself and failed: it may be half done', () => {
    const files = [file('3'), file('2', { isTransactional: false })];
    const verdict = judgeDown(seen({ files, version: at('1', true) }), FAILED);

    expect(verdict.standsAt).toBeUndefined();
    expect(verdict.dirtySays).toContain('by hand');
  });
});

describe('a schema that did not move', () => {
  test('is no rollback when the files were to change it, whatever the version row says', () => {
    const verdict = judgeDown(seen({ after: BEFORE }), DONE);

    expect(verdict).toMatchObject({ schema: 'unknown', standsAt: '3' });
    expect(verdict.says).toContain('The version row moved to 1, the schema did not');
  });

  test('is nobody’s for certain when the files write data too', () => {
    const files = [file('3', { writesData: true }), file('2')];
    const verdict = judgeDown(seen({ files, after: BEFORE }), DONE);

    expect(verdict.schema).toBe('unknown');
    expect(verdict.standsAt).toBeUndefined();
    expect(verdict.says).toContain('Their data may have changed.');
  });

  test('is one when the files change data only', () => {
    const files = [file('3', data), file('2', data)];
    const verdict = judgeDown(seen({ files, after: BEFORE }), DONE);

    expect(verdict.schema).toBe('rolled-back');
    expect(verdict.says).toContain('as before, which the down files allow');
  });

  test('is one when exactly this schema was seen for the version before: the files undo each other', () => {
    expect(judgeDown(seen({ after: BEFORE, isKnown: true }), DONE).schema).toBe('rolled-back');
  });

  test('does not tell whether a file that changes data was done, when its tool was killed', () => {
    const one = { files: [file('3', data)], plan: { ...PLAN, from: '3', to: '2' } };
    const dirty = { ...one, version: at('2', true), after: BEFORE };

    expect(judgeDown(seen(dirty), KILLED).schema).toBe('unknown');
    expect(judgeDown(seen(dirty), FAILED).schema).toBe('unchanged');
  });
});

test('of several files that ended well, it is not claimed that each did its part', () => {
  const one = { files: [file('3')], plan: { ...PLAN, from: '3', to: '2' }, version: at('2') };
  const alone = 'whether each of the down files did its part was not looked at';

  expect(judgeDown(seen({}), DONE).says).toContain(alone);
  expect(judgeDown(seen({ isKnown: true }), DONE).says).toContain('exactly one that was seen');
  expect(judgeDown(seen(one), DONE).says).toMatch(/The schema has changed\.$/);
});
