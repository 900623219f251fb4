/** Stops everything that writes, and proves that it is gone. Remembers first what it was. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { Found, JobContext, Report } from '../src/define-job.ts';
import type { Doors, ServiceStatus } from '../src/doors.ts';
import { Fault } from '../src/doors.ts';
import type { Evidence } from '../src/incident/facts/evidence.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import type { Activity } from '../src/incident/facts/facts.ts';
import {
  foreignTransactions,
  lastingTransactions,
  sayHowToEnd,
  sayTransaction,
  unnamedServices,
} from '../src/incident/facts/open-transactions.ts';
import { canonicalJson, sha256 } from '../src/incident/plan/plan.ts';
import type { Service } from '../src/incident/target.ts';

const GONE_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 500;
/** Younger ones mostly end while the services are being stopped. */
const LASTING_SECONDS = 5;

type Hands = Pick<Doors, 'services' | 'target'>;
const Was = z.object({ service: z.string(), was: z.enum(['running', 'stopped', 'unknown']) });
const Recorded = z.object({ services: z.array(Was) });
type Recorded = z.infer<typeof Recorded>;

export const pauseWriters = defineJob({
  name: 'pause-writers',
  again: 'safe',
  timeoutMs: 10 * 60_000,
  input: z.object({}),
  doors: ['services', 'target'],

  async run(_input, doors, context) {
    // An earlier try may have stopped some already: what it recorded is what they were.
    const earlier = Recorded.safeParse(context.recorded);
    let remembered: Recorded = earlier.success ? earlier.data : { services: [] };
    try {
      const barred = earlier.success ? null : await barOf(doors, context);
      if (barred !== null) return failed(remembered, { says: barred });
      remembered = earlier.success ? earlier.data : await remember(doors, context);
      const stopped = await stopAll(doors, context);
      if (stopped !== null) return failed(remembered, stopped);
      return await proveGone(doors, context, remembered);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // However it ended: what the services were is needed to bring them back.
      const outcome = error.why === 'stopped' ? 'stopped' : 'failed';
      return { ...failed(remembered, { says: error.say }), outcome };
    }
  },

  /** Stopping again what is stopped does no harm, so it simply begins again; what was is in the record. */
  async look(_input, _doors, context): Promise<Found> {
    if (context.incident.runs.at(-1)?.abort === undefined) return { state: 'not-begun' };
    const recorded = Recorded.safeParse(context.recorded);
    const remembered = recorded.success ? recorded.data : { services: [] };
    const says = recorded.success
      ? 'It was aborted while services were being stopped.'
      : 'It was aborted before any service was stopped.';
    return { state: 'ended', report: { ...failed(remembered, { says }), outcome: 'stopped' } };
  },
});

/** What stopping the services would not end: better found while they still run. */
async function barOf({ target }: Hands, context: JobContext): Promise<string | null> {
  const activity = await target.activity();
  const { services } = context.target;
  const unknown = whatIsUnknown(activity);
  if (unknown !== null) return `No service was stopped: ${unknown}.`;
  const lasting = lastingTransactions(activity, { services, seconds: LASTING_SECONDS });
  if (lasting.length === 0) return null;
  const said = lasting.slice(0, 5).map(sayTransaction).join('; ');
  return `No service was stopped: there is ${said}. ${sayHowToEnd(lasting)}`;
}

function whatIsUnknown({ connections, preparedTransactions }: Activity): string | null {
  if (connections.state === 'unknown') return `who is connected is unknown (${connections.why})`;
  return preparedTransactions.state === 'unknown'
    ? `whether there are prepared transactions is unknown (${preparedTransactions.why})`
    : null;
}

async function remember(doors: Hands, context: JobContext): Promise<Recorded> {
  const services = await Promise.all(
    context.target.services.map(async (service) => ({
      service: service.name,
      was: await doors.services.status(service, context),
    })),
  );
  await context.record({ services } satisfies Recorded);
  return { services };
}

interface Trouble {
  readonly says: string;
  readonly tail?: string;
}

async function stopAll(doors: Hands, context: JobContext): Promise<Trouble | null> {
  const troubles = await Promise.all(
    context.target.services.map((service) => stopOne(service, doors, context)),
  );
  return troubles.find((one) => one !== null) ?? null;
}

async function stopOne(
  service: Service,
  doors: Hands,
  context: JobContext,
): Promise<Trouble | null> {
  if ((await doors.services.status(service, context)) === 'stopped') return null;
  const { ok, tail } = await doors.services.stop(service, context);
  if (!ok) return { says: `${service.name} could not be stopped: its command failed.`, tail };
  const status = await settledStatus(service, doors, context);
  if (status === 'stopped') return null;
  return {
    says: `${service.name} was told to stop and is ${status === 'running' ? 'still running' : 'in an unknown state'}.`,
    tail,
  };
}

