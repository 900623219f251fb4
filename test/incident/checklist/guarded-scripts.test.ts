import { chmod, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { optionsOf } from '../../../src/incident/facts/address.ts';
import { commandsFor, psqlFor } from '../../../src/incident/checklist/command-values.ts';
import type { EventData } from '../../../src/incident/events.ts';
import { event } from '../../../src/incident/events.ts';
import type { KnownItem } from '../../../src/incident/facts/evidence.ts';
import { ITEMS } from '../../../src/incident/facts/evidence.ts';
import { forceScript } from '../../../src/incident/checklist/guarded-scripts.ts';
import { sha256 } from '../../../src/incident/plan/plan.ts';
import { shellWord } from '../../../src/incident/checklist/shell.ts';
import { addressOf } from '../../../src/target/address.ts';
import type { Story } from '../../support/incidents.ts';
import { aStory } from '../../support/incidents.ts';
import type { OddPlace } from '../../support/odd-place.ts';
import { anOddPlace, ODD } from '../../support/odd-place.ts';
import { aBackup, aTarget } from '../../support/targets.ts';

let place: OddPlace;
beforeEach(async () => {
  place = await anOddPlace();
});
afterEach(() => place[Symbol.asyncDispose]());

test('the rollback by hand goes down to the planned version, and nothing happens a second time', async () => {
  const down = commandOf(ITEMS.down, await assessed());
  expect(down).not.toContain(ODD.password);

  const misled = { PGSERVICE: 'another', PGHOSTADDR: '192.0.2.1' };
  expect(await place.pasted(down, misled)).toMatchObject({ code: 0 });
  expect(await place.state()).toEqual({
    row: '2 false',
    tables: `people,${ODD.table},teams`,
    hasMail: false,
    others: 0,
  });

  const again = await place.pasted(down);
  expect(again.code).toBe(1);
  expect(again.said).toMatch(
    /^Nothing was run: server\|version\|dirty is \d+\|2\|f, not \d+\|3\|f\.$/m,
  );
  expect(await place.state()).toMatchObject({ row: '2 false' });
});

test('to before the first migration the rollback by hand is as exact', async () => {
  await rm(path.join(place.folder, '2_teams.down.sql'));
  const story = await assessed({ to: null, nothingToUndo: ['2'] });

  expect(await place.pasted(commandOf(ITEMS.down, story))).toMatchObject({ code: 0 });
  expect(await place.state()).toMatchObject({ row: 'none', tables: `${ODD.table},teams` });
});

test('the rollback by hand does not go up when somebody is faster than its own look', async () => {
  const story = await assessed();
  const { host, port } = addressOf(place.url, { usesTls: false });
  const lowering = `PGPORT=${port} psql -Xqh ${host} -U ${shellWord(ODD.role)} -d ${shellWord(ODD.database)} -c ${shellWord(`update "${ODD.schema}"."${ODD.table}" set version = 1`)}`;
  const psql = path.join(place.folder, 'psql');
  await writeFile(psql, `#!/bin/bash\nPATH=\${PATH#*:}\npsql "$@"\n${lowering}\n`);
  await chmod(psql, 0o755);
  const done = await place.pasted(commandOf(ITEMS.down, story), {
    PATH: `${place.folder}:${process.env['PATH']}`,
  });

  expect(done.code).toBe(1);
  expect(done.said).toContain('no migration found for version 1');
  expect(await place.state()).toMatchObject({ row: '1 false', hasMail: true });
});

test('the rollback by hand runs no file that is not the planned one', async () => {
  const story = await assessed();
  await writeFile(path.join(place.folder, "3_mail's.down.sql"), 'drop table people;');
  const done = await place.pasted(commandOf(ITEMS.down, story));

  expect(done).toEqual({
    code: 1,
    said: 'Nothing was run: these are not the files of the plan.\n',
  });
  expect(await place.state()).toMatchObject({ row: '3 false', hasMail: true });
});

test('force by hand sets the row that was judged, and no other', async () => {
  const force = commandOf(ITEMS.manualRecovery, failed(await assessed()));
  expect(await place.pasted(force)).toMatchObject({ code: 1 });
  expect(await place.state()).toMatchObject({ row: '3 false' });

  await place.sql(`update "${ODD.table}" set version = 2, dirty = true`);
  expect(await place.pasted(force)).toMatchObject({ code: 0 });
  expect(await place.state()).toMatchObject({ row: '3 false', hasMail: true, others: 0 });
});

test('force by hand can say that nothing is applied', async () => {
  const { systemIdentifier } = (await place.facts()).identity;
  const address = addressOf(place.url, { usesTls: false });
  await place.sql(`update "${ODD.table}" set version = -1, dirty = true`);
  const force = forceScript('-1', {
    address,
    systemIdentifier,
    versionTable: `"${ODD.schema}"."${ODD.table}"`,
    pgOptions: optionsOf(address.settings),
    row: { state: 'none', dirty: true },
  });

  expect(await place.pasted(force)).toMatchObject({ code: 0 });
  expect(await place.state()).toMatchObject({ row: 'none' });
});

test('psql and pg_dump by hand reach the same database, whatever the shell had in mind', async () => {
  const story = await assessed();
  const opened = await place.pasted(
    `${psqlFor(story.incident)} -Atc 'select current_database(), current_schema, current_user'`,
  );
  expect(opened.said).toBe(`${ODD.database}|${ODD.schema}|${ODD.role}\n`);

  const backup = `cd ${shellWord(place.folder)}\n${commandOf(ITEMS.backup, story)}`;
  expect(await place.pasted(backup)).toEqual({ code: 0, said: '' });
});

test('what is secret in a database URL does not come with its address', () => {
  const address = addressOf(`${place.url}&app.tenant=hush-77&sslpassword=hush-78`, {
    usesTls: false,
  });

  expect(JSON.stringify(address)).not.toMatch(new RegExp(`${ODD.password}|hush`));
  expect(address.leftOut).toEqual(['app.tenant']);
});

async function assessed(course?: EventData<'course-chosen'>): Promise<Story> {
  const facts = await place.facts();
  const { systemIdentifier, database } = facts.identity;
  const backup = aBackup({ systemIdentifier, database, version: '3' });
  const target = aTarget({ migrations: { tool: 'golang-migrate', path: place.folder } });
  const opened = aStory({ target });
  const chosen = course === undefined ? opened : opened.happens(event('course-chosen', course));
  return chosen
    .ends('assess', { result: { job: 'assess', facts } })
    .ends('back-up', { result: { job: 'back-up', backup } });
}

/** The row says 2 (dirty), and the schema is that of 3. */
function failed(story: Story): Story {
  const before = sha256('schema of 3');
  const result = {
    job: 'run-down',
    schema: 'unchanged',
    version: { state: 'at', version: '2', dirty: true },
    before,
    after: before,
    tookMs: 900,
    drift: [],
  } as const;
  return story
    .approves('anna', 'on_call')
    .approves('dora', 'dba')
    .ends('maintenance-on')
    .ends('pause-writers')
    .ends('run-down', { outcome: 'failed', result: { ...result, drift: [] } });
}

function commandOf(
  item: KnownItem,
  { incident, target }: Pick<Story, 'incident' | 'target'>,
): string {
  const [only, ...more] = commandsFor(item, incident, target).flatMap((one) => one.commands);
  if (only === undefined || more.length > 0) throw new Error(`${item} is not one command.`);
  return only;
}
