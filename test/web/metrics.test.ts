import { expect, test } from 'vitest';
import { metrics, metricsRegistry } from '../../src/web/metrics.ts';

test('counters and gauges are written with their labels in a fixed order', async () => {
  const registry = metricsRegistry();
  const jobs = registry.counter({
    name: 'backout_jobs_total',
    help: 'Jobs that ended.',
    labels: ['job', 'how'],
  });
  jobs.add({ job: 'back-up', how: 'done' });
  jobs.add({ how: 'done', job: 'back-up' }, 2);
  jobs.add({ job: 'assess', how: 'failed' });
  const open = registry.gauge({ name: 'backout_incidents', help: 'Open incidents.', labels: [] });
  open.set({}, 3);
  open.set({}, 2);

  expect(await registry.text()).toBe(`# HELP backout_jobs_total Jobs that ended.
# TYPE backout_jobs_total counter
backout_jobs_total{job="back-up",how="done"} 3
backout_jobs_total{job="assess",how="failed"} 1
# HELP backout_incidents Open incidents.
# TYPE backout_incidents gauge
backout_incidents 2
`);
});

test('a histogram counts upwards and ends with everything', async () => {
  const registry = metricsRegistry();
  const acks = registry.histogram({
    name: 'backout_ack_seconds',
    help: 'Until Slack was acknowledged.',
    labels: ['verb'],
    buckets: [0.1, 1],
  });
  for (const seconds of [0.1, 0.5, 3]) acks.observe({ verb: 'approve' }, seconds);

  expect(await registry.text()).toBe(`# HELP backout_ack_seconds Until Slack was acknowledged.
# TYPE backout_ack_seconds histogram
backout_ack_seconds_bucket{verb="approve",le="0.1"} 1
backout_ack_seconds_bucket{verb="approve",le="1"} 2
backout_ack_seconds_bucket{verb="approve",le="+Inf"} 3
backout_ack_seconds_sum{verb="approve"} 3.6
backout_ack_seconds_count{verb="approve"} 3
`);
});

test('quotes, backslashes and line ends in a label cannot break the format', async () => {
  const registry = metricsRegistry();
  const odd = registry.counter({ name: 'odd_total', help: 'a\\b\nc', labels: ['target'] });
  odd.add({ target: 'a"b\\c\nd' });
  expect(await registry.text()).toBe(`# HELP odd_total a\\\\b\\nc
# TYPE odd_total counter
odd_total{target="a\\"b\\\\c\\nd"} 1
`);
});

test('a reading that fails is left out and the rest is still there', async () => {
  const registry = metricsRegistry();
  registry.reading({
    name: 'queued',
    help: 'Waiting.',
    labels: ['state'],
    read: async () => [{ labels: { state: 'queued' }, value: 7 }],
  });
  registry.reading({
    name: 'lag',
    help: 'Behind.',
    labels: [],
    read: () => Promise.reject(new Error('x')),
  });
  const text = await registry.text();
  expect(text).toContain('queued{state="queued"} 7\n');
  expect(text).toContain('# TYPE lag gauge\n');
  expect(text).not.toMatch(/^lag/m);
});

test('one name means one thing', () => {
  const registry = metricsRegistry();
  const about = { name: 'twice', help: '', labels: [] } as const;
  registry.counter(about);
  expect(() => registry.gauge(about)).toThrow('twice');
});

test('the route says which format it answers in', async () => {
  const request = { params: {}, query: {}, headers: {}, rawBody: new Uint8Array() };
  const answer = await metrics(metricsRegistry()).handle(request);
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
});
