/** Brings the services back, in the version that fits the schema. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { Found, JobContext } from '../src/define-job.ts';
import type { Doors } from '../src/doors.ts';
import { Fault } from '../src/doors.ts';
import type { Operation } from '../src/incident/incident.ts';
import { isResultOf } from '../src/incident/incident.ts';
import { viewRun } from '../src/incident/flow/run.ts';
import type { Resumed } from '../src/incident/reports/resume-report.ts';
import { reportNone, reportResumed, reportUnclear } from '../src/incident/reports/resume-report.ts';
import type { Service } from '../src/incident/target.ts';

const RUNNING_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

type Hands = Pick<Doors, 'services'>;
const Input = z.object({ version: z.enum(['previous', 'same']) });
type Input = z.infer<typeof Input>;

/** `previous` may go one version further back each time: it is noted before and after, and never told twice. */
const Recorded = z.object({ switching: z.array(z.string()), switched: z.array(z.string()) });
type Recorded = z.infer<typeof Recorded>;

export const resumeServices = defineJob({
  name: 'resume-services',
  again: 'looks-first',
  timeoutMs: 15 * 60_000,
  input: Input,
  doors: ['services'],

  async run(input, doors, context) {
    const wanted = wantedIn(context);
    if (wanted.length === 0) return reportNone(input.version, sayNone(context));
    const recorded = recordedBy(context);
    const unclear = unclearSwitches(recorded);
    if (input.version === 'previous' && unclear.length > 0) {
      return reportUnclear(input.version, { unclear, switched: recorded.switched });
    }
    const memory = {
      recorded: { ...recorded, switched: [...alreadySwitched(context), ...recorded.switched] },
    };
    const services: Resumed[] = [];
    for (const service of wanted) {
      const work = { input, doors, context, memory };
      services.push(await bringBack(service, work).catch((error) => notBack(error, service, work)));
    }
    const left = context.target.services.filter((one) => !wanted.includes(one));
    return reportResumed(input.version, { services, left: left.map((one) => one.name) });
  },

  async look(input, _doors, context): Promise<Found> {
    const recorded = recordedBy(context);
    const unclear = unclearSwitches(recorded);
    if (input.version === 'same' || unclear.length === 0) return { state: 'not-begun' };
    const { switched } = recorded;
    return { state: 'ended', report: reportUnclear(input.version, { unclear, switched }) };
  },
});

function sayNone(context: JobContext): string {
  if (context.target.services.length === 0) return 'No service is configured for this target.';
  return wasBegun(pauseOf(context))
    ? 'No service was running before, so none is started.'
    : 'No service was stopped, so none is started.';
}

/** Without one that it remembers, stopping ended before the first service. */
function wasBegun(pause: Operation | undefined): boolean {
  return isResultOf('pause-writers', pause?.result)
    ? pause.result.services.length > 0
    : pause?.startedAt !== undefined;
}

function pauseOf({ incident }: JobContext): Operation | undefined {
  const round = incident.runs.at(-1)?.round;
  return incident.operations.findLast((one) => one.step === 'pause-writers' && one.round === round);
}

/**
 * After a rollback, every service: one that was down by then had crashed, or was stopped, because of what has been
 * rolled back. Else those that ran when we stopped them; one of which nobody knows what it was counts as running.
 */
function wantedIn(context: JobContext): readonly Service[] {
  const { services } = context.target;
  const pause = pauseOf(context);
  if (!wasBegun(pause)) return [];
  const isRolledBack = viewRun(context.incident, context.target)?.database === 'rolled-back';
  if (isRolledBack || !isResultOf('pause-writers', pause?.result)) return services;
  const left = pause.result.services.filter((one) => one.was === 'stopped');
  return services.filter(({ name }) => left.every((one) => one.service !== name));
}

function recordedBy(context: JobContext): Recorded {
  const recorded = Recorded.safeParse(context.recorded);
  return recorded.success ? recorded.data : { switching: [], switched: [] };
}

