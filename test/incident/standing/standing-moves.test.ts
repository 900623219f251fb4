import { describe, expect, test } from 'vitest';
import { openForPeople } from '../../../src/incident/checklist/checklist.ts';
import { event } from '../../../src/incident/events.ts';
import type { Standing } from '../../../src/incident/standing/standing.ts';
import { standing } from '../../../src/incident/standing/standing.ts';
import type { Story } from '../../support/incidents.ts';
import { aStoryAt } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

function at(story: Story): Standing {
  return standing(story.incident, story.target, story.now);
}

describe('one tap that does a lot asks first', () => {
  const confirmOf = (story: Story, verb: string): string | undefined =>
    at(story).moves.find((one) => one.verb === verb)?.confirm;
  const allAnswered = (story: Story): Story =>
    openForPeople(story.incident, story.target, 'approve').reduce(
      (before, { item }) =>
        before.happens(event('item-answered', { item: item.id, answer: 'done' })),
      story,
    );
  const starts = 'Starts now: auth 8 → 7. Stops auth-service and gateway-service.';

  test('the second approval says what it starts, where no form stands before it', () => {
    const first = allAnswered(aStoryAt('planned'));

    expect(confirmOf(first, 'approve')).toBeUndefined();
    expect(confirmOf(aStoryAt('planned').approves('dora', 'dba'), 'approve')).toBeUndefined();
    expect(confirmOf(first.approves('dora', 'dba'), 'approve')).toBe(starts);
  });

  test('a run by hand asks when it is run, and not when it is approved', () => {
    const { policy } = aTarget();
    const target = aTarget({ policy: { ...policy, start: 'by_hand' } });
    const first = allAnswered(aStoryAt('planned', { target })).approves('dora', 'dba');

    expect(confirmOf(first, 'approve')).toBeUndefined();
    expect(confirmOf(first.approves('anna', 'on_call'), 'run')).toBe(starts);
    expect(confirmOf(first.approves('anna', 'on_call'), 'abort')).toContain('no longer count');
  });

  test('an abort says what it would cost', () => {
    expect(confirmOf(aStoryAt('running'), 'abort')).toBe(at(aStoryAt('running')).abortCost);
  });
});

describe('what is left after the run', () => {
  const answered = (story: Story, items: readonly string[]): Story =>
    items.reduce(
      (before, item) => before.happens(event('item-answered', { item, answer: 'done' })),
      story,
    );
  const openIn = ({ incident, target }: Story): readonly string[] =>
    openForPeople(incident, target, 'close').map((one) => one.item.id);

  test('is said by what is open, until everything is answered', () => {
    const done = aStoryAt('done');
    const last = openIn(done).filter((one) => one.startsWith('12.'));
    const others = openIn(done).filter((one) => !one.startsWith('12.'));

    expect(others).toContain('9.4');
    expect(at(done).next).toContain('Watch the error logs.');
    const watched = answered(done, others);
    expect(at(watched).next).toBe(`Open for people: ${last[0]} to ${last.at(-1)}. Then close.`);
    expect(at(answered(watched, last)).next).toBe('Everything is answered: close.');
  });

  test('once it is closed, only what can still be answered is asked for', () => {
    const closed = aStoryAt('closed');
    const last = openIn(closed).filter((one) => one.startsWith('12.'));

    expect(at(closed).next).toContain(` Still worth doing: ${last[0]} to ${last.at(-1)}.`);
    const home = event('channel-opened', { channel: 'C0INC1', name: 'inc-1-auth' });
    const all = answered(closed, last);
    expect(at(all.happens(home)).next).toBe('The post-mortem is in its channel.');
  });
});

describe('a step that nobody has begun', () => {
  test('is not said to be under way', () => {
    const queued = aStoryAt('running').ends('maintenance-on').ends('pause-writers');

    expect(at(queued).headline).toBe(
      'A worker is awaited for: Roll the database back (step 3 of 8).',
    );
    expect(at(queued.begins('run-down')).headline).toBe(
      'The database is being changed (step 3 of 8).',
    );
  });
});
