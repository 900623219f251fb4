/** A worker's hands without store and queue: one job at a time, on a real place, for an incident that has come so far. */
import { vi } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import type { Found, JobContext, Report } from '../../src/define-job.ts';
import type { Doors, Progress } from '../../src/doors.ts';
import { event } from '../../src/incident/events.ts';
import type { Fingerprint } from '../../src/incident/facts/facts.ts';
import type { OperationId, Sha256, Version } from '../../src/incident/names.ts';
import type { Evidence, KnownItem } from '../../src/incident/facts/evidence.ts';
import { isResultOf } from '../../src/incident/incident.ts';
import type { JobName, ResultOf } from '../../src/incident/facts/results.ts';
import { openDoorsOf } from '../../src/open-doors.ts';
import type { Story } from './incidents.ts';
import { aStory } from './incidents.ts';
import type { Site } from './site.ts';

/** What is different in one call; `instead` puts something else into the place of a door. */
type Over = Partial<JobContext> & { readonly instead?: (doors: Doors) => Partial<Doors> };

export interface Hands {
  /** Of the incident, up to now; a test lets more happen to it. */
  story: Story;
  /** What the running operation has kept, for whoever looks after a death. */
  recorded: unknown;
  readonly said: readonly string[];
  readonly progress: readonly Progress[];
  /** This schema has been seen for this version before. */
  know(version: Version | null, fingerprint: Fingerprint): void;
  operation(): OperationId;
  run(job: JobName, input?: unknown, over?: Over): Promise<Report>;
  look(job: JobName, input?: unknown, over?: Over): Promise<Found>;
  /** Runs it for real and lets the incident know, as the worker would. */
  does(job: JobName, input?: unknown): Promise<Report>;
}

const NOWHERE = { STORE_URL: 'postgres://nowhere/store', REDIS_URL: 'redis://nowhere' };

export function handsAt(site: Site): Hands {
  vi.stubEnv('PATH', site.environment['PATH']);
  const said: string[] = [];
  const progress: Progress[] = [];
  const kept = new Map<string, Fingerprint>();
  const seen = new Map<Version | null, readonly Sha256[]>();
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
      seenFor: async (version) => seen.get(version) ?? [],
    },
    ...over,
  });
  const inTheWorld = async <Result>(
    work: (doors: Awaited<ReturnType<typeof openDoors>>['doors']) => Promise<Result>,
  ): Promise<Result> => {
    const opened = await openDoors(site.target);
    try {
      return await work(opened.doors);
    } finally {
      await opened.close();
    }
  };

  const hands: Hands = {
    story: aStory({ target: site.target }),
    recorded: null,
    said,
    progress,
    know: (version, fingerprint) => {
      kept.set(fingerprint.hash, fingerprint);
      seen.set(version, [fingerprint.hash, ...(seen.get(version) ?? [])]);
    },
    operation: () => operationOf(hands.story),
    run: (name, input = {}, { instead = () => ({}), ...over } = {}) =>
      inTheWorld((doors) =>
        jobOf(name).run(input, { ...doors, ...instead(doors) }, contextOf(over)),
      ),
    look: (name, input = {}, { instead = () => ({}), ...over } = {}) =>
      inTheWorld((doors) =>
        jobOf(name).look(input, { ...doors, ...instead(doors) }, contextOf(over)),
      ),
    async does(name, input = {}) {
      const step = name === 'set-maintenance' ? 'maintenance-on' : name;
      const report = await hands.run(name, input);
      hands.story = hands.story.ends(step, report);
      hands.recorded = null;
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

/** Read and backed up for real: there is a plan, down to the version before or to the one that is said. */
export async function planned(site: Site, course: { readonly to?: Version } = {}): Promise<Hands> {
  const hands = handsAt(site);
  if (course.to !== undefined) {
    hands.story = hands.story.happens(event('course-chosen', { to: course.to }));
  }
  await hands.does('assess');
  await hands.does('back-up', { exports: [] });
  return hands;
}

/** Both keys are turned; the next step is to stop the writers. */
export async function approved(site: Site, course: { readonly to?: Version } = {}): Promise<Hands> {
  const hands = await planned(site, course);
  hands.story = hands.story.approves('anna', 'on_call').approves('dora', 'dba');
  await hands.does('set-maintenance', { wanted: 'on' });
  return hands;
}

/** The writers are stopped; the next step is the down itself, for the plan with this hash. */
export async function paused(
  site: Site,
  course: { readonly to?: Version } = {},
): Promise<{ readonly hands: Hands; readonly input: { readonly planHash: string } }> {
  const hands = await approved(site, course);
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
