import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { backupsOn } from '../../src/programs/backups.ts';
import { CLIENT_PROGRAMS } from '../../src/programs/clients.ts';
import { pgEnvironment } from '../../src/programs/pg-environment.ts';
import { connect } from '../../src/target/connect.ts';
import { openTarget } from '../../src/target/target.ts';
import { freshDatabase, type FreshDatabase } from '../support/postgres.ts';
import { backUp, backupSite, type BackupSite } from './backup-site.ts';

let site: BackupSite;
beforeAll(async () => {
  site = await backupSite();
});
afterAll(async () => {
  await site[Symbol.asyncDispose]();
});

test('a back-up says what it is: sizes, digests, versions', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  const backup = await backUp(site, 'says-what-it-is');

  expect(backup).toMatchObject({ folder: 'says-what-it-is', version: '8', database: 'auth' });
  expect(backup.clientVersion).toMatch(/^\d+\.\d+$/);
  expect(backup.files.map(({ file }) => file)).toContain('dump/toc.dat');
  expect(backup.sizeBytes).toBe(backup.files.reduce((sum, file) => sum + file.sizeBytes, 0));
  expect(await backups.check('says-what-it-is')).toEqual({ state: 'intact', backup });
  expect(await backups.list()).toContainEqual(backup);
  expect(statSync(path.join(site.folder, 'says-what-it-is')).mode & 0o077).toBe(0);
});

test('a restored back-up equals the original, in its schema and in its rows', async () => {
  await backUp(site, 'restored');
  await using copy = await freshDatabase();
  const { env } = pgEnvironment(copy.url, { applicationName: 'restore' });
  execFileSync(
    CLIENT_PROGRAMS.pgRestore,
    ['--exit-on-error', '--dbname', copy.name, path.join(site.folder, 'restored', 'dump')],
    { env: { ...env, PATH: process.env['PATH'] } },
  );

  const content = async ({ url }: FreshDatabase) => {
    const target = openTarget({ url });
    const session = await connect(url, { applicationName: 'test', readOnly: true });
    const counts = await session.query(
      z.unknown(),
      `select (select count(*) from users) as users, (select sum(price) from orders) as prices,
              (select md5(string_agg(u::text, '|' order by id)) from users as u) as digest`,
    );
    const fingerprint = await target.fingerprint();
    await session.end();
    await target.close();
    return { counts, fingerprint };
  };
  expect(await content(copy)).toEqual(await content(site.database));
});

test('the dump and the exports agree although rows are being written meanwhile', async () => {
  const writer = await connect(site.database.url, { applicationName: 'writer', readOnly: false });
  const enough = new AbortController();
  const writing = (async () => {
    while (!enough.signal.aborted) {
      await writer.execute(`insert into users (name) values ('meanwhile')`);
    }
  })();
  const { exports } = await backUp(site, 'agrees', [
    { name: 'users', source: { kind: 'table', table: 'users' } },
    { name: 'how_many', source: { kind: 'query', sql: 'select count(*) as users from users' } },
  ]);
  enough.abort();
  await writing;
  const [after] = await writer.query(
    z.object({ count: z.coerce.number() }),
    'select count(*) from users',
  );
  await writer.end();

  await using copy = await freshDatabase();
  const { env } = pgEnvironment(copy.url, { applicationName: 'restore' });
  execFileSync(
    CLIENT_PROGRAMS.pgRestore,
    ['--dbname', copy.name, path.join(site.folder, 'agrees', 'dump')],
    {
      env: { ...env, PATH: process.env['PATH'] },
    },
  );
  const session = await connect(copy.url, { applicationName: 'test', readOnly: true });
  const [restored] = await session.query(
    z.object({ count: z.coerce.number() }),
    'select count(*) from users',
  );
  await session.end();

  expect(exports[0]).toMatchObject({ columns: ['id', 'name', 'note'], rows: restored?.count });
  expect(readFileSync(path.join(site.folder, 'agrees', 'how_many.csv'), 'utf8')).toBe(
    `users\n"${restored?.count}"\n`,
  );
  expect(after?.count).toBeGreaterThan(restored?.count ?? 0);
});

test('a back-up is never overwritten, and its name cannot lead elsewhere', async () => {
  const backups = backupsOn({ url: site.database.url, folder: site.folder });
  await backUp(site, 'once');

  await expect(backups.begin('once')).rejects.toMatchObject({
    say: 'The back-up once exists already.',
  });
  const first = await backups.begin('twice');
  await expect(backups.begin('twice')).rejects.toMatchObject({
    say: 'Another worker has begun the back-up twice.',
  });
  await first.abandon();
  for (const name of ['../elsewhere', '.hidden', 'a/b', 'x.partial', '']) {
    await expect(backups.begin(name)).rejects.toMatchObject({ why: 'refused' });
  }
  expect(() => first.pathOf('../../outside.csv')).toThrow(
    'A file of a back-up must lie inside it.',
  );
});
