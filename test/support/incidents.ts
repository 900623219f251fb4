/** Incidents as the store would hold them: real events, folded, with everything that follows by itself. */
import type { Evidence } from '../../src/incident/facts/evidence.ts';
import type { Actor, Event, NewEvent } from '../../src/incident/events.ts';
import { event } from '../../src/incident/events.ts';
import type { Incident, Operation } from '../../src/incident/incident.ts';
import { fold } from '../../src/incident/fold.ts';
import type { ApprovalRole, OperationId, PersonId } from '../../src/incident/names.ts';
import { next } from '../../src/incident/flow/next.ts';
import { sha256 } from '../../src/incident/plan/plan.ts';
import type { Result } from '../../src/incident/facts/results.ts';
import type { RunStep } from '../../src/incident/flow/run.ts';
import type { Target } from '../../src/incident/target.ts';
import { aBackup, aTarget, someFacts } from './targets.ts';

export interface Ending {
  readonly outcome?: 'succeeded' | 'failed' | 'stopped';
  readonly says?: string;
  readonly evidence?: readonly Evidence[];
  readonly tail?: string;
  readonly result?: Result;
  readonly foundOut?: boolean;
}

export interface Story {
  readonly target: Target;
  readonly events: readonly Event[];
  readonly incident: Incident;
  readonly now: Date;
  /** Something happens, and whatever follows from it by itself. */
  happens(what: NewEvent, by?: PersonId | Actor): Story;
  begins(step: string): Story;
  dies(step: string): Story;
  /** The newest operation of a step ends; without more said it succeeds with a plausible result. */
  ends(step: string, ending?: Ending): Story;
  approves(person: PersonId, role: ApprovalRole): Story;
  waits(ms: number): Story;
}

const BEGAN_AT = Date.parse('2026-11-22T03:00:00.000Z');
const MOMENT_MS = 1_000;
const ROUNDS_MAX = 20;

/** `INC-1` for `auth`, opened by anna. */
export function aStory(
  given: { readonly target?: Target; readonly sentence?: string } = {},
): Story {
  const { target = aTarget(), sentence = 'Logins fail since the release' } = given;
  const opened = event('incident-opened', {
    incident: 'INC-1',
    target: target.name,
    sentence,
    details: {},
    saidIn: 'C0TALK',
  });
  return storyOf(target, [], BEGAN_AT).happens(opened, 'anna');
}

function storyOf(target: Target, events: readonly Event[], clock: number): Story {
  const newest = (step: string): Operation => {
    const found = fold(events)?.operations.findLast((one) => one.step === step);
    if (found === undefined) throw new Error(`There is no operation ${step} in this story.`);
    return found;
  };
  const happens: Story['happens'] = (what, by = 'anna') => {
    const actor: Actor = typeof by === 'string' ? { kind: 'person', person: by } : by;
    const at = clock + MOMENT_MS;
    return storyOf(
      target,
      settled(target, [...events, stored(what, actor, events.length, at)], at),
      at,
    );
  };
  const story: Story = {
    target,
    events,
    now: new Date(clock),
    get incident() {
      const incident = fold(events);
      if (incident === null) throw new Error('This story has not begun.');
      return incident;
    },
    happens,
    begins: (step) =>
      happens(
        event('operation-started', { operation: newest(step).id, worker: 'worker-1', try: 1 }),
        worker,
      ),
    dies: (step) =>
      happens(
        event('operation-lost', { operation: newest(step).id, why: 'Its worker is gone.' }),
        worker,
      ),
    ends: (step, ending = {}) => {
      const operation = newest(step);
      if (operation.state === 'queued') return story.begins(step).ends(step, ending);
      return happens(ended(operation, ending, story.incident), {
        kind: 'job',
        operation: operation.id,
      });
    },
    approves: (person, role) => {
      const hash = story.incident.plan?.hash;
      if (hash === undefined) throw new Error('There is no plan to approve in this story.');
      const expiresAt = new Date(clock + target.policy.approvalTtlMinutes * 60_000).toISOString();
      return happens(event('approval-given', { role, hash, expiresAt }), person);
    },
    waits: (ms) => storyOf(target, events, clock + ms),
  };
  return story;
}

const worker: Actor = { kind: 'system', part: 'worker' };
const system: Actor = { kind: 'system', part: 'next' };

function stored(what: NewEvent, by: Actor, seq: number, at: number): Event {
  return { ...what, stream: 'INC-1', seq: seq + 1, by, at: new Date(at).toISOString() };
}

/** As the store does inside every append: what follows is added until nothing follows. */
function settled(target: Target, events: readonly Event[], at: number): readonly Event[] {
  let all = events;
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const incident = fold(all);
    if (incident === null) return all;
    const wanted = next(incident, target, new Date(at));
    const queued = wanted.operations
      .filter((one) => !incident.operations.some((there) => there.key === one.key))
      .map(({ key, job, step, round: ofRound, attempt }, index) => {
        const operation: OperationId = `INC-1/op-${incident.operations.length + 1 + index}`;
        return event('operation-queued', { operation, key, job, step, round: ofRound, attempt });
      });
    const more = wanted.events.length > 0 ? wanted.events : queued;
    if (more.length === 0) return all;
    all = more.reduce((before, one) => [...before, stored(one, system, before.length, at)], all);
  }
  throw new Error('What follows by itself does not come to an end.');
}

