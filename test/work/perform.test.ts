import { expect, test, vi } from 'vitest';
import type { Found, JobContext, Report } from '../../src/define-job.ts';
import { Fault } from '../../src/doors.ts';
import { event } from '../../src/incident/events.ts';
import { appendToIncident, lockIncident } from '../../src/store/append.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { takeLost } from '../../src/store/lost-operations.ts';
import { claimOperation } from '../../src/store/operations.ts';
import { performOperation } from '../../src/work/perform.ts';
import { reconciler } from '../../src/work/reconcile.ts';
import { freshStore } from '../support/store.ts';
import { anIncident, DONE, incidentIn, now, ranOut, shopWith, target, targetOf } from './shop.ts';

async function abort(store: StoreConnection): Promise<void> {
  await store.transaction(async (tx) => {
    const { events } = await lockIncident(tx, 'INC-1');
    const by = { kind: 'person', person: 'anna' } as const;
    const given = { id: 'INC-1', before: events, target, by } as const;
    await appendToIncident(tx, { ...given, events: [event('abort-asked', {})] });
  });
}

test('what breaks off after it said that it is about to act is looked at, and not called failed', async () => {
  await using fresh = await freshStore();
  const { id } = await anIncident(fresh.store);
  const shop = shopWith(fresh.store, {
    run: async (context) => {
      await context.record({ about: 'to act' });
      throw new Fault('unreachable', 'The line broke.');
    },
    look: async () => ({ state: 'ended', report: DONE }),
  });
  await performOperation(shop, id);

  expect(await now(fresh.store)).toMatchObject({ state: 'succeeded', foundOut: true });
});

test('a worker that leaves breaks off its look at what another one left', async () => {
  await using fresh = await freshStore();
  const { id } = await anIncident(fresh.store);
  const shop = shopWith(fresh.store, {
    run: () => new Promise(() => undefined),
    look: (context) =>
      new Promise((_looked, brokenOff) => {
        looking.resolve();
        context.signal.addEventListener('abort', () => brokenOff(context.signal.reason));
      }),
  });
  const looking = Promise.withResolvers<void>();
  await claimOperation(fresh.store, { id, worker: 'dead', targetOf });
  await ranOut(fresh.store);
  const leaving = new AbortController();
  const reconcile = reconciler({ ...shop, leaseSeconds: 0 });
  const round = reconcile(leaving.signal);
  await looking.promise;
  leaving.abort();
  await round;

  expect((await now(fresh.store))?.state).toBe('lost');
});

test('a look that hangs is left to itself: another worker takes the operation over', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const { id } = await anIncident(store);
  const looking = Promise.withResolvers<void>();
  const hanging = shopWith(store, {
    look: () => {
      looking.resolve();
      return new Promise(() => undefined);
    },
  });
  const other = shopWith(store, { look: async () => ({ state: 'ended', report: DONE }) });
  await claimOperation(store, { id, worker: 'dead', targetOf });
  await ranOut(store);
  await takeLost(store, { id, worker: 'dead', targetOf, leaseSeconds: 0 });
  const leaving = new AbortController();
  // Longer than the pause between two signs of life.
  void reconciler({ ...hanging, leaseSeconds: 2, worker: 'hanging' })(leaving.signal);
  await looking.promise;
  leaving.abort();

  const sweep = reconciler({ ...other, worker: 'other' });
  await vi.waitFor(
    async () => {
      await sweep(new AbortController().signal);
      expect((await now(store))?.state).toBe('succeeded');
    },
    { timeout: 15_000, interval: 200 },
  );
});

test('what breaks off before that has failed, and says why', async () => {
  await using fresh = await freshStore();
  const { id } = await anIncident(fresh.store);
  const run = async (): Promise<Report> => {
    throw new Fault('unreachable', 'The line broke.');
  };
  await performOperation(shopWith(fresh.store, { run }), id);

  expect(await now(fresh.store)).toMatchObject({ state: 'failed', says: 'The line broke.' });
});

