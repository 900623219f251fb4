/** Slow queries and index use, as the server counts them. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { Evidence } from '../src/incident/facts/evidence.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import type { Performance } from '../src/incident/facts/facts.ts';
import { canonicalJson, sha256 } from '../src/incident/plan/plan.ts';

export const checkPerformance = defineJob({
  name: 'check-performance',
  again: 'safe',
  timeoutMs: 5 * 60_000,
  input: z.object({}),
  doors: ['target'],

  async run(_input, { target }) {
    const performance = await target.performance();
    const evidence = [slowQueries(performance), indexes(performance)];
    return {
      outcome: 'succeeded',
      says: evidence.map((one) => one.says).join(' '),
      result: { job: 'check-performance', performance },
      evidence,
    };
  },
});

/** The numbers are since the statistics were last reset: they show history too, and it is said. */
function slowQueries({ slowQueries: found }: Performance): Evidence {
  const item = ITEMS.slowQueries;
  if (found.state === 'unknown')
    return { item, verdict: 'not-applicable', says: found.why.slice(0, 600) };
  const digest = sha256(canonicalJson(found.value));
  if (found.value.length === 0) {
    return {
      item,
      verdict: 'proven',
      says: 'No query takes over 1 s on average, counted since the statistics were last reset.',
      digest,
    };
  }
  const worst = found.value[0];
  return {
    item,
    verdict: 'proven',
    says: `${found.value.length} queries take over 1 s on average since the statistics were last reset, also from before the rollback. The slowest: ${Math.round(worst?.meanMs ?? 0)} ms over ${worst?.calls ?? 0} calls.`,
    digest,
  };
}

function indexes({ indexUse }: Performance): Evidence {
  const item = ITEMS.indexes;
  if (indexUse.state === 'unknown')
    return { item, verdict: 'not-applicable', says: indexUse.why.slice(0, 600) };
  const digest = sha256(canonicalJson(indexUse.value));
  const unused = indexUse.value.filter((one) => one.scans === 0);
  return {
    item,
    verdict: 'proven',
    says: `${indexUse.value.length} indexes counted, ${unused.length} not used so far; one that was just built begins at 0.`,
    digest,
  };
}