function ended(operation: Operation, ending: Ending, incident: Incident): NewEvent {
  const { outcome = 'succeeded', says = 'It is done.', evidence = [], foundOut = false } = ending;
  const result = ending.result ?? plausibleResult(operation.step, outcome, incident);
  return event('operation-ended', {
    operation: operation.id,
    outcome,
    says,
    foundOut,
    evidence: [...evidence],
    ...(result === undefined ? {} : { result }),
    ...(ending.tail === undefined ? {} : { tail: ending.tail }),
  });
}

/** What such a job says when nothing special is the matter; an unsuccessful one says nothing, unless it always does. */
export function plausibleResult(
  step: string,
  outcome: NonNullable<Ending['outcome']>,
  incident: Incident,
): Result | undefined {
  const before = sha256('schema of 8');
  const services = ['auth-service', 'gateway-service'].map((service) => ({
    service,
    ok: outcome === 'succeeded',
    says: outcome === 'succeeded' ? 'It answers.' : 'It does not answer.',
  }));
  if (outcome !== 'succeeded' && !['resume-services', 'check-services', 'run-down'].includes(step))
    return undefined;
  switch (step) {
    case 'assess':
      return { job: 'assess', facts: someFacts() };
    case 'back-up':
      return { job: 'back-up', backup: aBackup() };
    case 'maintenance-on':
    case 'maintenance-off':
      return {
        job: 'set-maintenance',
        wanted: step === 'maintenance-on' ? 'on' : 'off',
        configured: false,
      };
    case 'pause-writers':
      return {
        job: 'pause-writers',
        services: services.map(({ service }) => ({ service, was: 'running' })),
        remainingConnections: 0,
      };
    case 'run-down':
      return {
        job: 'run-down',
        schema: outcome === 'succeeded' ? 'rolled-back' : 'unchanged',
        version: { state: 'at', version: '7', dirty: outcome !== 'succeeded' },
        before,
        after: outcome === 'succeeded' ? sha256('schema of 7') : before,
        tookMs: 900,
        drift: [],
      };
    case 'verify':
      return {
        job: 'verify',
        version: { state: 'at', version: '7', dirty: false },
        fingerprint: sha256('schema of 7'),
        schema: 'as-known',
        differences: [],
        newTrouble: [],
      };
    case 'resume-services': {
      const version = incident.runs.at(-1)?.resumes.at(-1)?.version ?? 'previous';
      const switched = version === 'previous';
      return {
        job: 'resume-services',
        version,
        services: services.map((one) => ({ ...one, switched })),
      };
    }
    case 'check-services':
      return { job: 'check-services', services };
    case 'check-performance': {
      const unknown = { state: 'unknown', why: 'pg_stat_statements is not installed.' } as const;
      return {
        job: 'check-performance',
        performance: { slowQueries: unknown, indexUse: { state: 'known', value: [] } },
      };
    }
    default:
      return { job: 'page', accepted: outcome === 'succeeded', says: 'The pager took it.' };
  }
}

export type Stage =
  | 'opened'
  | 'planned'
  | 'approved'
  | 'running'
  | 'rolled-back'
  | 'done'
  | 'closed';

const STEPS_TO: Readonly<Record<'running' | 'rolled-back' | 'done', readonly RunStep[]>> = {
  running: [],
  'rolled-back': ['maintenance-on', 'pause-writers', 'run-down'],
  done: [
    'maintenance-on',
    'pause-writers',
    'run-down',
    'verify',
    'resume-services',
    'check-services',
    'check-performance',
    'maintenance-off',
  ],
};

/** A story that has come so far. `approved` waits for `run`: its target starts by hand. */
export function aStoryAt(stage: Stage, given: Parameters<typeof aStory>[0] = {}): Story {
  if (stage === 'approved') {
    const { policy, ...target } = given.target ?? aTarget();
    const byHand = { ...target, policy: { ...policy, start: 'by_hand' } } as const;
    return bothApprove(planned(aStory({ ...given, target: byHand })));
  }
  const story = aStory(given);
  if (stage === 'opened') return story;
  if (stage === 'planned') return planned(story);
  if (stage === 'closed') {
    const closing = { outcome: 'rolled-back', archiveAt: '2026-11-22T05:00:00.000Z' } as const;
    return aStoryAt('done', given).happens(event('incident-closed', closing));
  }
  return STEPS_TO[stage].reduce((before, step) => before.ends(step), bothApprove(planned(story)));
}

function planned(story: Story): Story {
  return story.ends('assess').ends('back-up');
}

function bothApprove(story: Story): Story {
  return story.approves('anna', 'on_call').approves('dora', 'dba');
}

export function anIncident(stage: Stage = 'opened'): Incident {
  return aStoryAt(stage).incident;
}
