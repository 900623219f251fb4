import { expect, test } from 'vitest';
import { signReportLink, verifyReportLink } from '../../src/web/report-link.ts';
import { report, type Report } from '../../src/web/report.ts';
import type { WebAnswer } from '../../src/web/route.ts';

const key = 'a key of more than sixteen characters';
const now = new Date('2026-11-22T04:00:00Z');
const expiresAt = new Date('2026-11-22T05:00:00Z');

const INCIDENT: Report = {
  id: 'INC-42',
  title: 'auth from 8 to 7',
  state: 'Rolled back. Services are healthy.',
  facts: [{ name: 'Outage', value: '12 min' }],
  timeline: [
    { at: new Date('2026-11-22T03:00:00Z'), who: 'Anna', what: 'Started.' },
    {
      at: new Date('2026-11-22T04:02:03Z'),
      who: 'back-up',
      what: 'Failed: <script>alert(1)</script> & "more"',
      details: "pg_dump: <b>error</b>: it's full",
    },
  ],
};

async function open(link: string, at: Date = now): Promise<WebAnswer> {
  const { pathname, searchParams } = new URL(link, 'http://here');
  const route = report({
    read: async (id) => (id === INCIDENT.id ? INCIDENT : null),
    now: () => at,
    key,
  });
  return route.handle({
    params: { id: decodeURIComponent(pathname.replace('/incidents/', '')) },
    query: Object.fromEntries(searchParams),
    headers: {},
    rawBody: new Uint8Array(),
  });
}

test('a signed link opens the page of its incident', async () => {
  const { status, body } = await open(signReportLink({ id: 'INC-42', expiresAt }, key));
  expect(status).toBe(200);
  expect(body).toContain('INC-42: auth from 8 to 7');
  expect(body).toContain('2026-11-22 04:02:03 UTC (+1:02:03)');
  expect(body).toContain('Rolled back. Services are healthy.');
});

test('whatever was typed into an incident is text on the page, and the page runs nothing', async () => {
  const { headers, body } = await open(signReportLink({ id: 'INC-42', expiresAt }, key));
  expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;');
  expect(body).toContain('pg_dump: &lt;b&gt;error&lt;/b&gt;: it&#39;s full');
  expect(body).not.toContain('<script');
  expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
});

test('an expired link opens nothing and says how to get a new one', async () => {
  const { status, body } = await open(signReportLink({ id: 'INC-42', expiresAt }, key), expiresAt);
  expect(status).toBe(403);
  expect(body).toContain('expired');
  expect(body).not.toContain('auth');
});

test('no link, another incident, a later end and another key open nothing', async () => {
  const link = signReportLink({ id: 'INC-42', expiresAt }, key);
  const others = [
    '/incidents/INC-42',
    link.replace('INC-42', 'INC-43'),
    link.replace(/until=\d+/, 'until=99999999999'),
    link.replace(/until=\d+&/, ''),
    signReportLink({ id: 'INC-42', expiresAt }, `${key}!`),
  ];
  for (const other of others) {
    const { status, body } = await open(other);
    expect(status).toBe(403);
    expect(body).toContain('needs a link from Slack');
  }
});

test('a link to an incident that is gone says so', async () => {
  expect((await open(signReportLink({ id: 'INC-7', expiresAt }, key))).status).toBe(404);
});

test('a key that is missing or short signs nothing', () => {
  expect(() => signReportLink({ id: 'INC-42', expiresAt }, '')).toThrow('fewer than 16');
  const link = { id: 'INC-42', until: '1', signature: '', key: '', now };
  expect(() => verifyReportLink(link)).toThrow('fewer than 16');
});
