import { expect, test } from 'vitest';
import { z } from 'zod';
import { commandsFor } from '../../../src/incident/checklist/command-values.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import type { Service, Target } from '../../../src/incident/target.ts';
import type { Drawing } from '../../../src/slack/views/drawing.ts';
import { drawIncident } from '../../../src/slack/views/incident.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aService, aTarget, someFacts } from '../../support/targets.ts';

/** Those of a section that are there to be read. */
function byHand(story: Story, section: number): readonly Drawing[] {
  const { incident, target, now } = story;
  return drawIncident({ incident, target, now, people: {}, progress: {}, tails: {} }).filter(
    ({ key, over }) => new RegExp(`^by-hand-${section}(-|$)`).test(key) && over !== true,
  );
}

const Texts = z.array(
  z.object({ text: z.object({ text: z.string() }).optional() }).transform((one) => one.text?.text),
);

function fencesIn(drawings: readonly Drawing[]): readonly string[] {
  return drawings
    .flatMap(({ blocks }) => Texts.parse(blocks))
    .flatMap((text) => /^```\n([^]*)\n```$/.exec(text ?? '')?.[1] ?? []);
}

function manyServices(count: number, wordLength = 0): Target {
  const services = Array.from({ length: count }, (_one, at): Service => {
    const deployment = `deployment/service-${at}${'x'.repeat(wordLength)}`;
    const scale = ['kubectl', '--context', 'production', 'scale', deployment] as const;
    return aService(`service-${at}`, {
      commands: {
        ...aService('any').commands,
        stop: [...scale, '--replicas=0'],
        start: [...scale, '--replicas=3'],
      },
    });
  });
  return aTarget({ services });
}

test('all commands to stop 24 services stand there, and each of them whole', () => {
  const target = manyServices(24);
  const story = aStory({ target });
  const asked = commandsFor(ITEMS.workersStopped, story.incident, target).flatMap(
    (one) => one.commands,
  );
  const shown = fencesIn(byHand(story, 5)).flatMap((one) => one.split('\n'));

  expect(asked).toHaveLength(24);
  expect(shown).toEqual(expect.arrayContaining([...asked]));
});

test('what one message cannot hold goes on in the next, in the same thread', () => {
  const target = manyServices(60, 300);
  const story = aStory({ target });
  const drawings = byHand(story, 5);

  expect(drawings.map((one) => one.key)).toEqual(['by-hand-5', 'by-hand-5-2', 'by-hand-5-3']);
  for (const one of drawings) {
    expect(one).toMatchObject({ kind: 'aside', where: { threadOf: 'section-5' } });
  }
  expect(JSON.stringify(drawings[1]?.blocks)).toContain('*5.3* Stop background workers');
  const shown = fencesIn(drawings).flatMap((one) => one.split('\n'));
  expect(shown.filter((one) => /^kubectl .*service-\d+x+ --replicas=0$/.test(one))).toHaveLength(
    60,
  );
});

test('a command that fits nowhere is not shown by halves, and it says so', () => {
  const long = aService('long', {
    commands: { ...aService('long').commands, stop: ['stop', 'x'.repeat(4_000)] },
  });
  const story = aStory({ target: aTarget({ services: [aService('web'), long] }) });

  expect(JSON.stringify(byHand(story, 5))).toContain(
    '*One command is not shown*: its 4,005 characters do not fit into a message whole.',
  );
  expect(fencesIn(byHand(story, 5))).toContain('svc stop web');
  const tooMany = byHand(aStory({ target: manyServices(300, 300) }), 5);
  expect(tooMany).toHaveLength(6);
  expect(JSON.stringify(tooMany[5]?.blocks)).toContain('There are more commands than fit here.');
});

test('commands that are not true any more do not stay where they were', () => {
  const { incident, target, now } = aStory();
  const rest = drawIncident({ incident, target, now, people: {}, progress: {}, tails: {} }).filter(
    ({ key }) => key.startsWith('by-hand-6'),
  );

  expect(rest).toHaveLength(6);
  for (const one of rest) expect(one).toMatchObject({ over: true });
});

test('why there are no commands for a database is said before the others', () => {
  const { identity, ...facts } = someFacts();
  const older = { ...facts, identity: { ...identity, address: undefined } };
  const story = aStory().ends('assess', { result: { job: 'assess', facts: older } });

  expect(JSON.stringify(byHand(story, 8))).toContain('How this database is reached was not noted');
  expect(JSON.stringify(byHand(aStoryAt('planned'), 8))).toContain(
    "psql -X -d 'postgres://auth_owner@db.internal:5433/auth?sslmode=require'",
  );
});
