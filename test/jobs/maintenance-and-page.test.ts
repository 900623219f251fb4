import { afterEach, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { evidenceIn, handsAt, resultIn } from '../support/hands.ts';
import { localServer } from '../support/local-server.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('maintenance is switched on by the team’s own command', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('set-maintenance', { wanted: 'on' });

  expect(report.outcome).toBe('succeeded');
  expect(await site.calls()).toEqual(['maintenance on']);
  expect(evidenceIn(report, ITEMS.maintenance)?.verdict).toBe('proven');
});

test('maintenance that cannot be switched off is said loudly', async () => {
  await using site = await aSite();
  await site.write({ 'broken/maintenance-off': '' });
  const report = await handsAt(site).run('set-maintenance', { wanted: 'off' });

  expect(report.outcome).toBe('failed');
  expect(report.says).toMatch(/STILL ON/);
  expect(evidenceIn(report, ITEMS.maintenance)?.verdict).toBe('refuted');
  expect(report.tail).toContain('maintenance off: no');
});

test('that maintenance is off again does not prove that it was on', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('set-maintenance', { wanted: 'off' });

  expect(report.outcome).toBe('succeeded');
  expect(evidenceIn(report, ITEMS.maintenance)?.verdict).toBe('found');
});

test('without a command there is nothing to switch, and it is said', async () => {
  await using site = await aSite({ without: ['maintenance'] });
  const report = await handsAt(site).run('set-maintenance', { wanted: 'on' });

  expect(report.outcome).toBe('succeeded');
  expect(resultIn(report, 'set-maintenance').configured).toBe(false);
  expect(evidenceIn(report, ITEMS.maintenance)?.verdict).toBe('not-applicable');
});

const CALL = { role: 'dba', level: 1, reason: 'a rollback has begun', dedupKey: 'INC-1/dba/1' };

test('a page says what the provider answered, and no more', async () => {
  const calls: string[] = [];
  await using pager = await localServer((request, response) => {
    request.on('data', (chunk: unknown) => calls.push(String(chunk)));
    request.on('end', () => response.writeHead(202).end());
  });
  await using site = await aSite({ page: pager.url });
  const report = await handsAt(site).run('page', CALL);

  expect(resultIn(report, 'page').accepted).toBe(true);
  expect(report.says).toContain('does not mean that anybody has seen it');
  const { dedup_key: key } = z.object({ dedup_key: z.string() }).parse(JSON.parse(calls.join('')));
  expect(key).toBe('INC-1/dba/1');
});

test('a page that the provider refuses is a failure, without its address', async () => {
  await using pager = await localServer((_request, response) => response.writeHead(403).end());
  await using site = await aSite({ page: `${pager.url}/secret-key` });
  const report = await handsAt(site).run('page', CALL);

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('403');
  expect(JSON.stringify(report)).not.toContain('secret-key');
});

test('who has no address is to be called by a person', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('page', CALL);

  expect(report.outcome).toBe('failed');
  expect(report.says).toContain('call them yourself');
});
