import { expect, test } from 'vitest';
import { commands } from '../../commands/index.ts';
import { openDesk } from '../../src/handle.ts';
import type { Target } from '../../src/incident/target.ts';
import { openLog } from '../../src/log.ts';
import { openDoorsOf } from '../../src/open-doors.ts';
import { versionsSeen } from '../../src/store/seen-versions.ts';
import { versionWatch } from '../../src/work/versions.ts';
import type { Workshop } from '../../src/work/workshop.ts';
import { aSite } from '../support/site.ts';
import { freshStore } from '../support/store.ts';

const signal = new AbortController().signal;

test('the form of the first start offers what is applied, because a worker has read it before', async () => {
  await using site = await aSite();
  await using fresh = await freshStore();
  const { store } = fresh;
  const stores = { STORE_URL: fresh.appUrl, REDIS_URL: 'redis://nowhere' };
  const away: Target = { ...site.target, name: 'away' };
  const targets = [away, site.target];
  const log = openLog({ level: 'silent', role: 'test' });
  const shop: Workshop = {
    store,
    jobs: [],
    targetOf: () => site.target,
    openDoors: openDoorsOf(site.config(stores)),
    worker: 'one',
    log,
    leaving: signal,
  };
  const sweep = versionWatch(shop, targets);

  await sweep(signal);
  await sweep(signal);

  // One that cannot be read holds up nothing.
  expect(await versionsSeen(store, away.name)).toEqual([]);
  const { handle } = openDesk({ store, commands, targets, people: {}, log });
  const person = { id: 'pat', name: 'Pat', standing: 'member' } as const;
  const input = { target: site.target.name };
  const asked = { person, verb: 'start', input };
  expect(await handle({ id: 'first', ...asked })).toMatchObject({
    kind: 'form',
    help: {
      presets: { suspectedVersion: 'newest' },
      choices: {
        suspectedVersion: [
          { value: 'newest' },
          { value: `${site.target.name}/3`, label: '3 mail' },
          { label: '2 teams' },
          { label: '1 people' },
        ],
      },
    },
  });

  // Read again once an incident has ended, which may have left the database another one.
  const opened = await handle({ id: 'second', ...asked, input: { ...input, sentence: 'no mail' } });
  expect(opened).toMatchObject({ kind: 'reply' });
  await site.sql('update schema_migrations set version = 2');
  await sweep(signal);
  expect((await versionsSeen(store, site.target.name))[0]?.version).toBe('3');
  const incident = opened.kind === 'reply' ? (opened.incident ?? undefined) : undefined;
  await store.run('update backout.incidents set is_open = false where id = $1', [incident ?? '']);
  await sweep(signal);
  expect((await versionsSeen(store, site.target.name))[0]?.version).toBe('2');
});
