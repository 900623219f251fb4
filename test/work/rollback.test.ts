import { expect, test } from 'vitest';
import { verifyEvents } from '../../src/store/audit.ts';
import { aRollback, bothApprove, opened } from '../support/rollback.ts';

const TOOLS = ['golang-migrate', 'built-in'] as const;

test.each(TOOLS)(
  'start, approve, approve: with %s everything is rolled back and healthy',
  async (tool) => {
    await using rollback = await aRollback({
      tool,
      validation: 'select name from people limit 1;',
    });
    const { site } = rollback;
    await rollback.worker();
    await opened(rollback);
    await site.write({ calls: '' });
    await bothApprove(rollback);
    await rollback.untilPhase('done');

    expect(await site.version()).toBe('2');
    expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
    const calls = await site.calls();
    expect(calls).toEqual([
      'maintenance on',
      ...['stop web', 'stop worker'].toSorted((a, b) => calls.indexOf(a) - calls.indexOf(b)),
      ...(tool === 'built-in' ? [] : ['migrate']),
      'psql',
      'previous web',
      'start web',
      'previous worker',
      'start worker',
      'smoke web',
      'smoke worker',
      'maintenance off',
    ]);
    const closed = await rollback.say('anna', 'close', { outcome: 'rolled-back' });
    expect(closed.kind).toBe('reply');
    expect(await verifyEvents(rollback.store.store)).toMatchObject({ breaks: [] });
  },
);
