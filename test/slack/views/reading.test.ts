import { describe, expect, test } from 'vitest';
import { openForPeople } from '../../../src/incident/checklist/checklist.ts';
import { event } from '../../../src/incident/events.ts';
import type { Drawing } from '../../../src/slack/views/drawing.ts';
import { drawIncident } from '../../../src/slack/views/incident.ts';
import { planView } from '../../../src/slack/views/plan.ts';
import { panelView, statusView } from '../../../src/slack/views/replies.ts';
import type { Ending, Story } from '../../support/incidents.ts';
import { aStory, aStoryAt } from '../../support/incidents.ts';
import { aTarget, someFacts } from '../../support/targets.ts';

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

  test('the plan names the transactions that others hold open', () => {
    const idle = {
      kind: 'session',
      pid: 4711,
      user: 'report',
      applicationName: 'report-tool',
      state: 'idle in transaction',
      seconds: 30,
    } as const;
    const { activity } = someFacts();
    const facts = someFacts({
      activity: { ...activity, openTransactions: { state: 'known', value: [idle] } },
    });
    const found: Ending = { result: { job: 'assess', facts } };
    const { incident, target, now } = aStory().ends('assess', found).ends('back-up');
    const scene = { incident, target, now, people: {}, progress: {}, tails: {} };

    expect(JSON.stringify(planView(scene).blocks)).toContain(
      '*Open transactions:* an open transaction in a session of report-tool (pid 4711',
    );
    expect(JSON.stringify(planView({ ...scene, ...aStoryAt('planned') }).blocks)).not.toContain(
      'Open transactions',
    );
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

describe('what everybody reads in the home channel', () => {
  test('of a private target is that there is an incident and whom to ask, and no word of it', () => {
    const target = aTarget({ privateChannel: true });
    const given = { target, sentence: 'The salaries are gone' };
    const channel = event('channel-opened', { channel: 'G0INC1', name: 'inc-1-auth' });
    const story = aStoryAt('planned', given).happens(channel);

    const { text, blocks } = drawn(story, 'announcement');
    expect(text).toBe(
      '*INC-1* · rollback of auth (production)\nIt is under way, and its channel is private: ask anna.',
    );
    expect(blocks).toHaveLength(1);
    expect(words(drawn(aStoryAt('closed', given), 'announcement'))).toContain(
      'It is closed, and its channel is private: ask anna.',
    );
  });
});

describe('the panel, which anybody may ask for,', () => {
  test('tells of a private target that it is open, and no more', () => {
    const target = aTarget({ privateChannel: true });
    const { incident, now } = aStoryAt('planned', { target, sentence: 'The salaries are gone' });
    const said = JSON.stringify(
      panelView({ open: [incident], targets: [target], people: {}, now }).blocks,
    );

    expect(said).toContain('INC-1 is open for auth, and private: ask anna.');
    expect(said).not.toMatch(/The plan is ready|salaries/);
  });
});

describe('the card', () => {
  test('says once that the database is being changed', () => {
    const down = aStoryAt('running')
      .ends('maintenance-on')
      .ends('pause-writers')
      .begins('run-down');

    const said = words(drawn(down, 'card'));
    expect(said.match(/being changed/gi)).toHaveLength(1);
    expect(said).toContain('How far it has come is not known yet.');
  });

  test('says what is under way once, and adds a line only where it is known how far it is', () => {
    const said = words(drawn(aStoryAt('running').begins('maintenance-on'), 'card'));

    expect(said.match(/switched on|Switch maintenance mode on/gi)).toHaveLength(1);
  });
});

describe('what one tap does', () => {
  test('the button of the second key asks first', () => {
    const story = openForPeople(aStoryAt('planned').incident, aTarget(), 'approve')
      .reduce(
        (before, { item }) =>
          before.happens(event('item-answered', { item: item.id, answer: 'done' })),
        aStoryAt('planned'),
      )
      .approves('dora', 'dba');
    const card = drawn(story, 'card');

    expect(words(card)).toContain('"title":{"type":"plain_text","text":"Approve?"');
    expect(words(card)).toContain('Starts now: auth 8 → 7.');
  });
});

const UNTIL_CHECKED = [
  'maintenance-on',
  'pause-writers',
  'run-down',
  'verify',
  'resume-services',
  'check-services',
] as const;

describe('what is left for people', () => {
  test('a run that has ended rings whoever opened it and who is on call, with what is left', () => {
    const ask = drawn(aStoryAt('done'), 'ask:done');

    expect(ask.rings).toEqual(['anna', 'ben']);
    expect(ask.text).toContain('anna and ben:');
    expect(ask.text).toMatch(/Done: the database is rolled back to 7[^]*9\.4[^]*Then close\./);
    expect(words(ask)).toContain('"action_id":"close"');
    expect(drawn(aStoryAt('closed'), 'ask:done')).toMatchObject({ over: true });
    expect(words(drawn(aStoryAt('closed'), 'ask:done'))).not.toContain('action_id');
  });

  test('once it is closed, the status lists only what can still be answered', () => {
    const { incident, target, now } = aStoryAt('closed');
    const scene = { incident, target, now, people: {}, progress: {}, tails: {} };

    expect(JSON.stringify(statusView(scene).blocks)).toMatch(
      /Open, for people: 12\.[^`]*`\/rollback check 12\.\d done` answers one/,
    );
  });

  test('what was found not to be so is asked about until somebody said a word, and stays ✗', () => {
    const slow = { item: '10.1', verdict: 'refuted', says: 'One query is slow.' } as const;
    const story = UNTIL_CHECKED.reduce((before, step) => before.ends(step), aStoryAt('running'))
      .ends('check-performance', { evidence: [slow] })
      .ends('maintenance-off');
    expect(words(drawn(story, 'section-10'))).toContain('check:10.1');

    const said = story.happens(event('item-answered', { item: '10.1', answer: 'done' }));
    expect(words(drawn(said, 'section-10'))).not.toContain('check:10.1');
    expect(words(drawn(said, 'section-10'))).toContain('✗ *10.1*');
  });

  test('what somebody said about an item is said once', () => {
    const no = event('item-answered', { item: '2.3', answer: 'not-applicable' });
    const said = words(drawn(aStoryAt('planned').happens(no), 'section-2'));

    expect(said.match(/does not apply/g)).toHaveLength(1);
    expect(said).toContain('does not apply, says anna');
  });
});

describe('emergency contacts', () => {
  test('are asked for where nobody can be paged, and stay there once they are proven', () => {
    const page = { kind: 'webhook', urlEnv: 'PAGER' } as const;
    const target = aTarget({ roles: { dba: { people: ['dora'], page } } });
    const open = words(drawn(aStory(), 'section-11'));
    expect(open).toContain('check:11.3');
    expect(open).not.toMatch(/11\.3\*[^"]*by itself/);

    const asked = event('page-asked', { page: 1, role: 'dba', level: 1, reason: 'Logins fail.' });
    const called = aStory({ target }).happens(asked);
    expect(words(drawn(called, 'section-11'))).not.toContain('check:11.3');
    const taken = words(drawn(called.ends('page-1', { says: 'It was taken.' }), 'section-11'));
    expect(taken).toContain('✓ *11.3* Emergency Contacts: The pager took the call');
    expect(taken).toMatch(/database administrator: dora .*: It was taken\./);
    expect(taken).toContain('on-call engineer: nobody is listed');
  });

  test('a step that did not work proves nothing by itself', () => {
    const failed = aStory().ends('back-up', { outcome: 'failed', says: 'The disk is full.' });
    const said = words(drawn(failed, 'section-4'));
    expect(said).toContain('Create a backup before rollback · _not proven: its step did not work_');
  });
});
