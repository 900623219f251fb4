import { describe, expect, test } from 'vitest';
import type { ItemState } from '../../../src/incident/checklist/checklist.ts';
import { checklistOf, openForPeople } from '../../../src/incident/checklist/checklist.ts';
import type { Evidence, ItemId } from '../../../src/incident/facts/evidence.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import { event } from '../../../src/incident/events.ts';
import { containing } from '../../support/conversation.ts';
import type { Ending, Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

function stateOf(story: Story, id: string): ItemState {
  const found = checklistOf(story.incident, story.target)
    .flatMap((one) => one.items)
    .find((one) => one.item.id === id);
  if (found === undefined) throw new Error(`There is no item ${id}.`);
  return found;
}

describe('an item that no job can prove', () => {
  const seen = (item: ItemId, says: string) => ({ item, verdict: 'found', says }) as const;

  test('is asked of people: a right is missing, or no command is configured', () => {
    const says = 'Who is connected is unknown.';
    const read = aStory().ends('assess', { evidence: [seen('3.1', says)] });
    expect(stateOf(aStory(), '3.1').ask).toBeNull();
    expect(stateOf(read, '3.1').ask).toContain('Which services');
    expect(
      openForPeople(read.incident, read.target, 'approve').map(({ item }) => item.id),
    ).toContain('3.1');

    const back = aStoryAt('rolled-back')
      .ends('verify')
      .ends('resume-services', { evidence: [seen('9.1', 'No command for the version before.')] });
    const answer = event('item-answered', { item: '9.1', answer: 'done', note: 'Build 41.' });
    expect(stateOf(back, '9.1').ask).toContain('does it fit');
    expect(stateOf(back.happens(answer), '9.1').standing).toMatchObject({
      state: 'answered',
      note: 'Build 41.',
    });
  });

  test('is asked of people once the run is over', () => {
    const before = aStoryAt('rolled-back').ends('verify').ends('resume-services');
    const failed = before
      .ends('check-services')
      .ends('check-performance', { outcome: 'failed', says: 'No answer in time.' });

    expect(stateOf(failed, '10.1').ask).toBeNull();
    expect(stateOf(failed.ends('maintenance-off'), '10.1').ask).toContain('could not prove it');
  });

  test('of an attempt that was put back waits for the next attempt', () => {
    const back = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers', { evidence: [seen('5.4', 'NOT proven.')] })
      .ends('run-down', { outcome: 'failed' })
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [] },
      })
      .ends('maintenance-off');

    expect(stateOf(back, '5.4')).toMatchObject({ standing: { state: 'open' }, ask: null });
  });

  test('without services no version has to be deployed', () => {
    const story = aStory({ target: aTarget({ services: [] }) });
    expect(stateOf(story, '9.1').standing.state).toBe('does-not-apply');
  });

  test('that the team was told is asked when there is no channel, and why is said beside it', () => {
    const system = { kind: 'system', part: 'projection' } as const;
    const claimed = aStory().happens(
      event('channel-claimed', { name: 'inc-1-auth', isPrivate: false }),
      system,
    );
    expect(stateOf(claimed, '5.1').ask).toBeNull();

    const failed = claimed.happens(event('channel-failed', { why: 'It may not be made.' }), system);
    expect(stateOf(failed, '5.1')).toMatchObject({
      ask: containing('Who was told'),
      facts: ['There is no channel for it. It may not be made.'],
    });
    const told = event('item-answered', { item: '5.1', answer: 'done', note: 'In #auth.' });
    expect(stateOf(failed.happens(told), '5.1').standing.state).toBe('answered');
  });
});

describe('maintenance', () => {
  const switched = (wanted: 'on' | 'off', verdict: Evidence['verdict']): Ending => ({
    outcome: verdict === 'refuted' ? 'failed' : 'succeeded',
    result: { job: 'set-maintenance', wanted, configured: true },
    evidence: [{ item: ITEMS.maintenance, verdict, says: `Maintenance mode is ${wanted}.` }],
  });
  const toOff = (): Story =>
    aStoryAt('running')
      .ends('maintenance-on', switched('on', 'proven'))
      .ends('pause-writers')
      .ends('run-down')
      .ends('verify')
      .ends('resume-services')
      .ends('check-services')
      .ends('check-performance');

  test.each(['found', 'proven'] as const)(
    'that is off again proves from when to when it was on (its off says %s)',
    (verdict) => {
      const story = toOff().ends('maintenance-off', switched('off', verdict));
      const endOf = (step: string): string | undefined =>
        story.incident.operations.find((one) => one.step === step)?.endedAt;

      expect(stateOf(toOff(), '5.2').standing).toMatchObject({ says: 'Maintenance mode is on.' });
      expect(stateOf(story, '5.2').standing).toMatchObject({
        state: 'proven',
        says: `It was on from {time:${endOf('maintenance-on')}} to {time:${endOf('maintenance-off')}}, and is off again.`,
      });
    },
  );

  test('that is still on is refuted', () => {
    const story = toOff().ends('maintenance-off', switched('off', 'refuted'));
    expect(stateOf(story, '5.2').standing.state).toBe('refuted');
  });
});

describe('the version row', () => {
  const row = (says: string) => [{ item: ITEMS.dirtyState, verdict: 'proven', says } as const];

  test('goes by who looked last, also when the attempt was put back', () => {
    const running = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers')
      .ends('run-down', { evidence: row('After the down.') });
    expect(stateOf(running, '11.1').standing).toMatchObject({ says: 'After the down.' });
    const verified = running.ends('verify', { evidence: row('Verified.') });
    expect(stateOf(verified, '11.1').standing).toMatchObject({ says: 'Verified.' });

    const failed = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers')
      .ends('run-down', { outcome: 'failed', evidence: row('It is dirty.') })
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [] },
      })
      .ends('maintenance-off');
    expect(stateOf(failed, '11.1').standing).toMatchObject({
      state: 'proven',
      says: 'It is dirty.',
    });
  });
});
