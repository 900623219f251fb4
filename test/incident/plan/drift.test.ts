import { expect, test } from 'vitest';
import type { WorldNow } from '../../../src/incident/plan/drift.ts';
import { driftFrom } from '../../../src/incident/plan/drift.ts';
import type { Folder } from '../../../src/incident/facts/facts.ts';
import type { Incident } from '../../../src/incident/incident.ts';
import { latestResult } from '../../../src/incident/incident.ts';
import { sha256, THE_BACKUP } from '../../../src/incident/plan/plan.ts';
import { aStoryAt, type Story } from '../../support/incidents.ts';
import { aService } from '../../support/targets.ts';
import { aTarget } from '../../support/worlds.ts';

function drifted(...drift: readonly string[]): Story {
  return aStoryAt('running')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', {
      outcome: 'failed',
      result: {
        job: 'run-down',
        schema: 'unchanged',
        version: { state: 'at', version: '8', dirty: false },
        before: sha256('schema of 8'),
        tookMs: 0,
        drift: [...drift],
      },
    });
}

function asked({ operations }: Incident): readonly string[] {
  return operations
    .filter((one) => one.state === 'queued' && ['assess', 'back-up'].includes(one.step))
    .map((one) => `${one.step} ${one.round}`);
}

test('a backup that is gone is taken again, and the database is looked at again, once', () => {
  const story = drifted(THE_BACKUP);
  expect(asked(story.incident)).toEqual(['assess 2', 'back-up 2']);

  const after = story
    .ends('assess')
    .ends('back-up')
    .ends('resume-services')
    .ends('maintenance-off');
  expect(asked(after.incident)).toEqual([]);
  expect(after.incident.rounds).toMatchObject({ assess: 2, backUp: 2 });
  expect(after.incident.approvals.every((one) => one.state === 'voided')).toBe(true);
});

test('anything else that changed is looked at again, and the backup stays', () => {
  expect(asked(drifted('the policy').incident)).toEqual(['assess 2']);
});

function approved(): {
  readonly plan: Parameters<typeof driftFrom>[0];
  readonly world: WorldNow;
} {
  const target = aTarget();
  const { incident } = aStoryAt('planned', { target });
  const plan = incident.plans.at(-1);
  const facts = latestResult(incident, 'assess')?.facts;
  const backup = latestResult(incident, 'back-up')?.backup;
  if (plan === undefined || facts === undefined || backup === undefined)
    throw new Error('No plan.');
  const { identity, version, folder } = facts;
  const world = { identity, version, folder, manifest: backup.manifestSha256, target };
  return { plan: { plan: plan.plan, planHash: plan.hash }, world };
}

const { plan, world } = approved();
const { folder, identity } = world;

/** Every down file has another text now. */
function edited({ migrations, ...rest }: Folder): Folder {
  return {
    ...rest,
    migrations: migrations.map(({ down, ...one }) => ({
      ...one,
      ...(down === undefined ? {} : { down: { ...down, sha256: sha256('another text') } }),
    })),
  };
}

test('a world that is as it was approved has not drifted', () => {
  expect(driftFrom(plan, world)).toEqual([]);
});

test.each<[string, Partial<WorldNow>]>([
  ['the database server', { identity: { ...identity, systemIdentifier: '7' } }],
  ['the database', { identity: { ...identity, database: 'another' } }],
  ['read-only replica', { identity: { ...identity, isReplica: true } }],
  ['no version is recorded', { version: { state: 'none' } }],
  ['is dirty', { version: { state: 'at', version: plan.plan.from, dirty: true } }],
  ['the current version', { version: { state: 'at', version: '1', dirty: false } }],
  ['the backup', { manifest: null }],
  ['the down file', { folder: edited(folder) }],
  ['the down file 8', { folder: { ...folder, migrations: [] } }],
  ['the services to stop', { target: aTarget({ services: [aService('auth-service')] }) }],
  ['the policy', { target: aTarget({ policy: { lockTimeoutMs: 1 } }) }],
])('what moved is named: %s', (named, moved) => {
  const drift = driftFrom(plan, { ...world, ...moved });
  expect(drift).toHaveLength(1);
  expect(drift[0]).toContain(named);
});
