/** A whole rollback without Slack: a site, a store, a queue, people at the desk, and workers that can be killed. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { commands } from '../../commands/index.ts';
import type { Outcome } from '../../src/handle.ts';
import { openDesk } from '../../src/handle.ts';
import type { Incident } from '../../src/incident/incident.ts';
import type { IncidentId } from '../../src/incident/names.ts';
import type { RunView } from '../../src/incident/flow/run.ts';
import { viewRun } from '../../src/incident/flow/run.ts';
import type { Log } from '../../src/log.ts';
import { CHANGED } from '../../src/store/append.ts';
import { readIncident } from '../../src/store/incidents.ts';
import { releaseLeases } from '../../src/store/leases.ts';
import { startWorker } from '../../src/worker.ts';
import { freshRedis } from './redis.ts';
import type { Site, SiteOptions } from './site.ts';
import { aSite } from './site.ts';
import type { FreshStore } from './store.ts';
import { freshStore } from './store.ts';

/** A few missed beats; fifteen seconds would be waited for in every test. */
const LEASE_SECONDS = 3;
const PATIENCE_MS = 45_000;
const INCIDENT: IncidentId = 'INC-1';

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Its exit code, null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

export interface Rollback extends AsyncDisposable {
  readonly site: Site;
  readonly store: FreshStore;
  readonly redisUrl: string;
  /** The contract's environment, complete. */
  readonly environment: Readonly<Record<string, string>>;
  say(
    who: 'anna' | 'ben' | 'dora',
    verb: string,
    input?: Readonly<Record<string, unknown>>,
  ): Promise<Outcome>;
  incident(): Promise<Incident>;
  view(): Promise<RunView>;
  /** Woken by every change of the store; what there was instead is shown when it does not come. */
  until(what: string, holds: (incident: Incident) => boolean): Promise<Incident>;
  untilPhase(phase: RunView['phase']['phase']): Promise<Incident>;
  /** A worker in this process. */
  worker(): Promise<{ stop(): Promise<void> }>;
  workerProcess(how?: {
    readonly main?: boolean;
    readonly environment?: Readonly<Record<string, string>>;
  }): Promise<WorkerProcess>;
}

const SILENT: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  debug: () => undefined,
  child: () => SILENT,
};

export interface RollbackOptions extends SiteOptions {
  readonly redisUrl?: string;
}

export async function aRollback(options: RollbackOptions = {}): Promise<Rollback> {
  const [site, fresh] = await Promise.all([aSite(options), freshStore()]);
  const { store } = fresh;
  const redisUrl = options.redisUrl ?? (await freshRedis()).url;
  const environment = {
    ...site.environment,
    STORE_URL: fresh.appUrl,
    STORE_OWNER_URL: fresh.ownerUrl,
    REDIS_URL: redisUrl,
  };
  vi.stubEnv('PATH', site.environment['PATH']);
  const config = site.config(environment);
  const desk = openDesk({
    store,
    commands,
    targets: config.targets,
    people: { anna: 'Anna', ben: 'Ben', dora: 'Dora' },
    log: SILENT,
  });
  const closing: (() => Promise<void>)[] = [];
  let requests = 0;

  const incident = async (): Promise<Incident> => {
    const read = await readIncident(store, INCIDENT);
    if (read === null) throw new Error('Nobody has opened an incident yet.');
    return read.incident;
  };
  const until: Rollback['until'] = (what, holds) =>
    untilChange({ fresh, what, read: incident, holds });

  return {
    site,
    store: fresh,
    redisUrl,
    environment,
    incident,
    until,
    view: async () => viewOf(await incident(), site),
    untilPhase: (phase) =>
      until(`the run is ${phase}`, (now) => viewRun(now, site.target)?.phase.phase === phase),
    say: (who, verb, input = {}) => {
      requests += 1;
      const person = { id: who, name: who, standing: 'member' } as const;
      return desk.handle({ id: `request-${requests}`, person, verb, input });
    },
    async worker() {
      const name = `in-process/${closing.length}`;
      const worker = startWorker({ config, store, log: SILENT, name, leaseSeconds: LEASE_SECONDS });
      const unlisten = await store.listen(CHANGED, () => worker.wake());
      let stopping: Promise<void> | undefined;
      const stop = (): Promise<void> => {
        stopping ??= unlisten()
          .then(() => worker.stop())
          .then(() => releaseLeases(store, name));
        return stopping;
      };
      closing.push(stop);
      return { stop };
    },
    async workerProcess({ main = false, environment: over = {} } = {}) {
      const started = await startProcess({ ...environment, ...over }, main);
      closing.push(async () => {
        started.kill('SIGKILL');
        await started.ended;
      });
      return started;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(closing.map((close) => close()));
      vi.unstubAllEnvs();
      await fresh[Symbol.asyncDispose]();
      await site[Symbol.asyncDispose]();
    },
  };
}

