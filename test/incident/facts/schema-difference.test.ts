import { expect, test } from 'vitest';
import { schemaDifferences } from '../../../src/incident/facts/schema-difference.ts';

const EVENTS = [
  'partitioned table public.events partition by RANGE (at)',
  'column public.events.at timestamp with time zone not null',
];
const OCTOBER = [
  `table public.events_10 FOR VALUES FROM ('2026-10-01') TO ('2026-11-01') inherits public.events`,
  'column public.events_10.at timestamp with time zone not null',
  'index public.events_10_at CREATE INDEX events_10_at ON public.events_10 USING btree (at)',
  'owner of table public.events_10 is app',
];
const ODD = [
  `table "My Schema"."events, 11" DEFAULT inherits public.events`,
  'column "My Schema"."events, 11".at timestamp with time zone not null',
];

test('partitions come and go without the schema being another one', () => {
  expect(schemaDifferences(EVENTS, [...EVENTS, ...OCTOBER, ...ODD])).toEqual([]);
  expect(schemaDifferences([...EVENTS, ...OCTOBER], EVENTS)).toEqual([]);
});

test('what is not a partition differs, on both sides', () => {
  const stray = 'column public.events_1.at integer';
  expect(schemaDifferences([...EVENTS, ...OCTOBER], [stray, ...OCTOBER, ...EVENTS])).toEqual([
    `new: ${stray}`,
  ]);
  expect(schemaDifferences([...EVENTS, 'schema ops'], EVENTS)).toEqual(['missing: schema ops']);
});
