import { describe, expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import type { Drawing } from '../../../src/slack/views/drawing.ts';
import { drawIncident } from '../../../src/slack/views/incident.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';

function drawn({ incident, target, now }: Story, key: string): Drawing {
  const scene = { incident, target, now, people: {}, progress: {}, tails: {} };
  const found = drawIncident(scene).find((one) => one.key === key);
  if (found === undefined) throw new Error(`No message ${key} was drawn.`);
  return found;
}

const words = ({ blocks }: Drawing): string => JSON.stringify(blocks);

describe('what is read before somebody says yes', () => {
  test('the message that asks for approval shows what the down files say', () => {
    const shown = words(drawn(aStoryAt('planned'), 'ask:plan-1'));
    expect(shown).toContain('alter table users rename column mail to email_8;');
  });

  test('whoever had approved is not sent to a new plan when there is none', () => {
    const story = aStoryAt('planned').approves('dora', 'dba');
    const hash = story.incident.plan?.hash ?? 'sha256:none';
    const lost = event('approvals-voided', { hash, fields: ['Who is connected is unknown.'] });
    const said = drawn(story.happens(lost, { kind: 'system', part: 'next' }), 'ask:setback-1').text;
    expect(said).toContain('The plan is the same as before');
    expect(said).not.toContain('Read the new plan');
    expect(said).not.toContain('This changed');
  });

  test('the dry run is drawn as a preview of every file', () => {
    const says = '8_step_8.down.sql has 1 statement. A preview, not a proof.';
    const evidence = [{ item: '6.1', verdict: 'found', says }] as const;
    const story = aStory().ends('assess', { evidence }).ends('back-up');
    const shown = words(drawn(story, 'section-6'));
    expect(shown).toContain('*a preview, not a proof*');
    expect(shown).toContain('alter table users rename column mail to email_8;');
    expect(shown).not.toContain('✓ *6.1*');
  });
});