function viewOf(incident: Incident, site: Site): RunView {
  const view = viewRun(incident, site.target);
  if (view === null) throw new Error('Nothing has been run yet.');
  return view;
}

async function untilChange(given: {
  readonly fresh: FreshStore;
  readonly what: string;
  readonly read: () => Promise<Incident>;
  readonly holds: (incident: Incident) => boolean;
}): Promise<Incident> {
  const { fresh, what, read, holds } = given;
  let check = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const found = new Promise<Incident>((resolve, reject) => {
    check = () => {
      read().then((now) => (holds(now) ? resolve(now) : undefined), reject);
    };
    timer = setTimeout(() => {
      read().then(
        (now) => reject(new Error(`It never came to be that ${what}.\n${tell(now)}`)),
        reject,
      );
    }, PATIENCE_MS);
  });
  const unlisten = await fresh.store.listen(CHANGED, () => check());
  try {
    return await found;
  } finally {
    clearTimeout(timer);
    await unlisten();
  }
}

/** What there is, for whoever reads a failed test. */
function tell(incident: Incident): string {
  const operations = incident.operations.map(({ id, step, attempt, state, says = '', tail = '' }) =>
    `  ${id} ${step}${attempt > 1 ? ` (${attempt})` : ''}: ${state} ${says} ${tail}`.trimEnd(),
  );
  const approvals = incident.approvals.map((one) => `  ${one.role} by ${one.by}: ${one.state}`);
  return [...operations, ...approvals].join('\n');
}

async function startProcess(
  environment: Readonly<Record<string, string>>,
  main: boolean,
): Promise<WorkerProcess> {
  const program = main ? 'src/main.ts' : 'test/support/fixtures/worker-process.ts';
  const args = [
    join(import.meta.dirname, '../..', program),
    main ? 'worker' : String(LEASE_SECONDS),
  ];
  const env = main ? { ...environment, LOG_LEVEL: 'info' } : environment;
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit').then(([code]: unknown[]) =>
    typeof code === 'number' ? code : null,
  );
  await Promise.race([
    said(child.stdout, /ready|Backout is running/),
    ended.then((code) => {
      throw new Error(`The worker ended with ${String(code)} before it was ready.`);
    }),
  ]);
  const { pid } = child;
  if (pid === undefined) throw new Error('The worker has no process.');
  return { pid, ended, kill: (signal) => child.kill(signal) };
}

async function said(stream: NodeJS.ReadableStream, what: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve) => {
    stream.on('data', (chunk: unknown) => {
      text += String(chunk);
      if (what.test(text)) resolve();
    });
  });
}

/** Reported, read and backed up: there is a plan that can be approved. */
export async function opened(rollback: Rollback): Promise<Incident> {
  await rollback.say('anna', 'start', { target: 'app', sentence: 'the rename broke the login' });
  return rollback.until('there is a plan', (now) => now.plan !== undefined);
}

/** Both keys: with the second one the run begins. */
export async function bothApprove(rollback: Rollback): Promise<void> {
  await rollback.say('anna', 'approve', { allDone: true });
  await rollback.say('dora', 'approve', { allDone: true });
}

/** How often a command of the site was called. */
export async function times(rollback: Rollback, call: string): Promise<number> {
  return (await rollback.site.calls()).filter((one) => one === call).length;
}

/** At the version before, with the services back in the version before, and nothing done twice. */
export async function rolledBackOnce(rollback: Rollback): Promise<void> {
  const { site } = rollback;
  expect(await site.version()).toBe('2');
  expect(await site.standing()).toEqual(['web running 1', 'worker running 1']);
  expect(await times(rollback, 'migrate')).toBe(1);
  expect(await times(rollback, 'previous web')).toBe(1);
}