test('a mistake of ours is called one, and its text stays in the log', async () => {
  await using fresh = await freshStore();
  const { id } = await anIncident(fresh.store);
  const run = async (): Promise<Report> => {
    throw new Error('postgres://user:secret@host is not iterable');
  };
  await performOperation(shopWith(fresh.store, { run }), id);

  const ended = await now(fresh.store);
  expect(ended?.says).toContain('Backout itself');
  expect(JSON.stringify(ended)).not.toContain('secret');
});

test('who has lost the operation keeps nothing, ends nothing, and does not go on', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const { id } = await anIncident(store);
  const acted = vi.fn<() => void>();
  const shop = shopWith(store, {
    run: async (context) => {
      await ranOut(store);
      await takeLost(store, { id, worker: 'two', targetOf });
      await context.record({ about: 'to act' });
      acted();
      return DONE;
    },
  });
  await performOperation(shop, id);

  expect(acted).not.toHaveBeenCalled();
  expect((await now(store))?.state).toBe('lost');
});

test('when the store does not answer a job, its operation is left to be looked at', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const { id } = await anIncident(store);
  const away = async (): Promise<number> => {
    throw new Error('the store is away');
  };
  const run = async (context: JobContext): Promise<Report> => {
    await context.record({ about: 'to act' });
    return DONE;
  };
  await performOperation(
    { ...shopWith(store, { run, again: 'safe' }), store: { ...store, run: away } },
    id,
  );

  expect((await now(store))?.state).toBe('running');
});

test('aborted before anybody took it, it does not begin', async () => {
  await using fresh = await freshStore();
  const { id } = await anIncident(fresh.store);
  await abort(fresh.store);
  const run = vi.fn<() => Promise<Report>>(async () => DONE);
  await performOperation(shopWith(fresh.store, { run }), id);

  expect(run).not.toHaveBeenCalled();
  expect((await now(fresh.store))?.state).toBe('stopped');
});

test('an operation whose worker speaks up again is not taken away from it', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  const { id } = await anIncident(store);
  const look = vi.fn<() => Promise<Found>>(async () => ({ state: 'ended', report: DONE }));
  const running = Promise.withResolvers<Report>();
  const begun = Promise.withResolvers<void>();
  const shop = shopWith(store, {
    run: async () => {
      begun.resolve();
      return running.promise;
    },
    look,
  });
  const performing = performOperation(shop, id);
  await begun.promise;
  const sweep = reconciler(shopWith(store, { look }));
  // As after a store that was away: the lease has run out, and the worker lives.
  await ranOut(store);
  await sweep(new AbortController().signal);
  expect((await now(store))?.state).toBe('running');

  running.resolve(DONE);
  await performing;
  await sweep(new AbortController().signal);
  expect(look).not.toHaveBeenCalled();
  expect(await now(store)).toMatchObject({ state: 'succeeded', foundOut: false });
});

test('one that cannot be looked at does not hold up the others', async () => {
  await using fresh = await freshStore();
  const { store } = fresh;
  await anIncident(store);
  await store.run(
    `update backout.operations
      set state = 'running', fence = 1, tries = 1, lease_until = clock_timestamp() - interval '1 hour'
      where id like 'INC-1/%'`,
  );
  const shop = shopWith(store, {
    look: async () => {
      throw new Error('cannot look');
    },
  });
  const [assess] = shop.jobs;
  if (assess === undefined) throw new Error('there is no job');
  const found: Found = { state: 'ended', report: DONE };
  const backUp = { ...assess, name: 'back-up', look: async () => found } as const;
  const sweep = reconciler({ ...shop, leaseSeconds: 0, jobs: [assess, backUp] });
  await sweep(new AbortController().signal);

  const states = (await incidentIn(store)).operations.map((one) => `${one.step} ${one.state}`);
  expect(states.slice(0, 2)).toEqual(['assess lost', 'back-up succeeded']);
});
