import { expect, test } from 'vitest';
import { blocksInFacts, blocksInFiles } from '../../../src/incident/plan/blocks.ts';
import { event } from '../../../src/incident/events.ts';
import type { FileProblem } from '../../../src/incident/facts/facts.ts';
import { aStory } from '../../support/incidents.ts';
import { aTarget, someFacts } from '../../support/targets.ts';

function problem(kind: FileProblem['kind'], file = '8_step_8.down.sql'): FileProblem {
  return { kind, file, version: '8', direction: 'down', say: `${file}: ${kind}.` };
}

/** With the down file of version 8 there, or not. */
function blocksOf(problems: FileProblem[], { isThere = true } = {}): readonly string[] {
  const { folder } = someFacts();
  const migrations = folder.migrations.map((one) =>
    isThere || one.version !== '8' ? one : { ...one, down: undefined },
  );
  const facts = someFacts({ folder: { ...folder, migrations, problems } });
  return blocksInFiles(aStory().incident, facts, ['8']).map((one) => `${one.say} ${one.next}`);
}

test.each(['missing', 'empty', 'only-comments'] as const)(
  'a file that is %s can be agreed to need nothing',
  (kind) => {
    expect(blocksOf([problem(kind)]).join()).toContain('`/rollback plan nothing=8`');

    const agreed = aStory().happens(event('course-chosen', { nothingToUndo: ['8'] })).incident;
    const facts = someFacts({ folder: { ...someFacts().folder, problems: [problem(kind)] } });
    expect(blocksInFiles(agreed, facts, ['8'])).toEqual([]);
  },
);

test.each(['unparsable', 'certain-to-fail', 'misnamed'] as const)(
  'a file that is %s has to be mended: nobody is sent to agree on nothing',
  (kind) => {
    const [block = ''] = blocksOf([problem(kind)]);

    expect(block).toContain('`/rollback plan again`');
    expect(block).not.toContain('nothing=');
  },
);

test('a stray file is in the way only where the version has no proper one', () => {
  const stray = problem('misnamed', 'archive/8_old.down.sql');

  expect(blocksOf([stray])).toEqual([]);
  expect(blocksOf([stray], { isThere: false }).join()).toContain('take it out of the folder');
});

test('a user whom no database lets in for the lock is told before the services stop', () => {
  const { activity } = someFacts();
  const blocksWith = (lockDatabases: string[]): readonly string[] =>
    blocksInFacts(someFacts({ activity: { ...activity, lockDatabases } }), aTarget()).map(
      (one) => one.next,
    );

  expect(blocksWith([]).join()).toContain('`grant connect on database postgres to');
  expect(blocksWith(['template1'])).toEqual([]);
});
