import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ItemState } from '../../../src/incident/checklist/checklist.ts';
import {
  checklistOf,
  isStillOpen,
  openForPeople,
} from '../../../src/incident/checklist/checklist.ts';
import { CHECKLIST } from '../../../src/incident/checklist/items.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import { event } from '../../../src/incident/events.ts';
import { fold } from '../../../src/incident/fold.ts';
import { sha256 } from '../../../src/incident/plan/plan.ts';
import { anyHistory } from '../../support/any-event.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

function stateOf(story: Story, id: string): ItemState {
  const found = checklistOf(story.incident, story.target)
    .flatMap((one) => one.items)
    .find((one) => one.item.id === id);
  if (found === undefined) throw new Error(`There is no item ${id}.`);
  return found;
}

const backedUp = { item: ITEMS.backup, verdict: 'proven', says: 'Read back in full.' } as const;

describe('the checklist', () => {
  test('has twelve sections, and every item is named once', () => {
    const ids = CHECKLIST.flatMap((one) => one.items.map(({ id }) => id));

    expect(CHECKLIST.map((one) => one.section)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(ids).toEqual(Object.values(ITEMS));
    expect(new Set(ids).size).toBe(ids.length);
    for (const { section, items } of CHECKLIST) {
      expect(items.map(({ id }) => id)).toEqual(items.map((_one, at) => `${section}.${at + 1}`));
    }
  });

  test('nothing is ticked by the passing of time', () => {
    const story = aStory();
    const later = story.waits(86_400_000);

    expect(checklistOf(later.incident, later.target)).toEqual(
      checklistOf(story.incident, story.target),
    );
  });
});

describe('an item', () => {
  test('is proven by a job, with when and with which digest', () => {
    const digest = sha256('manifest');
    const story = aStory().ends('back-up', { evidence: [{ ...backedUp, digest }] });

    expect(stateOf(story, '4.1').standing).toMatchObject({
      state: 'proven',
      says: 'Read back in full.',
      digest,
      operation: 'INC-1/op-2',
    });
  });

  test('goes by the newest evidence', () => {
    const story = aStory()
      .ends('back-up', { evidence: [backedUp] })
      .happens(event('back-up-asked', { round: 2, exports: [] }))
      .ends('back-up', {
        outcome: 'failed',
        evidence: [{ ...backedUp, verdict: 'refuted', says: 'The dump is truncated.' }],
      });

    expect(stateOf(story, '4.1').standing).toMatchObject({ state: 'refuted' });
  });

  test('that is refuted stays refuted, with a person’s word beside it', () => {
    const story = aStory()
      .ends('back-up', { evidence: [{ ...backedUp, verdict: 'refuted' }] })
      .happens(event('item-answered', { item: '4.1', answer: 'done', note: 'By hand.' }), 'dora');

    expect(stateOf(story, '4.1')).toMatchObject({
      standing: { state: 'refuted' },
      answer: { by: 'dora', note: 'By hand.' },
    });
  });

  test('that a person answered is a claim: who, when and the note', () => {
    const answer = event('item-answered', { item: '2.2', answer: 'done', note: 'Nothing is.' });

    expect(stateOf(aStory().happens(answer, 'dora'), '2.2').standing).toMatchObject({
      state: 'answered',
      by: 'dora',
      note: 'Nothing is.',
    });
  });

  test('that was only found, not proven, stays open with the fact beside it', () => {
    const found = { item: ITEMS.services, verdict: 'found', says: 'auth-service' } as const;
    const state = stateOf(aStory().ends('assess', { evidence: [found] }), '3.1');

    expect(state.standing).toEqual({ state: 'open' });
    expect(state.facts).toContain('auth-service');
  });

  test('what an attempt proved is a proof no longer once it was put back', () => {
    const gone = {
      item: ITEMS.scaledDown,
      verdict: 'proven',
      says: 'Nobody is connected.',
    } as const;
    const stopped = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers', { evidence: [gone] });
    const back = stopped
      .ends('run-down', { outcome: 'failed' })
      .ends('resume-services', {
        result: { job: 'resume-services', version: 'same', services: [] },
      })
      .ends('maintenance-off');

    expect(stateOf(stopped, '5.4').standing.state).toBe('proven');
    expect(stateOf(back, '5.4')).toMatchObject({
      standing: { state: 'open' },
      facts: ['In attempt 1: Nobody is connected.'],
    });
  });
});

describe('what was said at the start', () => {
  test('answers which error it is, in the name of who said it', () => {
    expect(stateOf(aStory({ sentence: 'Logins fail' }), '1.1').standing).toMatchObject({
      state: 'answered',
      by: 'anna',
      note: 'Logins fail',
    });
  });

  test('and edited later is the editor’s word', () => {
    const edited = aStory().happens(
      event('details-edited', { impact: 'Nobody can log in.' }),
      'ben',
    );

    expect(stateOf(edited, '1.3').standing).toMatchObject({ state: 'answered', by: 'ben' });
  });

  test('the team has been told once its people are invited into the channel', () => {
    const told = aStory().happens(
      event('channel-opened', { channel: 'C0INC1', name: 'inc-1-auth' }),
      { kind: 'system', part: 'projection' },
    );

    expect(stateOf(told, '5.1')).toMatchObject({
      standing: { state: 'open' },
      facts: ['#inc-1-auth is open; nobody is known to be in it.'],
    });
    const invited = { channel: 'C0INC1', count: 4, missing: ['U0DEV'] };
    const there = told.happens(event('people-invited', invited), {
      kind: 'system',
      part: 'projection',
    });
    expect(stateOf(there, '5.1').standing).toMatchObject({
      state: 'proven',
      says: 'Into #inc-1-auth were invited: 3 of 4 accounts; the others could not be.',
    });
    const none = { channel: 'C0INC1', count: 1, missing: ['U0DEV'] };
    const alone = told.happens(event('people-invited', none), {
      kind: 'system',
      part: 'projection',
    });
    expect(stateOf(alone, '5.1').standing.state).toBe('open');
  });
});

describe('the dry run', () => {
  test('is a preview of every file, and neither proven nor open', () => {
    const says = '8_step_8.down.sql has 1 statement. A preview, not a proof.';
    const seen = { item: ITEMS.preview, verdict: 'found', says } as const;

    const story = aStory()
      .ends('assess', { evidence: [seen] })
      .ends('back-up');
    const { standing, facts } = stateOf(story, '6.1');
    expect(standing).toMatchObject({ state: 'preview', says });
    for (const { file } of story.incident.plan?.plan.files ?? []) {
      expect(facts.join(' ')).toContain(file);
    }
    expect(isStillOpen(standing)).toBe(false);
  });
});

describe('recovery', () => {
  test('does not apply while nothing has failed, and opens by itself as soon as something has', () => {
    const fine = aStoryAt('running').ends('maintenance-on').ends('pause-writers');

    expect(stateOf(fine, '11.2').standing.state).toBe('does-not-apply');
    expect(stateOf(fine.ends('run-down', { outcome: 'failed' }), '11.2').standing.state).toBe(
      'open',
    );
  });
});

describe('before approving', () => {
  test('only what only a person can say is asked, of sections 1 to 3', () => {
    const { incident, target } = aStoryAt('planned');

    expect(openForPeople(incident, target, 'approve').map((one) => one.item.id)).toEqual([
      '1.3',
      '1.4',
      '2.1',
      '2.2',
      '2.3',
      '2.4',
      '3.2',
      '3.3',
      '3.4',
    ]);
  });
});

test('any history has a checklist, and counts what is open in it', () => {
  fc.assert(
    fc.property(anyHistory, (history) => {
      const incident = fold(history);
      if (incident === null) throw new Error('no incident');
      for (const section of checklistOf(incident, aTarget())) {
        const open = section.items.filter(({ standing }) =>
          ['open', 'refuted'].includes(standing.state),
        );
        expect(section.open).toBe(open.length);
      }
    }),
  );
});
