import { describe, expect, test } from 'vitest';
import { openForPeople } from '../../src/incident/checklist/checklist.ts';
import { shortHash } from '../../src/incident/plan/plan.ts';
import type { Conversation } from '../support/conversation.ts';
import { approved, containing, planned, started } from '../support/conversation.ts';
import { aTarget, backedUp, maintenance } from '../support/worlds.ts';

const BOTH = aTarget({
  roles: { on_call: { people: ['anna', 'kim'] }, dba: { people: ['dora', 'kim'] } },
});

function openItems(talk: Conversation): readonly string[] {
  return openForPeople(talk.incident(), talk.target, 'approve').map(({ item }) => item.id);
}

function hashOf(talk: Conversation): string {
  return talk.incident().plan?.hash ?? 'no plan';
}

describe('the form', () => {
  test('the first approver sees the plan and every open item at once', () => {
    const talk = planned();

    const heard = talk.say('anna', 'approve', { hash: hashOf(talk) });

    expect(heard).toMatchObject({
      kind: 'needs-form',
      help: {
        intro: containing('from version 3 to 2'),
        presets: { hash: hashOf(talk), done: openItems(talk) },
      },
    });
  });

  test('approving answers the items in the name of whoever approves', () => {
    const talk = planned();
    const [out, ...done] = openItems(talk).toReversed();

    talk.say('anna', 'approve', {
      hash: hashOf(talk),
      done,
      notApplicable: [out],
      notes: 'asked the team',
    });

    expect(openItems(talk)).toEqual([]);
    expect(talk.incident().answers['2.1']).toMatchObject({ answer: 'done', by: 'anna' });
    expect(talk.incident().answers[String(out)]).toMatchObject({ answer: 'not-applicable' });
    expect(talk.incident().approvals).toMatchObject([{ role: 'on_call', by: 'anna' }]);
    expect(talk.incident().notes).toMatchObject([{ text: 'asked the team' }]);
  });

  test('an item that is neither done nor out of the question keeps the key from turning', () => {
    const talk = planned();

    expect(talk.say('anna', 'approve', { done: ['2.1'], notApplicable: ['2.2'] })).toMatchObject({
      kind: 'refusal',
      code: 'open-items',
      field: 'done',
      say: containing('2.2'),
    });
    expect(talk.incident().approvals).toEqual([]);
  });

  test('what does not apply does not, also where it is still ticked as seen to', () => {
    const talk = planned();
    const both = { done: openItems(talk), notApplicable: ['2.3'] };

    expect(talk.say('anna', 'approve', both).kind).toBe('decision');
    expect(talk.incident().answers['2.3']).toMatchObject({ answer: 'not-applicable' });
  });

  test('the second approver meets no open item and no form', () => {
    const talk = planned();
    talk.type('anna', 'approve all-done');

    const heard = talk.type('dora', 'approve');

    expect(heard).toMatchObject({
      reply: { text: containing('the rollback starts now') },
    });
    expect(talk.incident().runs).toHaveLength(1);
  });

  test('whoever is first again after everything was answered still sees the plan before approving it', () => {
    const talk = planned();
    talk.type('anna', 'approve all-done');
    talk.later(31);

    expect(talk.type('anna', 'approve')).toMatchObject({
      kind: 'needs-form',
      help: { without: ['role', 'done', 'notes', 'notApplicable'] },
    });
    expect(talk.say('anna', 'approve', { hash: hashOf(talk) }).kind).toBe('decision');
  });
});

test('where the team starts it by hand, the second approval says so', () => {
  const talk = approved(aTarget({ policy: { start: 'by_hand' } }));

  expect(talk.incident().runs).toEqual([]);
  expect(talk.type('ben', 'approve')).toMatchObject({
    code: 'key-taken',
    next: containing('/rollback run'),
  });
});

test('an approval lasts as long as the policy says', () => {
  const talk = planned(aTarget({ policy: { approvalTtlMinutes: 5 } }));
  const before = talk.now().getTime();

  talk.type('anna', 'approve all-done');

  const [approval] = talk.incident().approvals;
  expect(Date.parse(approval?.expiresAt ?? '')).toBe(before + 5 * 60_000);
});

test('a key that ran out can be turned again, also before anybody marked it', () => {
  const talk = planned();
  talk.type('anna', 'approve all-done');
  talk.later(31);

  talk.type('anna', 'approve all-done');

  expect(talk.incident().approvals.map((one) => one.state)).toEqual(['expired', 'given']);
});

