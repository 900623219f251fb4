import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event } from '../../../src/incident/events.ts';
import { event } from '../../../src/incident/events.ts';
import { fold } from '../../../src/incident/fold.ts';
import type { Incident, Operation } from '../../../src/incident/incident.ts';
import { isOver } from '../../../src/incident/incident.ts';
import { next } from '../../../src/incident/flow/next.ts';
import type { Result } from '../../../src/incident/facts/results.ts';
import { viewRun } from '../../../src/incident/flow/run.ts';
import type { Conversation } from '../../support/conversation.ts';
import { approved, started } from '../../support/conversation.ts';
import {
  aTarget,
  assessed,
  backedUp,
  maintenance,
  resumed,
  wentDown,
} from '../../support/worlds.ts';

type Outcome = 'succeeded' | 'failed' | 'stopped';
type Step =
  | { readonly do: 'say'; readonly who: string; readonly text: string }
  | { readonly do: 'begin' | 'die' }
  | { readonly do: 'end'; readonly outcome: Outcome; readonly how: number }
  | { readonly do: 'later'; readonly minutes: number }
  | { readonly do: 'due' };

const outcomes = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Outcome>('succeeded') },
  { weight: 2, arbitrary: fc.constant<Outcome>('failed') },
  { weight: 1, arbitrary: fc.constant<Outcome>('stopped') },
);
const words = fc.constantFrom(
  'approve all-done',
  'decline no',
  'abort',
  'run',
  'resume',
  'resume same',
  'resume previous',
  'back-up',
  'plan again',
  'plan to=1',
);
const people = fc.constantFrom('anna', 'ben', 'dora', 'dev');
const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ do: fc.constant('say' as const), who: people, text: words }),
    },
    {
      weight: 16,
      arbitrary: fc.record({ do: fc.constant('end' as const), outcome: outcomes, how: fc.nat(3) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('begin' as const, 'die' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('later' as const), minutes: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.constant({ do: 'due' as const }) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

const WORKER = { kind: 'system', part: 'worker' } as const;

function take(talk: Conversation, step: Step): void {
  const open = talk.incident().operations.filter((one) => !isOver(one));
  switch (step.do) {
    case 'say':
      talk.type(step.who, step.text);
      return;
    case 'later':
      talk.later(step.minutes);
      return;
    case 'due':
      talk.due();
      return;
    case 'begin':
      begin(talk, open.at(-1));
      return;
    case 'die':
      die(talk, open.at(-1));
      return;
    case 'end':
      end(talk, open.at(-1), step);
  }
}

function begin(talk: Conversation, operation: Operation | undefined): void {
  if (operation === undefined || operation.state === 'running') return;
  talk.append(
    [event('operation-started', { operation: operation.id, worker: 'w', try: 1 })],
    WORKER,
  );
}

function die(talk: Conversation, operation: Operation | undefined): void {
  if (operation?.state !== 'running') return;
  talk.append([event('operation-lost', { operation: operation.id, why: 'gone' })], WORKER);
}

function end(
  talk: Conversation,
  operation: Operation | undefined,
  { outcome, how }: { readonly outcome: Outcome; readonly how: number },
): void {
  if (operation === undefined) return;
  if (operation.state === 'queued') begin(talk, operation);
  const result = resultOf(operation, { outcome, how, count: talk.events().length });
  talk.append(
    [
      event('operation-ended', {
        operation: operation.id,
        outcome,
        says: `${operation.step} ${outcome}`,
        foundOut: false,
        evidence: [],
        ...(result === undefined ? {} : { result }),
      }),
    ],
    { kind: 'job', operation: operation.id },
  );
}

/** What such a job can say; one that broke says nothing. */
function resultOf(
  { step }: Operation,
  given: { readonly outcome: Outcome; readonly how: number; readonly count: number },
): Result | undefined {
  const { outcome, how, count } = given;
  if (outcome !== 'succeeded' && how === 0) return undefined;
  switch (step) {
    case 'assess':
      return outcome === 'succeeded' ? assessed() : undefined;
    case 'back-up':
      return outcome === 'succeeded' ? backedUp('3', `m${count}`) : undefined;
    case 'pause-writers':
      return {
        job: 'pause-writers',
        services: [{ service: 'web', was: 'running' }],
        remainingConnections: outcome === 'succeeded' ? 0 : null,
      };
    case 'run-down': {
      if (outcome === 'succeeded') return wentDown('rolled-back');
      const down = wentDown(how === 1 ? 'unknown' : 'unchanged', how === 3);
      return how === 2 && down.job === 'run-down' ? { ...down, drift: ['the backup'] } : down;
    }
    case 'resume-services':
      return resumed(how === 1 ? 'same' : 'previous');
    case 'maintenance-on':
    case 'maintenance-off':
      return maintenance(step === 'maintenance-on' ? 'on' : 'off');
    default:
      return undefined;
  }
}

/** Every moment of a history, as the fold saw it. */
function* moments(
  events: readonly Event[],
): Generator<{ readonly happened: Event; readonly before: Incident }> {
  for (const [index, happened] of events.entries()) {
    const before = fold(events.slice(0, index));
    if (before !== null) yield { happened, before };
  }
}

function told(start: 'on_approval' | 'by_hand', taken: readonly Step[]): Conversation {
  const target = aTarget({ policy: { start, approvalTtlMinutes: 15 } });
  // Half of the histories begin where it becomes dangerous.
  const talk = taken.length % 2 === 0 ? started(target) : approved(target);
  for (const step of taken) take(talk, step);
  return talk;
}

describe.each(['on_approval', 'by_hand'] as const)('whatever happens (%s)', (start) => {
  test('nothing goes down before the writers were stopped in the same run', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        for (const { happened, before } of moments(told(start, taken).events())) {
          if (happened.type !== 'operation-queued' || happened.data.step !== 'run-down') continue;
          const pause = before.operations.find(
            (one) => one.step === 'pause-writers' && one.round === happened.data.round,
          );
          expect(pause?.state).toBe('succeeded');
        }
      }),
    );
  });

  test('nothing goes down without two people who approved exactly that plan', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        for (const { happened, before } of moments(told(start, taken).events())) {
          if (happened.type !== 'operation-queued' || happened.data.step !== 'run-down') continue;
          const hash = before.runs.at(-1)?.hash ?? '';
          expect(happened.data.key).toContain(hash);
          const given = before.approvals.filter(
            (one) => one.hash === hash && one.state === 'given',
          );
          expect(given.map((one) => one.role).toSorted()).toEqual(['dba', 'on_call']);
          expect(new Set(given.map((one) => one.by)).size).toBe(2);
        }
      }),
    );
  });

  test('services that were stopped come back, are back, or wait for a person who is told why', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const talk = told(start, taken);
        const view = viewRun(talk.incident(), talk.target);
        const pause = view?.operations.find((one) => one.step === 'pause-writers');
        if (view === null || pause?.startedAt === undefined) return;
        switch (view.phase.phase) {
          case 'under-way':
          case 'restoring':
            expect(view.operations.some((one) => !isOver(one))).toBe(true);
            return;
          case 'done':
          case 'put-back':
            expect(view.services).toMatch(/^back-/);
            return;
          case 'needs-a-person':
            expect(view.phase.why).not.toBe('');
        }
      }),
    );
  });

  test('no two operations have one key, and what follows comes to an end', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        const talk = told(start, taken);
        const { operations } = talk.incident();
        expect(new Set(operations.map((one) => one.key)).size).toBe(operations.length);
        const wanted = next(talk.incident(), talk.target, talk.now());
        expect(wanted.events).toEqual([]);
        const keys = operations.map((one) => one.key);
        expect(wanted.operations.every((one) => keys.includes(one.key))).toBe(true);
      }),
    );
  });

  test('after an abort nothing that changes the database begins in that run', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        for (const { happened, before } of moments(told(start, taken).events())) {
          if (happened.type !== 'operation-queued' || happened.data.step !== 'run-down') continue;
          expect(before.runs.at(-1)?.abort).toBeUndefined();
        }
      }),
    );
  });
});
