import { describe, expect, test } from 'vitest';
import type { Conversation } from '../support/conversation.ts';
import { approved, containing, planned, started } from '../support/conversation.ts';
import { assessed, backedUp } from '../support/worlds.ts';

function goal(talk: Conversation): unknown {
  return talk.incident().plan?.plan.to;
}

describe('to look at it', () => {
  test('anybody may, guests too', () => {
    const guest = { id: 'gus', name: 'Gus', standing: 'guest' } as const;
    expect(planned().type(guest, 'plan')).toMatchObject({
      kind: 'answer',
      reply: { show: 'plan' },
    });
    expect(planned().type(guest, 'plan again')).toMatchObject({ code: 'not-a-member' });
  });

  test('it says what it waits for, or what stands in its way', () => {
    const talk = started();
    expect(talk.type('anna', 'plan')).toMatchObject({
      reply: { text: 'The plan waits for the assessment and the backup.' },
    });

    talk.finish('assess', { result: assessed({ emptyDown: '3' }) });
    talk.finish('back-up', { result: backedUp() });
    expect(talk.type('anna', 'plan')).toMatchObject({
      reply: { text: containing('Version 3 has no down file.') },
    });
  });
});

describe('to choose', () => {
  test('how far down, also to before the first migration', () => {
    const talk = planned();
    expect(goal(talk)).toBe('2');

    talk.type('anna', 'plan to=1');
    expect(goal(talk)).toBe('1');

    talk.type('anna', 'plan to=none');
    expect(goal(talk)).toBeNull();
  });

  test('another course takes back the approvals', () => {
    const talk = planned();
    talk.type('anna', 'approve all-done');

    talk.type('ben', 'plan to=1');

    expect(talk.incident().approvals).toMatchObject([{ state: 'voided' }]);
  });

  test('which versions need nothing, one after the other', () => {
    const talk = started();
    talk.finish('assess', { result: assessed({ emptyDown: '3' }) });
    talk.finish('back-up', { result: backedUp() });
    expect(talk.incident().plan).toBeUndefined();

    talk.type('anna', 'plan nothing=3');

    expect(talk.incident().plan?.plan).toMatchObject({ nothingToUndo: ['3'], to: '2' });
    talk.type('anna', 'plan nothing=none');
    expect(talk.incident().course.nothingToUndo).toEqual([]);
  });

  test.each([
    { said: 'plan to=9', code: 'unknown-version', why: 'Known: 4, 3, 2 and 1.' },
    { said: 'plan to=4', code: 'not-down', why: 'at version 3; 4 is not below it' },
    { said: 'plan to=3', code: 'not-down', why: 'at version 3' },
    { said: 'plan nothing=1', code: 'nothing-undone', why: 'Version 1 is not undone' },
    { said: 'plan nothing=3', code: 'down-file-there', why: 'so it will be run' },
  ])('what makes no sense is refused: $said', ({ said, code, why }) => {
    const talk = planned();

    expect(talk.type('anna', said)).toMatchObject({ code, say: containing(why) });
    expect(talk.incident().course).toEqual({ nothingToUndo: [] });
  });

  test('a course needs facts, and stands once the rollback has begun', () => {
    expect(started().type('anna', 'plan to=1')).toMatchObject({ code: 'no-plan' });
    expect(approved().type('anna', 'plan to=1')).toMatchObject({ code: 'too-late-to-change' });
  });
});

test('the database is read again when somebody asks, one reading at a time', () => {
  const talk = planned();

  talk.type('anna', 'plan again');

  expect(talk.incident().operations.at(-1)).toMatchObject({ step: 'assess', round: 2 });
  expect(talk.say('ben', 'plan', { again: 'true' })).toMatchObject({ code: 'assessing' });
  expect(approved().type('anna', 'plan again')).toMatchObject({ code: 'running' });
});
