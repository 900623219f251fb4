import { Client } from 'pg';
import { expect, test } from 'vitest';
import { event, readEvent } from '../../src/incident/events.ts';
import { newIncident } from '../../src/store/incidents.ts';
import { exportEvents, verifyEvents, verifyExport } from '../../src/store/audit.ts';
import { writeEvents } from '../../src/store/events.ts';
import { freshStore, type FreshStore } from '../support/store.ts';

async function threeNotes({ store }: FreshStore): Promise<void> {
  await store.transaction(async (tx) => {
    await newIncident(tx, 'auth');
    await writeEvents(tx, {
      stream: 'INC-1',
      lastSeq: 0,
      at: new Date('2026-01-01T00:00:00.123Z'),
      by: { kind: 'person', person: 'anna' },
      events: ['one', 'two', 'three'].map((text) => event('note-added', { text })),
    });
    await tx.run('update backout.incidents set seq = 3');
  });
}

test('an untouched history verifies', async () => {
  await using fresh = await freshStore();
  await threeNotes(fresh);
  const audit = await verifyEvents(fresh.store);
  const head: unknown = expect.stringMatching(/^INC-1 3 [0-9a-f]{64}$/);
  expect(audit).toEqual({ events: 3, heads: [head], breaks: [] });
  expect(verifyExport(await exportEvents(fresh.store))).toEqual(audit);
});

test.each([
  [
    'changed text',
    `update backout.events set body = replace(body, 'two', 'TWO') where seq = 2`,
    /^INC-1 2: changed/,
  ],
  [
    'a text that is no JSON',
    `update backout.events set body = 'x' where seq = 2`,
    /^INC-1 2: changed/,
  ],
  [
    'a changed time',
    `update backout.events set at = at + interval '1 hour' where seq = 2`,
    /^INC-1 2: changed/,
  ],
  ['a removed event', 'delete from backout.events where seq = 2', /^INC-1 2: missing$/],
  ['a removed end', 'delete from backout.events where seq > 1', /^INC-1 2: missing.*there were 3$/],
  ['a removed stream', 'delete from backout.events', /^INC-1 1: missing.*there were 3$/],
  [
    'a changed hash',
    `update backout.events set hash = md5(hash) where seq = 2`,
    /^INC-1 2: changed/,
  ],
])('%s shows, even when the owner of the tables did it', async (_what, sql, first) => {
  await using fresh = await freshStore();
  await threeNotes(fresh);
  const owner = new Client({ connectionString: fresh.ownerUrl });
  await owner.connect();
  await owner.query('alter table backout.events disable trigger all');
  await owner.query(sql);
  await owner.end();
  const { breaks } = await verifyEvents(fresh.store);
  expect(breaks[0]).toMatch(first);
});

test.each([
  ['change', `update backout.events set body = 'x'`],
  ['delete', 'delete from backout.events'],
  ['truncate', 'truncate backout.events'],
  ['drop', 'drop table backout.events'],
  ['switch off the trigger of', 'alter table backout.events disable trigger all'],
])('the application cannot %s events', async (_what, sql) => {
  await using fresh = await freshStore();
  await threeNotes(fresh);
  await expect(fresh.store.run(sql)).rejects.toThrow(/permission denied|must be owner/);
});

test('not even the owner changes an event by mistake', async () => {
  await using fresh = await freshStore();
  await threeNotes(fresh);
  const owner = new Client({ connectionString: fresh.ownerUrl });
  await owner.connect();
  await expect(owner.query(`update backout.events set body = 'x'`)).rejects.toThrow(
    /only ever added to/,
  );
  await owner.end();
});

test('an event of a newer Backout is not guessed at', () => {
  expect(() => readEvent({ type: 'note-added', v: 99, data: { text: 'x' } })).toThrow(
    /start the newer Backout/,
  );
});
