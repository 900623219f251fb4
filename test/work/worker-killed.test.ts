import { expect, test, vi } from 'vitest';
import { verifyEvents } from '../../src/store/audit.ts';
import type { Gate } from '../support/gate.ts';
import type { Rollback } from '../support/rollback.ts';
import { aRollback, bothApprove, opened } from '../support/rollback.ts';

async function times(rollback: Rollback, call: string): Promise<number> {
  return (await rollback.site.calls()).filter((one) => one === call).length;
}

/** Sessions of our tool that wait for somebody's lock. */
async function waiting({ site }: Rollback): Promise<number> {
  const rows = await site.sql(
    `select from pg_stat_activity
      where datname = current_database() and application_name like 'backout/INC-%' and wait_event_type = 'Lock'`,
  );
  return rows.length;
}

/** A rollback whose first worker is killed when it has come to this place, and that has another worker then. */
async function killedAt(rollback: Rollback, place: string): Promise<Gate> {
  const doomed = await rollback.workerProcess();
  await opened(rollback);
  const gate = await rollback.site.gate(place);
  await bothApprove(rollback);
  await gate.arrived();
  doomed.kill('SIGKILL');
  await rollback.worker();
  return gate;
}

async function allIsWell(rollback: Rollback): Promise<void> {
  const { site } = rollback;
  expect(await site.version()).toBe('2');
  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
  expect(await times(rollback, 'migrate')).toBe(1);
  expect(await times(rollback, 'previous web')).toBe(1);
  expect(await times(rollback, 'start web')).toBe(1);
  expect((await rollback.view()).maintenance).toBe('off');
  expect(await verifyEvents(rollback.store.store)).toMatchObject({ breaks: [] });
}

test('killed during the backup: the next worker begins it again, and one whole backup is there', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const dumping = await site.gate('pg_dump');
  const doomed = await rollback.workerProcess();
  const opening = opened(rollback);
  await dumping.arrived();
  doomed.kill('SIGKILL');
  await rollback.worker();
  await opening;
  await dumping.open();
  await bothApprove(rollback);
  await rollback.untilPhase('done');

  expect(await times(rollback, 'pg_dump')).toBe(2);
  const { operations } = await rollback.incident();
  expect(operations.filter((one) => one.step === 'back-up')).toHaveLength(1);
  await allIsWell(rollback);
});

test.each([
  ['the services are stopped', 'stop-worker'],
  ['maintenance is switched off', 'maintenance-off'],
  ['the validation runs', 'psql'],
  ['the services are started', 'start-worker'],
])('killed while %s: another worker finishes, and nothing runs twice', async (_, place) => {
  await using rollback = await aRollback({ validation: 'select name from people limit 1;' });
  const gate = await killedAt(rollback, place);
  await rollback.untilPhase('done');
  await gate.open();

  await allIsWell(rollback);
});

test('killed before the tool did anything: found unchanged, and the services are put back as they were', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const gate = await killedAt(rollback, 'migrate');
  await rollback.untilPhase('put-back');
  await gate.open();

  expect(await site.version()).toBe('3');
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
  expect((await rollback.view()).database).toBe('unchanged');
});

test('killed while the tool waits in the database: its session is ended before anybody says what is', async () => {
  await using rollback = await aRollback({ policy: { lock_timeout_ms: 60_000 } });
  const { site } = rollback;
  const doomed = await rollback.workerProcess();
  await opened(rollback);
  const gate = await site.gate('migrate');
  await bothApprove(rollback);
  await gate.arrived();
  const reader = await site.session('reader');
  await reader.query('begin; lock table people in share mode');
  await gate.open();
  await vi.waitFor(async () => expect(await waiting(rollback)).toBe(1), { timeout: 20_000 });
  doomed.kill('SIGKILL');
  await rollback.worker();
  await rollback.untilPhase('put-back');

  expect(await waiting(rollback)).toBe(0);
  await reader.query('rollback');
  expect((await rollback.view()).database).toBe('unchanged');
  expect(await site.version()).toBe('2 dirty');
  expect(await site.sql('select email from people limit 1')).toHaveLength(1);
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
});

test('killed after the tool had ended: found rolled back, and the run goes on from there', async () => {
  await using rollback = await aRollback();
  const gate = await killedAt(rollback, 'migrate-done');
  await rollback.untilPhase('done');
  await gate.open();

  const down = (await rollback.incident()).operations.find((one) => one.step === 'run-down');
  expect(down).toMatchObject({ state: 'succeeded', foundOut: true });
  await allIsWell(rollback);
});

test('killed while a service is switched to the version before: a person is asked, and nothing is told twice', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const gate = await killedAt(rollback, 'previous-worker');
  const asked = await rollback.untilPhase('needs-a-person');
  await gate.open();
  expect(asked.operations.at(-1)?.says).toContain('UNKNOWN');

  await rollback.say('anna', 'resume', { version: 'same' });
  await rollback.untilPhase('done');
  expect(await times(rollback, 'previous web')).toBe(1);
  expect(await times(rollback, 'previous worker')).toBe(1);
  expect(await site.version()).toBe('2');
  expect((await site.standing())[0]).toBe('web running 1');
});

test('a worker that froze and wakes again does nothing more', async () => {
  await using rollback = await aRollback();
  const { site } = rollback;
  const frozen = await rollback.workerProcess();
  await opened(rollback);
  const gate = await site.gate('migrate');
  await bothApprove(rollback);
  await gate.arrived();
  frozen.kill('SIGSTOP');
  await rollback.worker();
  await rollback.untilPhase('put-back');
  frozen.kill('SIGCONT');
  frozen.kill('SIGTERM');
  await frozen.ended;
  await gate.open();

  expect(await site.version()).toBe('3');
  expect(await site.standing()).toEqual(['web running 2', 'worker running 2']);
});
