/** A workshop with one kind of work, and an incident that queued it. */
import { z } from 'zod';
import type { Found, JobContext, Report } from '../../src/define-job.ts';
import { defineJob } from '../../src/define-job.ts';
import { event } from '../../src/incident/events.ts';
import type { Incident, Operation } from '../../src/incident/incident.ts';
import type { Target } from '../../src/incident/target.ts';
import { openLog } from '../../src/log.ts';
import { openDoorsOf } from '../../src/open-doors.ts';
import { appendToIncident } from '../../src/store/append.ts';
import type { StoreConnection } from '../../src/store/connect.ts';
import { newIncident, readIncident } from '../../src/store/incidents.ts';
import type { Workshop } from '../../src/work/workshop.ts';
import { aTarget } from '../support/targets.ts';

export const target: Target = aTarget();
export const targetOf = (): Target => target;
export const DONE: Report = { outcome: 'succeeded', says: 'done', evidence: [] };

/** A shop with one kind of work, in place of the assessment that every incident begins with. */
export function shopWith(
  store: StoreConnection,
  work: {
    readonly again?: 'safe' | 'looks-first';
    readonly run?: (context: JobContext) => Promise<Report>;
    readonly look?: (context: JobContext) => Promise<Found>;
  },
): Workshop {
  const { again = 'looks-first', run = async () => DONE, look } = work;
  const job = defineJob({
    name: 'assess',
    again,
    timeoutMs: 60_000,
    input: z.object({}),
    doors: [],
    run: (_input, _doors, context) => run(context),
    ...(look === undefined
      ? {}
      : { look: (_input: unknown, _doors: unknown, context: JobContext) => look(context) }),
  });
  return {
    store,
    jobs: [job],
    targetOf,
    openDoors: openDoorsOf({
      databaseUrls: { [target.name]: 'postgres://nobody@nowhere/nothing' },
      backupFolder: '/nowhere',
      folder: '/nowhere',
      pagerDutyUrl: 'http://nowhere',
      environment: {},
    }),
    worker: 'one',
    log: openLog({ level: 'silent', role: 'test' }),
    leaving: new AbortController().signal,
    leaseSeconds: 1,
  };
}

export async function anIncident(store: StoreConnection): Promise<Operation> {
  return store.transaction(async (tx) => {
    const id = await newIncident(tx, target.name);
    const opened = { incident: id, target: target.name, sentence: 'x', details: {} };
    const by = { kind: 'person', person: 'anna' } as const;
    const events = [event('incident-opened', opened)];
    const { incident } = await appendToIncident(tx, { id, before: [], events, target, by });
    const [first] = incident.operations;
    if (first === undefined) throw new Error('nothing was queued');
    return first;
  });
}

export async function now(store: StoreConnection): Promise<Operation | undefined> {
  return (await incidentIn(store)).operations[0];
}

export async function incidentIn(store: StoreConnection): Promise<Incident> {
  const read = await readIncident(store, 'INC-1');
  if (read === null) throw new Error('there is no incident');
  return read.incident;
}

export async function ranOut(store: StoreConnection): Promise<void> {
  await store.run(
    `update backout.operations set lease_until = clock_timestamp() - interval '1 second'
      where state = 'running'`,
  );
}
