/** A worker's hands without store and queue: one job at a time, on a real place, for an incident that has come so far. */
import { vi } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import type { Found, JobContext, Report } from '../../src/define.ts';
import type { Progress } from '../../src/doors.ts';
import type { Fingerprint } from '../../src/incident/facts.ts';
import type { OperationId, Version } from '../../src/incident/names.ts';
import type { Evidence, KnownItem } from '../../src/incident/evidence.ts';
import { isResultOf } from '../../src/incident/incident.ts';
import type { JobName, ResultOf } from '../../src/incident/results.ts';
import { openDoorsOf } from '../../src/open-doors.ts';
import type { Story } from './incidents.ts';
import { aStory } from './incidents.ts';
import type { Site } from './site.ts';

export interface Hands {
  /** Of the incident, up to now; a test lets more happen to it. */
  story: Story;
  /** What the running operation has kept, for whoever looks after a death. */
  recorded: unknown;
  readonly said: readonly string[];
  readonly progress: readonly Progress[];
  /** The schemas known for each version, newest first. */
  readonly known: Map<Version | null, readonly Fingerprint[]>;
  run(job: JobName, input?: unknown, over?: Partial<JobContext>): Promise<Report>;
  look(job: JobName, input?: unknown, over?: Partial<JobContext>): Promise<Found>;
  /** Runs it for real and lets the incident know, as the worker would. */
  does(job: JobName, input?: unknown): Promise<Report>;
}

const NOWHERE = { STORE_URL: 'postgres://nowhere/store', REDIS_URL: 'redis://nowhere' };

export function handsAt(site: Site): Hands {
  vi.stubEnv('PATH', site.environment['PATH']);
  const said: string[] = [];
  const progress: Progress[] = [];
  const kept = new Map<string, Fingerprint>();
  const openDoors = openDoorsOf(site.config(NOWHERE));

  const jobOf = (name: JobName): (typeof jobs)[number] => {
    const job = jobs.find((one) => one.name === name);
    if (job === undefined) throw new Error(`no job is called ${name}`);
    return job;
  };
  const contextOf = (over: Partial<JobContext>): JobContext => ({
    incident: hands.story.incident,
    target: site.target,
    operation: operationOf(hands.story),
    applicationName: `backout/${operationOf(hands.story)}`,
    signal: new AbortController().signal,
    now: () => new Date(),
    progress: (told) => progress.push(told),
    say: (line) => said.push(line),
    record: async (fact) => {
      hands.recorded = fact;
    },
    get recorded() {
      return hands.recorded;
    },
    fingerprints: {
      keep: async (fingerprint) => {
        kept.set(fingerprint.hash, fingerprint);
      },
      recall: async (hash) => kept.get(hash) ?? null,
      seenFor: async (version) => (hands.known.get(version) ?? []).map((one) => one.hash),
    },
    ...over,
  });
  const inTheWorld = async <Result>(
    work: (doors: Awaited<ReturnType<typeof openDoors>>['doors']) => Promise<Result>,
  ): Promise<Result> => {
    const { doors, close } = await openDoors(site.target);
    try {
      return await work(doors);
    } finally {
      await close();
    }
  };

  const hands: Hands = {
    story: aStory({ target: site.target }),
    recorded: null,
    said,
    progress,
    known: new Map(),
    run: (name, input = {}, over = {}) =>
      inTheWorld((doors) => jobOf(name).run(input, doors, contextOf(over))),
    look: (name, input = {}, over = {}) =>
      inTheWorld((doors) => jobOf(name).look(input, doors, contextOf(over))),
    async does(name, input = {}) {
      const step = name === 'set-maintenance' ? 'maintenance-on' : name;
      hands.recorded = null;
      const report = await hands.run(name, input);
      hands.story = hands.story.ends(step, report);
      return report;
    },
  };
  return hands;
}

function operationOf(story: Story): OperationId {
  const newest = story.incident.operations.at(-1);
  if (newest === undefined) throw new Error('Nothing is under way in this story.');
  return newest.id;
}

/** Read and backed up for real: there is a plan. */
export async function planned(site: Site): Promise<Hands> {
  const hands = handsAt(site);
  await hands.does('assess');
  await hands.does('back-up', { exports: [] });
  return hands;
}

/** Both keys are turned; the next step is to stop the writers. */
export async function approved(site: Site): Promise<Hands> {
  const hands = await planned(site);
  hands.story = hands.story.approves('anna', 'on_call').approves('dora', 'dba');
  await hands.does('set-maintenance', { wanted: 'on' });
  return hands;
}

/** The writers are stopped; the next step is the down itself, for the plan with this hash. */
export async function paused(
  site: Site,
): Promise<{ readonly hands: Hands; readonly input: { readonly planHash: string } }> {
  const hands = await approved(site);
  await hands.does('pause-writers');
  const planHash = hands.story.incident.plan?.hash;
  if (planHash === undefined) throw new Error('There is no plan.');
  return { hands, input: { planHash } };
}

/** A clock on which a minute is over after a few looks. */
export function hurriedClock(): () => Date {
  let at = Date.now();
  return () => {
    at += 7_000;
    return new Date(at);
  };
}

export function resultIn<Name extends JobName>(report: Report, job: Name): ResultOf<Name> {
  if (!isResultOf(job, report.result)) throw new Error(`no result of ${job}: ${report.says}`);
  return report.result;
}

export function evidenceIn(report: Report, item: KnownItem): Evidence | undefined {
  return report.evidence.find((one) => one.item === item);
}

export function endedIn(found: Found): Report {
  if (found.state !== 'ended') throw new Error(`it has not ended: ${found.state}`);
  return found.report;
}
