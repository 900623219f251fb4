import { expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import { postMortemOf } from '../../../src/incident/history/post-mortem.ts';
import type { Story } from '../../support/incidents.ts';
import { aStoryAt } from '../../support/incidents.ts';

const people = { anna: 'Anna', dora: 'Dora' };

function written({ incident, target, events, now }: Story): string {
  return postMortemOf({ incident, target, events, people, now });
}

test('tells what, when, who, how long, what was proven and what was answered', () => {
  const text = written(
    aStoryAt('done')
      .happens(
        event('item-answered', { item: '12.4', answer: 'done', note: 'Monday, 10:00' }),
        'dora',
      )
      .happens(
        event('incident-closed', { outcome: 'rolled-back', archiveAt: '2026-11-22T05:00:00.000Z' }),
      ),
  );

  expect(text).toContain('# INC-1: rollback of auth (production)');
  expect(text).toContain('| Outage | 18 s, from 2026-11-22 03:00:01Z to 2026-11-22 03:00:19Z |');
  expect(text).toContain('Attempt 1 from 8 to 7');
  expect(text).toContain('approved by Anna and Dora');
  expect(text).toContain('| 12.4 | Schedule post-mortem meeting | answered | Dora,');
  expect(text).toContain('- [x] Schedule post-mortem meeting: Monday, 10:00');
  expect(text).toContain('- [ ] Update monitoring to detect similar issues');
  expect(text).toContain('## Timeline');
});

test('mentions nobody and breaks no table, whatever people wrote', () => {
  const text = written(
    aStoryAt('planned').happens(
      event('note-added', { text: 'a | b\n| c | {person:anna}' }),
      'dora',
    ),
  );
  const row = text.split('\n').find((line) => line.includes(String.raw`a \| b`));

  expect(text).not.toMatch(/<@|\{time:/);
  expect(row?.match(/(?<!\\)\|/g)).toHaveLength(4);
});

test('says that it is still open, and that no rollback was run', () => {
  const text = written(aStoryAt('planned'));

  expect(text).toContain('| Outcome | still open |');
  expect(text).toContain('No rollback was run.');
});
