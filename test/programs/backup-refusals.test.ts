import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { backupsOn } from '../../src/programs/backups.ts';
import { CLIENT_PROGRAMS } from '../../src/programs/clients.ts';
import { parseDatabaseUrl } from '../../src/programs/database-url.ts';
import { connect } from '../../src/target/connect.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshRole } from '../support/postgres.ts';
import {
  about,
  backupSite,
  commandLine,
  dumpOptions,
  holdUsers,
  processes,
  waitingDump,
  type BackupSite,
} from './backup-site.ts';

const client = (name: string) =>
  fileURLToPath(new URL(`fixtures/clients/${name}`, import.meta.url));

let site: BackupSite;
beforeAll(async () => {
  site = await backupSite();
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test('no password stands in the arguments of pg_dump, nor of anything else', async () => {
  const holder = await holdUsers(site);
  const dump = await waitingDump(site, 'no-password');
  const all = processes().map(commandLine);
  const password = parseDatabaseUrl(site.database.url).password ?? '';

  expect(dump.pids()).not.toEqual([]);
  expect(password).not.toBe('');
  expect(all.filter((line) => line.includes(password))).toEqual([]);

  await holder.end();
  expect(await dump.ended).toBe('done');
  await dump.close();
});

test('a killed pg_dump leaves only a partial folder, and nobody takes it for a back-up', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  const holder = await holdUsers(site);
  const dump = await waitingDump(site, 'killed');
  for (const pid of dump.pids()) process.kill(pid, 'SIGKILL');

  expect(await dump.ended).toMatchObject({ name: 'Fault', why: 'failed' });
  expect(readdirSync(site.folder)).toContain('killed.partial');
  expect((await backups.list()).map((each) => each.folder)).not.toContain('killed');
  expect(await backups.check('killed')).toEqual({ state: 'absent' });
  await expect(dump.partial.finish({ ...about, exports: [] })).rejects.toMatchObject({
    say: 'There is no finished dump in this back-up.',
  });

  await backups.removePartial('killed');
  expect(readdirSync(site.folder)).not.toContain('killed.partial');
  await holder.end();
  await dump.close();
});

test('an aborted back-up ends pg_dump and what it does on the server', async () => {
  const holder = await holdUsers(site);
  const stopping = new AbortController();
  const dump = await waitingDump(site, 'aborted', { signal: stopping.signal });
  stopping.abort();

  expect(await dump.ended).toMatchObject({ why: 'stopped', say: 'The back-up was stopped.' });
  expect(dump.pids()).toEqual([]);
  await vi.waitFor(async () => expect(await dump.sessions()).toEqual([]));
  await holder.end();
  await dump.close();
});

test('a table that somebody has locked stops the back-up after the time it was given, by name', async () => {
  const holder = await holdUsers(site);
  const target = openTarget({ url: site.database.url });
  const snapshot = await target.snapshot(dumpOptions);
  const partial = await backupsOn({ url: site.database.url, folder: site.folder }).begin('locked');
  const dumping = partial.dump({ ...dumpOptions, lockWaitMs: 200, snapshotId: snapshot.id });

  await expect(dumping).rejects.toThrow(/It is one of: .*public\.users/);
  await partial.abandon();
  await holder.end();
  await snapshot.close();
  await target.close();
});

test('a table of which we may see only a part is named, and what the user of the URL needs', async () => {
  await using role = await freshRole();
  const admin = await connect(site.database.url, { applicationName: 'test', readOnly: false });
  await admin.execute(`create table secrets (id int); insert into secrets values (1);
    alter table secrets enable row level security;
    grant pg_read_all_data to ${role.name}`);
  const url = role.urlOf(site.database);
  const target = openTarget({ url });
  const snapshot = await target.snapshot(dumpOptions);
  const partial = await backupsOn({ url, folder: site.folder }).begin('row-security');
  const dumping = partial.dump({ ...dumpOptions, snapshotId: snapshot.id });

  await expect(dumping).rejects.toThrow(/policy for table "secrets"\. .* needs BYPASSRLS/);
  await partial.abandon();
  await snapshot.close();
  await target.close();
  await admin.execute(`drop table secrets`);
  await admin.end();
});

test('a client that is older than the server is refused before it writes anything', async () => {
  const backups = backupsOn({
    url: site.database.url,
    folder: site.folder,
    programs: { ...CLIENT_PROGRAMS, pgDump: client('pg_dump-old') },
  });
  const partial = await backups.begin('old-client');

  await expect(partial.dump({ ...dumpOptions, snapshotId: 'x' })).rejects.toThrow(
    /^pg_dump 9\.6\.24 is older than the server, which is version \d+\. Install/,
  );
  expect(readdirSync(partial.folder)).toEqual([]);
  await partial.abandon();
});

test('a disk that is too small is refused, with both numbers', async () => {
  const backups = backupsOn({
    url: site.database.url,
    folder: site.folder,
    programs: { ...CLIENT_PROGRAMS, psql: client('psql-huge') },
  });
  const partial = await backups.begin('too-small');

  await expect(partial.dump({ ...dumpOptions, snapshotId: 'x' })).rejects.toThrow(
    /the database has [\d.]+ TB, and [\d.]+ [kMGT]B are free in /,
  );
  await partial.abandon();
});

test('a newer client compresses with zstd', async () => {
  const lines: string[] = [];
  const backups = backupsOn({
    url: site.database.url,
    folder: site.folder,
    programs: { ...CLIENT_PROGRAMS, pgDump: client('pg_dump-new') },
  });
  const partial = await backups.begin('zstd');
  await partial.dump({ ...dumpOptions, snapshotId: 'x', onOutput: (line) => lines.push(line) });

  expect(lines).toContain('--compress=zstd:3');
  await partial.abandon();
});

test('a program that is missing is unknown, not an error', async () => {
  const backups = backupsOn({
    url: site.database.url,
    folder: site.folder,
    programs: { ...CLIENT_PROGRAMS, psql: 'no-such-psql' },
  });

  expect(await backups.clients()).toMatchObject({
    pgDump: { state: 'known' },
    psql: { state: 'unknown', why: 'The program `no-such-psql` is not on this machine.' },
  });
});
