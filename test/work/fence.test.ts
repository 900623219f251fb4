import { expect, test } from 'vitest';
import { openDoorsOf } from '../../src/open-doors.ts';
import { takeLost } from '../../src/store/lost-operations.ts';
import { claimOperation } from '../../src/store/operations.ts';
import { fenced } from '../../src/work/fence.ts';
import { aRollback } from '../support/rollback.ts';

test('a worker that was frozen past its lease changes no service when it wakes', async () => {
  await using rollback = await aRollback();
  const { site, store } = rollback;
  await rollback.say('anna', 'start', { target: 'app', sentence: 'the rename broke the login' });
  const id = 'INC-1/op-1';
  const targetOf = (): typeof site.target => site.target;
  const taken = await claimOperation(store.store, {
    id,
    worker: 'frozen',
    targetOf,
    leaseSeconds: 0,
  });
  if (taken === null) throw new Error('It was not there to be taken.');
  const [web] = site.target.services;
  if (web === undefined) throw new Error('There is no service.');
  const opened = await openDoorsOf(site.config(rollback.environment))(site.target);
  const { services } = fenced(opened.doors, store.store, taken.claim);
  const patience = { signal: new AbortController().signal };

  expect(await services.stop(web, patience)).toMatchObject({ ok: true });
  await takeLost(store.store, { id, worker: 'other', targetOf });
  await expect(services.stop(web, patience)).rejects.toThrow('Another worker has taken this over.');
  await expect(services.maintenance('off', patience)).rejects.toThrow('taken this over');
  expect(await site.calls()).toEqual(['stop web']);
  await opened.close();
});