function unclearSwitches(recorded: Recorded): readonly string[] {
  return recorded.switching.filter((one) => !recorded.switched.includes(one));
}

/** By an earlier operation of this incident. */
function alreadySwitched(context: JobContext): readonly string[] {
  return context.incident.operations.flatMap(({ result }) =>
    isResultOf('resume-services', result)
      ? result.services.filter((one) => one.switched).map((one) => one.service)
      : [],
  );
}

interface Work {
  readonly input: Input;
  readonly doors: Hands;
  readonly context: JobContext;
  readonly memory: { recorded: Recorded };
}

async function bringBack(service: Service, work: Work): Promise<Resumed> {
  const { doors, context } = work;
  const switched = await switchVersion(service, work);
  const isSwitched = switched === 'switched' || switched === 'switched-now';
  if (switched === 'failed') {
    return {
      service: service.name,
      ok: false,
      says: 'Its command for the version before failed; it was not started.',
      switched: false,
    };
  }
  const caches = await doors.services.invalidateCaches(service, context);
  if (!caches.ok) context.say(`${service.name}: caches could not be invalidated: ${caches.tail}`);
  // An earlier try may have started it already, and some start commands start a second one.
  const isUp =
    switched !== 'switched-now' && (await doors.services.status(service, context)) === 'running';
  const started = isUp ? { ok: true, tail: '' } : await doors.services.start(service, context);
  if (!started.ok) {
    context.say(started.tail);
    return {
      service: service.name,
      ok: false,
      says: 'It could not be started: its command failed.',
      switched: isSwitched,
    };
  }
  const isRunning = await waitUntilRunning(service, work);
  const aboutCaches = caches.ok ? '' : ' Its caches could NOT be invalidated.';
  const says = isRunning
    ? `Running${isSwitched ? ' in the version before' : ''}.${aboutCaches}`
    : `It was started and is not running after ${RUNNING_WITHIN_MS / 1000} s.`;
  return { service: service.name, ok: isRunning, says, switched: isSwitched };
}

async function switchVersion(
  service: Service,
  work: Work,
): Promise<'switched' | 'switched-now' | 'kept' | 'failed'> {
  const { input, doors, context, memory } = work;
  if (memory.recorded.switched.includes(service.name)) return 'switched';
  if (input.version === 'same' || service.commands.previous === undefined) return 'kept';
  await note(work, {
    switching: [...memory.recorded.switching, service.name],
    switched: memory.recorded.switched,
  });
  const { ok, tail } = await doors.services.previous(service, context);
  if (!ok) {
    context.say(tail);
    return 'failed';
  }
  await note(work, {
    switching: memory.recorded.switching,
    switched: [...memory.recorded.switched, service.name],
  });
  return 'switched-now';
}

/** The others are brought back all the same; only a worker that leaves hands the rest over. */
function notBack(error: unknown, service: Service, { context, memory }: Work): Resumed {
  const reason: unknown = context.signal.reason;
  const isLeaving =
    context.signal.aborted && !(reason instanceof Fault && reason.why !== 'stopped');
  if (!(error instanceof Fault) || isLeaving) throw error;
  const switched = memory.recorded.switched.includes(service.name);
  return { service: service.name, ok: false, says: error.say, switched };
}

async function note({ context, memory }: Work, recorded: Recorded): Promise<void> {
  memory.recorded = recorded;
  await context.record(recorded);
}

async function waitUntilRunning(service: Service, { doors, context }: Work): Promise<boolean> {
  const until = context.now().getTime() + RUNNING_WITHIN_MS;
  for (;;) {
    if ((await doors.services.status(service, context)) === 'running') return true;
    if (context.now().getTime() > until) return false;
    try {
      await wait(LOOK_EVERY_MS, undefined, { signal: context.signal });
    } catch (cause) {
      throw new Fault('stopped', `It was stopped while ${service.name} was starting.`, { cause });
    }
  }
}
