import { afterEach, expect, inject, test, vi } from 'vitest';
import { ITEMS } from '../../src/incident/facts/evidence.ts';
import { evidenceIn, handsAt, hurriedClock, resultIn } from '../support/hands.ts';
import { localServer } from '../support/local-server.ts';
import { aSite } from '../support/site.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('healthy is what answers well, and its smoke test ends well', async () => {
  await using service = await localServer((_request, response) => response.end('all is well'));
  await using site = await aSite({ health: `${service.url}/health` });
  const report = await handsAt(site).run('check-services');

  expect(report.outcome).toBe('succeeded');
  expect(evidenceIn(report, ITEMS.health)).toMatchObject({ verdict: 'proven' });
  expect(evidenceIn(report, ITEMS.smoke)).toMatchObject({ verdict: 'proven' });
  expect(await site.calls()).toEqual(['smoke web', 'smoke worker']);
});

test('a service gets time to become healthy', async () => {
  let asked = 0;
  await using service = await localServer((_request, response) => {
    asked += 1;
    response.writeHead(asked > 2 ? 200 : 503).end();
  });
  await using site = await aSite({ health: service.url });
  const report = await handsAt(site).run('check-services');

  expect(report.outcome).toBe('succeeded');
  expect(asked).toBeGreaterThan(2);
});

test('one that stays ill is named with its answer', async () => {
  await using service = await localServer((_request, response) => {
    response.writeHead(500).end('column "email" does not exist');
  });
  await using site = await aSite({ health: service.url });
  await site.write({ 'broken/smoke-web': '' });
  const report = await handsAt(site).run('check-services', {}, { now: hurriedClock() });

  expect(report.outcome).toBe('failed');
  expect(report.says).toBe('web and worker are NOT healthy. The smoke test of web failed.');
  expect(report.tail).toMatch(/web: .*500.*does not exist/);
  expect(evidenceIn(report, ITEMS.health)?.verdict).toBe('refuted');
  expect(evidenceIn(report, ITEMS.smoke)?.verdict).toBe('refuted');
});

test('a service that begins its answer with its own name is named once', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run(
    'check-services',
    {},
    {
      instead: ({ services }) => ({
        services: {
          ...services,
          smoke: async ({ name }) => ({ ok: true, tail: `${name}: logging in works` }),
        },
      }),
    },
  );

  expect(evidenceIn(report, ITEMS.smoke)?.says).toBe(
    'web: logging in works; worker: logging in works',
  );
});

test('what is not configured was not checked, and is not called well', async () => {
  await using site = await aSite({ without: ['smoke'] });
  const report = await handsAt(site).run('check-services');

  expect(report.says).toContain('No health address and no smoke test');
  expect(evidenceIn(report, ITEMS.health)?.verdict).toBe('not-applicable');
  expect(evidenceIn(report, ITEMS.smoke)?.verdict).toBe('not-applicable');
});

test('without the extension slow queries are not known, and the indexes are', async () => {
  await using site = await aSite();
  const report = await handsAt(site).run('check-performance');
  const { performance } = resultIn(report, 'check-performance');

  expect(report.outcome).toBe('succeeded');
  expect(performance.slowQueries.state).toBe('unknown');
  expect(evidenceIn(report, ITEMS.slowQueries)).toMatchObject({ verdict: 'not-applicable' });
  expect(evidenceIn(report, ITEMS.indexes)?.says).toMatch(/^\d+ indexes counted/);
});

test.runIf(inject('postgres').hasStatements)(
  'with it, they are counted by the server',
  async () => {
    await using site = await aSite();
    await site.sql('create extension pg_stat_statements');
    const report = await handsAt(site).run('check-performance');

    expect(evidenceIn(report, ITEMS.slowQueries)?.verdict).toBe('proven');
  },
);