describe('each no', () => {
  test('nobody approves where a role has nobody in it', () => {
    const talk = planned(
      aTarget({ roles: { on_call: { people: ['anna'] }, dba: { people: [] } } }),
    );

    expect(talk.type('anna', 'approve all-done')).toMatchObject({
      code: 'nobody-in-role',
      say: containing('database administrator'),
    });
  });

  test('whoever is in neither role is told whom to ask', () => {
    expect(planned().type('pat', 'approve all-done')).toMatchObject({
      code: 'not-in-role',
      next: containing('{person:dora}'),
    });
  });

  test('nobody approves in a role that is not theirs', () => {
    expect(planned().type('anna', 'approve role=dba all-done')).toMatchObject({
      code: 'not-in-role',
    });
  });

  test('there is no plan before the database has been read', () => {
    expect(started().type('anna', 'approve all-done')).toMatchObject({
      code: 'no-plan',
      say: containing('the assessment and the backup'),
    });
  });

  test('an old button with an old hash is refused kindly', () => {
    const talk = planned();
    const old = hashOf(talk);
    talk.type('anna', 'back-up');
    talk.finish('back-up', { result: backedUp('3', 'm2') });

    expect(talk.say('anna', 'approve', { hash: old, done: openItems(talk) })).toMatchObject({
      code: 'plan-changed',
      next: containing('/rollback plan'),
    });
  });

  test('a plan may be named by the first digits of its hash', () => {
    const talk = planned();
    const { hash } = talk.incident().plan ?? {};
    const short = hash === undefined ? '' : shortHash(hash);

    expect(talk.type('anna', 'approve 00000000 all-done')).toMatchObject({ code: 'plan-changed' });
    expect(talk.type('anna', `approve ${short} all-done`).kind).toBe('decision');
  });

  test('pressing twice says who is awaited', () => {
    const talk = planned();
    talk.type('anna', 'approve all-done');

    expect(talk.type('anna', 'approve all-done')).toMatchObject({
      code: 'already-approved',
      next: containing('{person:dora} or {person:dev}'),
    });
  });

  test('nobody holds both keys', () => {
    const talk = planned(BOTH);
    talk.type('kim', 'approve all-done');

    expect(talk.type('kim', 'approve')).toMatchObject({
      code: 'second-key',
      next: containing('Ask {person:dora}.'),
    });
    expect(talk.type('kim', 'approve role=on-call')).toMatchObject({ code: 'already-approved' });
    expect(talk.incident().runs).toEqual([]);
  });

  test('whoever holds one key can change it for the other, and holds one still', () => {
    const talk = planned(BOTH);
    talk.type('kim', 'approve all-done');
    expect(talk.type('anna', 'approve')).toMatchObject({
      code: 'key-taken-or-move',
      next: containing('{person:kim} types `/rollback approve role=dba`'),
    });

    talk.type('kim', 'approve role=dba');

    const kept = talk.incident().approvals.filter((one) => one.state === 'given');
    expect(kept).toMatchObject([{ role: 'dba', by: 'kim' }]);
    expect(talk.incident().runs).toEqual([]);
    talk.type('anna', 'approve');
    expect(talk.incident().runs).toMatchObject([{ approvers: ['anna', 'kim'] }]);
  });

  test('whoever is in both roles takes the one that leaves the other to somebody else', () => {
    const roles = { on_call: { people: ['anna', 'dora'] }, dba: { people: ['dora'] } };
    const talk = planned(aTarget({ roles }));

    talk.type('dora', 'approve all-done');

    expect(talk.incident().approvals).toMatchObject([{ role: 'dba', by: 'dora' }]);
  });

  test('whoever may turn either key chooses in the form', () => {
    const talk = planned(BOTH);

    expect(talk.say('kim', 'approve', { hash: hashOf(talk) })).toMatchObject({
      help: {
        choices: { role: [{ value: 'on_call' }, { value: 'dba' }] },
        presets: { role: 'on_call' },
      },
    });
    expect(talk.say('anna', 'approve', { hash: hashOf(talk) })).toMatchObject({
      help: { without: ['role'] },
    });
  });

  test('whoever is in both roles turns the key that is missing', () => {
    const talk = planned(BOTH);
    talk.type('anna', 'approve all-done');

    talk.type('kim', 'approve');

    expect(talk.incident().approvals.map((one) => one.role)).toEqual(['on_call', 'dba']);
    expect(talk.incident().runs).toMatchObject([{ approvers: ['anna', 'kim'] }]);
  });

  test('a key is turned once', () => {
    const talk = planned();
    talk.type('anna', 'approve all-done');

    expect(talk.type('ben', 'approve all-done')).toMatchObject({
      code: 'key-taken',
      say: containing('{person:anna}'),
    });
  });

  test('a declined plan is approved by nobody else, until whoever declined it takes that back', () => {
    const talk = planned();
    talk.type('dora', 'decline too many rows at stake');

    expect(talk.type('anna', 'approve all-done')).toMatchObject({
      code: 'declined',
      say: '{person:dora} declined this plan: too many rows at stake',
    });
    expect(talk.type('dora', 'approve all-done').kind).toBe('decision');
    expect(talk.type('anna', 'approve').kind).toBe('decision');
    expect(talk.incident().runs).toHaveLength(1);
  });

  test('while it runs, the step is told instead', () => {
    const talk = approved();

    expect(talk.type('anna', 'approve')).toMatchObject({
      code: 'running',
      say: 'The rollback is running: maintenance mode is being switched on.',
    });
    talk.finish('maintenance-on', { outcome: 'failed', result: maintenance('on') });
    expect(talk.type('anna', 'approve')).toMatchObject({ code: 'resume-under-way' });
  });
});
