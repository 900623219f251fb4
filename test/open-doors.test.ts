import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDoorsOf } from '../src/open-doors.ts';
import { aService, aTarget } from './support/targets.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(`${tmpdir()}/backout-doors-`);
});
afterEach(() => rm(folder, { recursive: true }));

/** What a smoke test that prints this shows, where the database has this address. */
async function shown(databaseUrl: string, printed: string): Promise<string> {
  const service = aService('web', { smoke: ['echo', printed] });
  const target = aTarget({ services: [service] });
  const open = openDoorsOf({
    databaseUrls: { [target.name]: databaseUrl },
    backupFolder: folder,
    folder,
    pagerDutyUrl: '',
    environment: { PATH: process.env['PATH'] ?? '' },
  });
  const opened = await open(target);
  try {
    const { tail } = await opened.doors.services.smoke(service, {
      signal: new AbortController().signal,
    });
    return tail;
  } finally {
    await opened.close();
  }
}

test.each([
  ['between user and host', 'postgres://u:s%2Fecret9@db/app', 's/ecret9 s%2Fecret9'],
  ['as a parameter', 'postgres://u@db/app?password=s%2fecret9', 's/ecret9 s%2fecret9'],
  ['with a percent sign that nobody encoded', 'postgres://u:100%sure@db/app', '100%sure 100%sure'],
])('the password of the database is never shown: %s', async (_where, url, printed) => {
  expect(await shown(url, printed)).toBe('••• •••');
});
