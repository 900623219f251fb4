import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { blockProblems, blocksLength } from '../../../sandbox/slack/blocks/payload.ts';
import type { Json } from '../../../sandbox/slack/json.ts';
import { event } from '../../../src/incident/events.ts';
import { fold } from '../../../src/incident/fold.ts';
import type { Drawing, People, Scene } from '../../../src/slack/views/drawing.ts';
import { drawIncident } from '../../../src/slack/views/incident.ts';
import type { Shown } from '../../../src/slack/views/parts.ts';
import { planView } from '../../../src/slack/views/plan.ts';
import { contactsView, panelView, statusView } from '../../../src/slack/views/replies.ts';
import { anyHistory } from '../../support/any-event.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aTarget } from '../../support/targets.ts';

const people: People = {
  anna: { name: 'Anna', slack: ['U0ANNA'] },
  ben: { name: 'Ben', slack: ['U0BEN'] },
  dora: { name: 'Dora', slack: ['U0DORA'] },
  dev: { name: 'Dev', slack: ['U0DEV'] },
  pat: { name: 'Pat', slack: ['U0PAT'] },
};

function sceneOf({ incident, target, now }: Story, over: Partial<Scene> = {}): Scene {
  return { incident, target, people, now, progress: {}, tails: {}, ...over };
}

function drawn(story: Story, key: string, over: Partial<Scene> = {}): Drawing {
  const found = drawIncident(sceneOf(story, over)).find((one) => one.key === key);
  if (found === undefined) throw new Error(`No message ${key} was drawn.`);
  return found;
}

const BUTTONS = z.array(
  z.object({
    elements: z
      .array(
        z.object({
          type: z.string(),
          action_id: z.string().optional(),
          value: z.string().optional(),
        }),
      )
      .optional(),
    accessory: z.object({ action_id: z.string(), value: z.string() }).optional(),
  }),
);
function buttonsOf({ blocks }: Shown): readonly { readonly id: string; readonly value: string }[] {
  return BUTTONS.parse(blocks).flatMap(({ elements = [], accessory }) =>
    [...elements, ...(accessory === undefined ? [] : [accessory])].flatMap(
      ({ action_id: id, value }) =>
        id === undefined || value === undefined ? [] : [{ id, value }],
    ),
  );
}

const JsonBlocks = z.array(z.json()).transform((blocks): Json[] => blocks);

/** What Slack would refuse, by the rules that the stand-in goes by. */
function refusedBy({ blocks, text }: Shown): readonly unknown[] {
  const sent = JsonBlocks.parse(JSON.parse(JSON.stringify(blocks)));
  return [
    ...blockProblems(sent, { surface: 'message', pointer: '/blocks' }),
    ...(blocksLength(sent) > 12_000 ? ['all texts together are too long'] : []),
    ...(text.trim() === '' ? ['no text'] : []),
    ...(text.length > 4_000 ? ['the text is too long for an update'] : []),
    ...(blocks.length === 0 ? ['no blocks'] : []),
  ];
}

const words = (shown: Shown): string => JSON.stringify(shown.blocks);

