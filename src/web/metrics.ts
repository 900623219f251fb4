/** What is counted and measured, in the text format of Prometheus (0.0.4). */
import type { Route } from './route.ts';

const BUCKETS_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];

type Labels<L extends string> = Readonly<Record<L, string>>;

interface About<L extends string> {
  /** With its unit last: `backout_job_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly L[];
}

export interface Counter<L extends string> {
  add(labels: Labels<L>, by?: number): void;
}
export interface Gauge<L extends string> {
  set(labels: Labels<L>, value: number): void;
}
export interface Histogram<L extends string> {
  observe(labels: Labels<L>, value: number): void;
}
export interface Reading<L extends string> {
  readonly labels: Labels<L>;
  readonly value: number;
}

export interface Metrics {
  counter<L extends string>(about: About<L>): Counter<L>;
  gauge<L extends string>(about: About<L>): Gauge<L>;
  /** A gauge that is read when somebody asks. When it cannot be read it is left out: no number is better than an old one. */
  reading<L extends string>(about: About<L> & { read(): Promise<readonly Reading<L>[]> }): void;
  /** Of seconds unless the buckets say otherwise; ascending. */
  histogram<L extends string>(
    about: About<L> & { readonly buckets?: readonly number[] },
  ): Histogram<L>;
  text(): Promise<string>;
}

export function metricsRegistry(): Metrics {
  const families = new Map<string, () => Promise<readonly string[]>>();

  function family<L extends string>(
    kind: 'counter' | 'gauge' | 'histogram',
    { name, help }: About<L>,
    lines: () => Promise<readonly string[]> | readonly string[],
  ): void {
    if (families.has(name)) throw new Error(`The metric ${name} is defined twice.`);
    const head = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${kind}`];
    families.set(name, async () => [...head, ...(await lines())]);
  }

  /** One number for each set of labels. */
  function numbers<L extends string>(kind: 'counter' | 'gauge', about: About<L>) {
    const values = new Map<string, number>();
    family(kind, about, () =>
      [...values].map(([labels, value]) => line(about.name, labels, value)),
    );
    return values;
  }

  return {
    counter(about) {
      const values = numbers('counter', about);
      return {
        add(labels, by = 1) {
          const key = writeLabels(about, labels);
          values.set(key, (values.get(key) ?? 0) + by);
        },
      };
    },
    gauge(about) {
      const values = numbers('gauge', about);
      return { set: (labels, value) => void values.set(writeLabels(about, labels), value) };
    },
    reading(about) {
      family('gauge', about, async () => {
        const readings = await about.read().catch(() => []);
        return readings.map(({ labels, value }) =>
          line(about.name, writeLabels(about, labels), value),
        );
      });
    },
    histogram(about) {
      const buckets = about.buckets ?? BUCKETS_SECONDS;
      const observed = new Map<string, Observed>();
      family('histogram', about, () =>
        [...observed].flatMap(([labels, one]) => histogramLines(about.name, labels, buckets, one)),
      );
      return {
        observe(labels, value) {
          const key = writeLabels(about, labels);
          const one = observed.get(key) ?? { counts: buckets.map(() => 0), count: 0, sum: 0 };
          observed.set(key, {
            counts: one.counts.map((count, at) => count + (value <= (buckets[at] ?? 0) ? 1 : 0)),
            count: one.count + 1,
            sum: one.sum + value,
          });
        },
      };
    },
    async text() {
      const written = await Promise.all([...families.values()].map((lines) => lines()));
      return `${written.flat().join('\n')}\n`;
    },
  };
}

interface Observed {
  /** How many were at most as large as each bucket's bound. */
  readonly counts: readonly number[];
  readonly count: number;
  readonly sum: number;
}

function histogramLines(
  name: string,
  labels: string,
  buckets: readonly number[],
  { counts, count, sum }: Observed,
): readonly string[] {
  const bounded = (bound: string): string =>
    labels === '' ? `le="${bound}"` : `${labels},le="${bound}"`;
  return [
    ...buckets.map((bound, at) => line(`${name}_bucket`, bounded(String(bound)), counts[at] ?? 0)),
    line(`${name}_bucket`, bounded('+Inf'), count),
    line(`${name}_sum`, labels, sum),
    line(`${name}_count`, labels, count),
  ];
}

function line(name: string, labels: string, value: number): string {
  return `${name}${labels === '' ? '' : `{${labels}}`} ${value}`;
}

/** In the order of the definition, so that the same labels are always the same text. */
function writeLabels<L extends string>({ labels: names }: About<L>, labels: Labels<L>): string {
  return names.map((name) => `${name}="${escapeValue(labels[name])}"`).join(',');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function escapeValue(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

/** `/metrics`. */
export function metrics(registry: Pick<Metrics, 'text'>): Route {
  return {
    method: 'GET',
    path: '/metrics',
    async handle() {
      return {
        status: 200,
        headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
        body: await registry.text(),
      };
    },
  };
}
