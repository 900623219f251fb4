/** Asks each service whether it is well, and runs the team's smoke tests. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { JobContext, Report } from '../src/define-job.ts';
import type { Doors, ServiceOutcome } from '../src/doors.ts';
import { Fault } from '../src/doors.ts';
import type { Evidence, KnownItem } from '../src/incident/facts/evidence.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import { canonicalJson, sha256 } from '../src/incident/plan/plan.ts';
import type { ServiceResult } from '../src/incident/facts/results.ts';
import type { Service } from '../src/incident/target.ts';
import { listed } from '../src/incident/text.ts';

const HEALTHY_WITHIN_MS = 60_000;
const ASK_EVERY_MS = 1_000;

type Hands = Pick<Doors, 'services'>;

export const checkServices = defineJob({
  name: 'check-services',
  again: 'safe',
  timeoutMs: 20 * 60_000,
  input: z.object({}),
  doors: ['services'],

  async run(_input, doors, context) {
    const healths = await Promise.all(
      context.target.services.map((service) => askHealth(service, doors, context)),
    );
    const smokes: (ServiceResult | null)[] = [];
    for (const service of context.target.services)
      smokes.push(await smoke(service, doors, context));
    return reportOf(healths, smokes);
  },
});

/** A service that has just started gets a minute to say that it is well. */
async function askHealth(
  service: Service,
  doors: Hands,
  context: JobContext,
): Promise<ServiceResult | null> {
  if (service.health === undefined) return null;
  const until = context.now().getTime() + HEALTHY_WITHIN_MS;
  for (;;) {
    const { ok, tail } = await doors.services.health(service, context);
    if (ok || context.now().getTime() > until)
      return { service: service.name, ok, says: firstLine(service, { ok, tail }) };
    try {
      await wait(ASK_EVERY_MS, undefined, { signal: context.signal });
    } catch (cause) {
      throw new Fault('stopped', 'It was stopped while services were being checked.', { cause });
    }
  }
}

async function smoke(
  service: Service,
  doors: Hands,
  context: JobContext,
): Promise<ServiceResult | null> {
  if (service.smoke === undefined) return null;
  const { ok, tail } = await doors.services.smoke(service, context);
  if (!ok) context.say(tail);
  return { service: service.name, ok, says: firstLine(service, { ok, tail }) };
}

/** Without the service's own name at its beginning: it stands before the line already. */
function firstLine({ name }: Service, { ok, tail }: ServiceOutcome): string {
  const said = tail.split('\n').find((one) => one.trim() !== '') ?? '';
  const line = said.startsWith(`${name}: `) ? said.slice(name.length + 2) : said;
  return line.slice(0, 200) || (ok ? 'ended well' : 'failed without a word');
}

function reportOf(
  healths: readonly (ServiceResult | null)[],
  smokes: readonly (ServiceResult | null)[],
): Report {
  const asked = [...healths, ...smokes].filter((one) => one !== null);
  const ill = asked.filter((one) => !one.ok);
  // What they answered is the team's own output: it belongs into the thread.
  const tail = ill.map((one) => `${one.service}: ${one.says}`).join('\n');
  const says =
    ill.length === 0
      ? asked.length === 0
        ? 'No health address and no smoke test is configured.'
        : `All well: ${[...new Set(asked.map((one) => one.service))].join(', ')}.`
      : sayIll(healths, smokes);
  return {
    outcome: ill.length === 0 ? 'succeeded' : 'failed',
    says,
    result: { job: 'check-services', services: [...asked] },
    evidence: [
      evidenceOf(ITEMS.health, { results: healths, what: 'health address' }),
      evidenceOf(ITEMS.smoke, { results: smokes, what: 'smoke test' }),
    ],
    ...(tail === '' ? {} : { tail }),
  };
}

function sayIll(
  healths: readonly (ServiceResult | null)[],
  smokes: readonly (ServiceResult | null)[],
): string {
  const failing = (results: readonly (ServiceResult | null)[]): readonly string[] =>
    results.flatMap((one) => (one === null || one.ok ? [] : [one.service]));
  const untested = failing(smokes);
  const ill = [...new Set([...failing(healths), ...untested])];
  const tested = untested.length === 0 ? '' : ` The smoke test of ${listed(untested)} failed.`;
  return `${listed(ill)} ${ill.length === 1 ? 'is' : 'are'} NOT healthy.${tested}`;
}

function evidenceOf(
  item: KnownItem,
  given: { readonly results: readonly (ServiceResult | null)[]; readonly what: string },
): Evidence {
  const results = given.results.filter((one) => one !== null);
  if (results.length === 0) {
    return {
      item,
      verdict: 'not-applicable',
      says: `No ${given.what} is configured for any service.`,
    };
  }
  return {
    item,
    verdict: results.every((one) => one.ok) ? 'proven' : 'refuted',
    says: results
      .map((one) => `${one.service}: ${one.says}`)
      .join('; ')
      .slice(0, 600),
    digest: sha256(canonicalJson(results)),
  };
}
