import { expect, test } from 'vitest';
import { event } from '../../../src/incident/events.ts';
import type { Activity, Facts, OpenTransaction } from '../../../src/incident/facts/facts.ts';
import { prospectOf } from '../../../src/incident/plan/prospect.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory } from '../../support/incidents.ts';
import { aService, aTarget, someFacts } from '../../support/targets.ts';

function assessed(over: Partial<Facts>, target = aTarget()): Story {
  return aStory({ target })
    .ends('assess', { result: { job: 'assess', facts: someFacts(over) } })
    .ends('back-up');
}
function connected(over: Partial<Activity>): Partial<Facts> {
  return { activity: { ...someFacts().activity, ...over } };
}
function open(over: Partial<Extract<OpenTransaction, { kind: 'session' }>>): Partial<Facts> {
  const transaction: OpenTransaction = {
    kind: 'session',
    pid: 4711,
    user: 'importer',
    applicationName: 'batch-import',
    state: 'active',
    seconds: 300,
    ...over,
  };
  return connected({ openTransactions: { state: 'known', value: [transaction] } });
}
function blocksOf(story: Story): readonly string[] {
  const prospect = prospectOf(story.incident, story.target);
  return prospect.state === 'blocked'
    ? prospect.blocks.map((one) => `${one.code}: ${one.say} ${one.next}`)
    : [];
}

test('who is connected must be known before there is a plan', () => {
  const why = '2 sessions are hidden. `grant pg_read_all_stats to app` shows them.';
  const [block] = blocksOf(assessed(connected({ connections: { state: 'unknown', why } })));

  expect(block).toMatch(/^sessions-unknown: .*`grant pg_read_all_stats to app`.*plan again/);
});

test('a transaction that somebody else has open for minutes is named with what ends it', () => {
  const [block] = blocksOf(assessed(open({})));

  expect(block).toContain('batch-import (pid 4711, user importer, active), for 300 s');
  expect(block).toContain('`select pg_terminate_backend(4711)`');
  expect(block).toContain('`/rollback plan again`');
});

test('a validation file that is not there or holds nothing stops the plan, and not the run after the database is changed', () => {
  const target = aTarget({ validation: '/srv/checks.sql' });
  const [block] = blocksOf(assessed({ validation: 'missing' }, target));

  expect(block).toMatch(/^no-validation-file: .*\/srv\/checks\.sql.*plan again/);
  const [empty] = blocksOf(assessed({ validation: 'empty' }, target));
  expect(empty).toContain('holds no statement');
  expect(blocksOf(assessed({ validation: 'there' }, target))).toEqual([]);
});

test('a forgotten prepared transaction is named with what ends it', () => {
  const value = [{ kind: 'prepared', gid: "it's", user: 'app', seconds: 9_000 }] as const;
  const story = assessed(connected({ openTransactions: { state: 'known', value: [...value] } }));

  expect(blocksOf(story).join()).toContain("`rollback prepared 'it''s'`");
});

test.each([
  ['young', { seconds: 20 }],
  ['of a service that is stopped anyway', { applicationName: 'auth-service' }],
  ['our own backup', { applicationName: 'backout/INC-1/op-2' }],
])('a transaction does not stand in the way of a plan when it is %s', (_why, over) => {
  expect(blocksOf(assessed(open(over)))).toEqual([]);
});

test('where the sessions of a service cannot be told from others, none is blamed', () => {
  const target = aTarget({ services: [aService('web', { applicationNames: [] })] });

  expect(blocksOf(assessed(open({}), target))).toEqual([]);
});

test('what lies below the migrations that are kept is not taken for the beginning', () => {
  const folder = { ...someFacts().folder, below: '5' };
  const story = assessed({ folder });
  const suspecting = (suspectedVersion: string): Story =>
    story.happens(event('details-edited', { suspectedVersion }));
  const going = (to: string | null): Story => story.happens(event('course-chosen', { to }));

  expect(suspecting('6').incident.plan?.plan).toMatchObject({ to: '5' });
  expect(going('5').incident.plan?.plan.files.map((one) => one.version)).toEqual(['8', '7', '6']);
  for (const tooFar of [suspecting('5'), going('4'), going(null)]) {
    expect(blocksOf(tooFar).join()).toMatch(/^too-far: .*3 newest.*with 5 or a higher/);
  }
});