async function settledStatus(
  service: Service,
  doors: Hands,
  context: JobContext,
): Promise<ServiceStatus> {
  const until = context.now().getTime() + GONE_WITHIN_MS;
  for (;;) {
    const status = await doors.services.status(service, context);
    if (status === 'stopped' || context.now().getTime() > until) return status;
    await pause(context);
  }
}

async function pause(context: JobContext): Promise<void> {
  try {
    await wait(LOOK_EVERY_MS, undefined, { signal: context.signal });
  } catch (cause) {
    throw new Fault('stopped', 'It was aborted while services were being stopped.', { cause });
  }
}

/** By looking at the server: neither the services' connections nor an open or prepared transaction is left. */
async function proveGone(doors: Hands, context: JobContext, remembered: Recorded): Promise<Report> {
  const until = context.now().getTime() + GONE_WITHIN_MS;
  for (;;) {
    const activity = await doors.target.activity();
    const left = whoIsLeft(activity, context.target.services);
    if (left.length === 0) return succeeded(activity, remembered, context);
    if (context.now().getTime() > until) {
      const open = foreignTransactions(activity, context.target.services);
      const help = open.length === 0 ? '' : ` ${sayHowToEnd(open)}`;
      return failed(remembered, {
        says: `Not proven gone: ${left.slice(0, 8).join('; ')}.${help}`,
      });
    }
    context.progress({ done: 0, total: null, unit: 'steps', what: `waiting for ${left[0]}` });
    await pause(context);
  }
}

/** In words; empty when it is proven that nobody is left who could write for these services. */
function whoIsLeft(activity: Activity, services: readonly Service[]): readonly string[] {
  const { connections } = activity;
  const unknown = whatIsUnknown(activity);
  if (unknown !== null || connections.state === 'unknown') return [unknown ?? 'who is connected'];
  const names = services.flatMap((one) => one.applicationNames);
  const sessions = connections.value.filter((one) => names.includes(one.applicationName));
  return [
    ...sessions.map(
      (one) => `${one.count} connection${one.count === 1 ? '' : 's'} of ${one.applicationName}`,
    ),
    ...foreignTransactions(activity, services).map(sayTransaction),
  ];
}

function succeeded(activity: Activity, remembered: Recorded, context: JobContext): Report {
  const { services } = context.target;
  const unnamed = unnamedServices(services);
  const digest = sha256(canonicalJson(activity));
  const none = services.length === 0;
  const stoppedSays = none ? 'No service is configured for this target.' : sayStopped(remembered);
  const gone = goneEvidence(services, unnamed);
  const jobs: Evidence = none
    ? { item: ITEMS.workersStopped, verdict: 'not-applicable', says: stoppedSays }
    : { item: ITEMS.workersStopped, verdict: 'proven', says: stoppedSays, digest };
  return {
    outcome: 'succeeded',
    says: `${stoppedSays} ${gone.says}`,
    result: {
      job: 'pause-writers',
      services: remembered.services,
      remainingConnections: unnamed.length === 0 ? 0 : null,
    },
    evidence: [jobs, { ...gone, item: ITEMS.scaledDown, digest }],
  };
}

function sayStopped({ services }: Recorded): string {
  const namesOf = (isStopped: boolean): string =>
    services
      .filter((one) => (one.was === 'stopped') === isStopped)
      .map((one) => one.service)
      .join(', ');
  const already = namesOf(true) === '' ? '' : `Stopped already: ${namesOf(true)}.`;
  return [namesOf(false) === '' ? '' : `Stopped: ${namesOf(false)}.`, already]
    .filter((one) => one !== '')
    .join(' ');
}

/** Proven is only what could be looked for. */
function goneEvidence(
  services: readonly Service[],
  unnamed: readonly string[],
): Pick<Evidence, 'verdict' | 'says'> {
  const noTransaction = 'No open transaction and no prepared transaction of anybody is left.';
  if (services.length === 0) {
    return {
      verdict: 'not-applicable',
      says: `There are no services whose connections could be looked for. ${noTransaction}`,
    };
  }
  if (unnamed.length > 0) {
    const says = `NOT proven: no \`application_names\` are configured for ${unnamed.join(', ')}, so connections of theirs cannot be told from others. ${noTransaction}`;
    return { verdict: 'found', says: says.slice(0, 600) };
  }
  return { verdict: 'proven', says: `No connection of theirs is left. ${noTransaction}` };
}

function failed(remembered: Recorded, trouble: Trouble): Report {
  return {
    outcome: 'failed',
    says: `${trouble.says} The database was not touched.`,
    result: { job: 'pause-writers', services: remembered.services, remainingConnections: null },
    evidence: [{ item: ITEMS.scaledDown, verdict: 'refuted', says: trouble.says.slice(0, 600) }],
    ...(trouble.tail === undefined ? {} : { tail: trouble.tail }),
  };
}