describe('whatever happened, the messages are ones that Slack takes', () => {
  test('any history draws within every limit, and nothing in it can ring', () => {
    fc.assert(
      fc.property(anyHistory, fc.boolean(), (history, isLate) => {
        const incident = fold(history);
        if (incident === null) throw new Error('no incident');
        const now = new Date(isLate ? '2026-11-23T03:00:00.000Z' : '2026-11-22T03:01:00.000Z');
        const target = aTarget();
        const scene: Scene = {
          incident,
          target,
          people,
          now,
          progress: Object.fromEntries(
            incident.operations.map((one) => [
              one.id,
              { what: '<!channel>', done: 7, total: 9, unit: 'bytes', secondsLeft: 12 } as const,
            ]),
          ),
          tails: Object.fromEntries(
            incident.operations.map((one) => [one.id, '``` <!here>\n'.repeat(900)]),
          ),
        };
        const drawings = drawIncident(scene);
        const all: readonly Shown[] = [
          ...drawings,
          planView(scene),
          statusView(scene),
          contactsView(scene),
          panelView({ open: [incident], targets: [target], people, now }),
        ];
        for (const one of all) {
          expect(refusedBy(one)).toEqual([]);
          expect(`${one.text}${words(one)}`).not.toMatch(
            /<!(?:channel|here|everyone)|<@U0EVIL|<https/,
          );
          for (const { value } of buttonsOf(one)) expect(value.length).toBeLessThanOrEqual(2000);
        }
        const keys = drawings.map((one) => one.key);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { where } of drawings) {
          if (typeof where === 'object') expect(keys).toContain(where.threadOf);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('the card', () => {
  test('says first what is true and then what to do', () => {
    const card = drawn(aStoryAt('planned'), 'card');

    expect(card.text).toBe(
      'INC-1 · auth: The plan is ready: roll back from 8 to 7. Nothing has been changed.',
    );
    expect(words(card)).toContain(
      '*Awaited:* <@U0ANNA> or <@U0BEN>: approval as on-call engineer.',
    );
    expect(card.pin).toBe(true);
  });

  test('its buttons begin with their verb and carry the plan that stands beside them', () => {
    const story = aStoryAt('planned');

    expect(buttonsOf(drawn(story, 'card'))).toEqual([
      {
        id: 'approve',
        value: JSON.stringify({ incident: 'INC-1', hash: story.incident.plan?.hash }),
      },
      {
        id: 'decline',
        value: JSON.stringify({ incident: 'INC-1', hash: story.incident.plan?.hash }),
      },
    ]);
  });

  test('shows how far a backup is', () => {
    const story = aStory().begins('back-up');
    const progress = {
      what: 'tables',
      done: 5e8,
      total: 1e9,
      unit: 'bytes',
      secondsLeft: 40,
    } as const;

    expect(words(drawn(story, 'card', { progress: { 'INC-1/op-2': progress } }))).toContain(
      '▓▓▓▓▓░░░░░ 50 % · tables · 500 MB of about 1.0 GB · about 40 s left',
    );
  });

  test('its clock goes by the minute, so that it is not drawn anew each second', () => {
    const story = aStoryAt('planned').waits(120_000);

    expect(drawn(story.waits(1_000), 'card')).toEqual(drawn(story.waits(9_000), 'card'));
    expect(words(drawn(story, 'card'))).toContain('2 min so far');
  });
});

describe('what needs a person is a new message with a mention', () => {
  test('an approval is asked of those who hold the missing keys', () => {
    const ask = drawn(aStoryAt('planned').approves('dora', 'dba'), 'ask:plan-1');

    expect(ask.rings).toBeDefined();
    expect(ask.text).toContain('<@U0ANNA> or <@U0BEN>');
    expect(ask.text).not.toContain('<@U0DEV>');
    expect(buttonsOf(ask).map((one) => one.id)).toEqual(['approve', 'decline']);
  });

  test('a question that was answered loses its buttons and rings no more', () => {
    const ask = drawn(aStoryAt('running'), 'ask:plan-1');

    expect(ask.text).toMatch(/was approved by Anna and Dora/);
    expect(buttonsOf(ask)).toEqual([]);
    expect(ask.rings).toBeUndefined();
    expect(ask.over).toBe(true);
  });

  test('an expired approval is asked for by another message', () => {
    const story = aStoryAt('planned').approves('dora', 'dba');
    const hash = story.incident.plan?.hash ?? 'sha256:none';
    const later = story.happens(event('approval-expired', { role: 'dba', hash }));

    expect(drawn(later, 'ask:plan-1').over).toBe(true);
    expect(drawn(later, 'ask:plan-1.2').rings).toBeDefined();
  });

  test('a failing rollback says what the database is and that the services come back', () => {
    const failing = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers')
      .ends('run-down', { outcome: 'failed', says: 'column "mail" does not exist' });
    const ask = drawn(failing, 'ask:failed:INC-1/op-5');

    expect(ask.rings).toBeDefined();
    expect(ask.text).toContain('column "mail" does not exist');
    expect(ask.text).toContain('The database is unchanged.');
  });

  test('services that are not back are said loudest, with the button that brings them back', () => {
    const story = aStoryAt('rolled-back')
      .ends('verify')
      .ends('resume-services', { outcome: 'failed' });
    const ask = drawn(story, 'ask:failed:INC-1/op-7');

    expect(ask.text).toContain('*The services are NOT back.*');
    expect(ask.text).toContain('auth-service and gateway-service');
    expect(buttonsOf(ask)[0]).toEqual({
      id: 'resume',
      value: JSON.stringify({ incident: 'INC-1', version: 'previous' }),
    });
  });

  test('a dead worker is unknown, not failed, and quiet again once it was found out', () => {
    const lost = aStoryAt('running').begins('maintenance-on').dies('maintenance-on');
    const found = lost.ends('maintenance-on', { foundOut: true, says: 'It was on.' });

    expect(drawn(lost, 'ask:unknown:INC-1/op-3').text).toContain('*unknown*, not failed');
    expect(drawn(found, 'ask:unknown:INC-1/op-3')).toMatchObject({ over: true });
  });

  test('a declined plan rings whoever had opened the incident', () => {
    const story = aStoryAt('planned');
    const hash = story.incident.plan?.hash ?? 'sha256:none';
    const no = event('plan-declined', { role: 'dba', hash, why: 'Not before the nightly load.' });

    expect(drawn(story.happens(no, 'dora'), 'ask:setback-1').text).toContain(
      '<@U0ANNA>: <@U0DORA> declined the plan',
    );
  });
});

describe('the sections', () => {
  test('are twelve, and an open item of theirs has a button of its own', () => {
    const sections = drawIncident(sceneOf(aStoryAt('planned'))).filter(
      (one) => one.kind === 'section',
    );

    expect(sections.map((one) => one.key)).toEqual(
      Array.from({ length: 12 }, (_one, index) => `section-${index + 1}`),
    );
    expect(sections.flatMap(buttonsOf)).toContainEqual({
      id: 'check:2.1',
      value: JSON.stringify({ incident: 'INC-1', item: '2.1' }),
    });
  });

  test('mention nobody: a list of contacts is not a call', () => {
    const drawings = drawIncident(sceneOf(aStoryAt('done')));

    for (const one of drawings.filter(({ kind }) => kind !== 'card' && kind !== 'ask')) {
      expect(words(one)).not.toContain('<@');
    }
  });

  test('commands by hand stand in the thread, with the incident’s own values', () => {
    expect(words(drawn(aStoryAt('planned'), 'by-hand-6'))).toContain('goto 7');
  });
});

describe('an operation reports in the thread of its section', () => {
  test('with its final line, what it proved, and the last lines of its tool in a fence', () => {
    const story = aStory().ends('back-up', {
      says: 'The backup is complete.',
      evidence: [{ item: '4.1', verdict: 'proven', says: '40 MB, read back in full.' }],
      tail: 'pg_dump: ``` dumping <users>',
    });
    const message = drawn(story, 'op:INC-1/op-2');

    expect(message.where).toEqual({ threadOf: 'section-4' });
    expect(words(message)).toContain('✓ proven *4.1*: 40 MB, read back in full.');
    expect(words(message)).toContain("```\\npg_dump: ''' dumping &lt;users&gt;\\n```");
  });
});
