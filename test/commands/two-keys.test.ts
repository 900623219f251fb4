import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { approvalRolesOf, bothKeys, standingApprovals } from '../../src/incident/plan/approvals.ts';
import type { Conversation } from '../support/conversation.ts';
import { planned } from '../support/conversation.ts';
import { aTarget, backedUp, maintenance, resumed } from '../support/worlds.ts';

type Step =
  | { readonly do: 'say'; readonly who: string; readonly text: string }
  | { readonly do: 'later'; readonly minutes: number }
  | { readonly do: 'due' }
  | { readonly do: 'fail' };

const people = fc.constantFrom('anna', 'kim', 'dora', 'dev', 'pat', 'eve');
const words = fc.constantFrom(
  'approve',
  'approve all-done',
  'approve all-done role=on_call',
  'approve all-done role=dba',
  'decline no',
  'abort',
  'run',
  'back-up',
  'plan to=1',
  'plan to=2',
  'edit suspected=2',
  'resume',
);
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({ do: fc.constant('say' as const), who: people, text: words }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('later' as const), minutes: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'due' as const }) },
    { weight: 1, arbitrary: fc.constant({ do: 'fail' as const }) },
  ),
  { maxLength: 25 },
);

/** Kim is in both roles, and could be everybody. */
function target(start: 'on_approval' | 'by_hand'): ReturnType<typeof aTarget> {
  return aTarget({
    roles: {
      on_call: { people: ['anna', 'kim'] },
      dba: { people: ['dora', 'dev', 'kim'] },
      platform_lead: { people: ['pat'] },
    },
    policy: { start, approvalTtlMinutes: 15 },
  });
}

function take(talk: Conversation, step: Step): void {
  switch (step.do) {
    case 'say':
      talk.type(step.who, step.text);
      break;
    case 'later':
      talk.later(step.minutes);
      break;
    case 'due':
      talk.due();
      break;
    case 'fail':
      failOne(talk);
      break;
  }
  endBackups(talk);
}

function failOne(talk: Conversation): void {
  const step = talk.incident().operations.find((one) => one.state === 'queued')?.step;
  if (step === 'maintenance-on') talk.finish(step, { outcome: 'failed' });
  if (step === 'resume-services') talk.finish(step, { result: resumed('same') });
  if (step === 'maintenance-off') talk.finish(step, { result: maintenance('off') });
}

function endBackups(talk: Conversation): void {
  const { operations } = talk.incident();
  if (operations.some((one) => one.step === 'back-up' && one.state === 'queued')) {
    talk.finish('back-up', { result: backedUp('3', `m${operations.length}`) });
  }
}

function expectTwoPeople(talk: Conversation): void {
  const incident = talk.incident();
  const standing = standingApprovals(incident, talk.now());
  const given = incident.approvals.filter((one) => one.state === 'given');

  expect(new Set(standing.map((one) => one.by)).size).toBe(standing.length);
  expect(new Set(standing.map((one) => one.role)).size).toBe(standing.length);
  for (const { by, role } of incident.approvals) {
    expect(approvalRolesOf(talk.target, by)).toContain(role);
  }
  // The store's indexes hold the same: a hash has one approval for each role and each person.
  for (const one of given) {
    const same = given.filter((other) => other.hash === one.hash);
    expect(same.filter((other) => other.role === one.role)).toHaveLength(1);
    expect(same.filter((other) => other.by === one.by)).toHaveLength(1);
  }
  const keys = bothKeys(incident, incident.plan?.hash ?? 'sha256:', talk.now());
  if (keys !== null) expect(keys[0].by).not.toBe(keys[1].by);
}

describe.each(['on_approval', 'by_hand'] as const)('whatever anybody says (%s)', (start) => {
  test('nobody holds both keys, and nothing runs without two people', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const talk = planned(target(start));
        for (const step of taken) {
          take(talk, step);
          expectTwoPeople(talk);
        }
        for (const { approvers } of talk.incident().runs) {
          expect(new Set(approvers).size).toBe(2);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('every run begins with approvals of exactly its plan', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const talk = planned(target(start));
        for (const step of taken) {
          const before = talk.incident().runs.length;
          take(talk, step);
          const { runs, approvals } = talk.incident();
          const begun = runs.slice(before).map((one) => one.hash);
          for (const hash of begun) {
            const roles = approvals
              .filter((one) => one.hash === hash && one.state === 'given')
              .map((one) => one.role);
            expect(roles.toSorted()).toEqual(['dba', 'on_call']);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
