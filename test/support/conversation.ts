/** A conversation with the verbs and nothing else: what they decide is appended as the store would, without one. */
import { expect } from 'vitest';
import { commands } from '../../commands/index.ts';
import type { Asked, Decided, Person, Unreadable } from '../../src/define-command.ts';
import type { Actor, Event, NewEvent } from '../../src/incident/events.ts';
import { event } from '../../src/incident/events.ts';
import type { Evidence } from '../../src/incident/facts/evidence.ts';
import type { Incident, Operation } from '../../src/incident/incident.ts';
import { fold } from '../../src/incident/fold.ts';
import { isOpen, isOver } from '../../src/incident/incident.ts';
import type { IncidentId } from '../../src/incident/names.ts';
import { OperationId } from '../../src/incident/names.ts';
import { next } from '../../src/incident/flow/next.ts';
import type { Result } from '../../src/incident/facts/results.ts';
import type { Target } from '../../src/incident/target.ts';
import { splitWords } from '../../src/slack/words.ts';
import { aTarget, backedUp, assessed } from './worlds.ts';

export const INCIDENT: IncidentId = 'INC-1';
const BEGINNING = Date.parse('2026-03-01T02:40:00.000Z');

export function member(id: string): Person {
  return { id, name: id, standing: 'member' };
}

export interface Ending {
  readonly outcome?: 'succeeded' | 'failed' | 'stopped';
  readonly result?: Result;
  readonly says?: string;
  readonly evidence?: readonly Evidence[];
}

export interface Conversation {
  readonly target: Target;
  incident(): Incident;
  events(): readonly Event[];
  now(): Date;
  later(minutes: number): void;
  /** The first timer that is due by now comes. */
  due(): void;
  /** As a button or a form says it. */
  say(who: string | Person, verb: string, input?: Readonly<Record<string, unknown>>): Heard;
  /** As it is typed: `approve all-done`. */
  type(who: string | Person, text: string): Heard;
  append(events: readonly NewEvent[], by?: Actor): void;
  begin(step: string): void;
  finish(step: string, ending?: Ending): void;
}
export type Heard = Decided | Unreadable;

/** Nothing has happened yet. */
export function aConversation(
  options: { readonly target?: Target; readonly others?: readonly Target[] } = {},
): Conversation {
  const { target = aTarget(), others = [] } = options;
  let events: readonly Event[] = [];
  let nowMs = BEGINNING;

  const incidentNow = (): Incident | null => fold(events);
  const write = (given: readonly NewEvent[], by: Actor): void => {
    const at = new Date(nowMs).toISOString();
    events = [
      ...events,
      ...given.map((one, index): Event => ({
        ...one,
        stream: INCIDENT,
        seq: events.length + index + 1,
        by,
        at,
      })),
    ];
  };
  const append = (given: readonly NewEvent[], by: Actor): void => {
    nowMs += 1;
    write(given, by);
    for (;;) {
      const incident = existing(incidentNow());
      const wanted = next(incident, target, new Date(nowMs));
      const queued = wanted.operations
        .filter((one) => incident.operations.every((op) => op.key !== one.key))
        .map(({ key, job, step, round, attempt }, index) => {
          const operation = OperationId.parse(
            `${INCIDENT}/op-${incident.operations.length + index + 1}`,
          );
          return event('operation-queued', { operation, key, job, step, round, attempt });
        });
      if (wanted.events.length + queued.length === 0) return;
      write([...wanted.events, ...queued], { kind: 'system', part: 'next' });
    }
  };
  const hear = (who: string | Person, verb: string, input: Asked<unknown>['input']): Heard => {
    const person = typeof who === 'string' ? member(who) : who;
    const incident = incidentNow();
    const heard = commandOf(verb).hear({
      input,
      person,
      now: new Date(nowMs),
      targets: [target, ...others],
      open: incident !== null && isOpen(incident) ? [incident] : [],
      incident,
      target: incident === null && others.length > 0 ? null : target,
      history: events,
      people: {},
      cachedVersions: [
        { target: target.name, version: '3', name: 'rename_name' },
        { target: target.name, version: '2', name: 'add_email' },
      ],
    });
    if (heard.kind === 'decision') {
      const decided = heard.opens === undefined ? heard.events : heard.opens.events(INCIDENT);
      append(decided, { kind: 'person', person: person.id });
    }
    return heard;
  };
  const underWay = (step: string): Operation => {
    const found = existing(incidentNow()).operations.findLast(
      (one) => one.step === step && !isOver(one),
    );
    if (found === undefined) throw new Error(`no ${step} is under way`);
    return found;
  };

  return {
    target,
    incident: () => existing(incidentNow()),
    events: () => events,
    now: () => new Date(nowMs),
    later: (minutes) => {
      nowMs += minutes * 60_000;
    },
    say: (who, verb, input = {}) => hear(who, verb, input),
    type: (who, text) => {
      const [verb, ...words] = splitWords(text);
      const isNamed = words[0]?.text === target.name;
      const said = words[0]?.text === INCIDENT || isNamed ? words.slice(1) : words;
      const command = commandOf(verb?.text ?? 'panel');
      const rest = said.map((one) => one.text);
      const unexpected = rest.length === 0 ? {} : { unexpected: rest.join(' ') };
      const named = isNamed ? { target: target.name } : {};
      const read = command.words?.(rest, said) ?? unexpected;
      return hear(who, command.verb, { ...read, ...named });
    },
    due: () => {
      const { timers } = next(existing(incidentNow()), target, new Date(nowMs));
      const first = timers.find((one) => Date.parse(one.dueAt) <= nowMs);
      append(first === undefined ? [] : [first.event], { kind: 'system', part: 'test' });
    },
    append: (given, by = { kind: 'system', part: 'test' }) => append(given, by),
    begin: (step) => {
      const { id } = underWay(step);
      append([event('operation-started', { operation: id, worker: 'w', try: 1 })], {
        kind: 'job',
        operation: id,
      });
    },
    finish: (step, ending = {}) => {
      const { outcome = 'succeeded', result, says = `${step} ended`, evidence = [] } = ending;
      const { id } = underWay(step);
      append(
        [
          event('operation-started', { operation: id, worker: 'w', try: 1 }),
          event('operation-ended', {
            operation: id,
            outcome,
            says,
            foundOut: false,
            evidence: [...evidence],
            ...(result === undefined ? {} : { result }),
          }),
        ],
        { kind: 'job', operation: id },
      );
    },
  };
}

function existing(incident: Incident | null): Incident {
  if (incident === null) throw new Error('there is no incident yet');
  return incident;
}

export function commandOf(verb: string): (typeof commands)[number] {
  const found = commands.find((one) => one.verb === verb);
  if (found === undefined) throw new Error(`there is no verb ${verb}`);
  return found;
}

/** Opened by anna; nothing has been read or backed up yet. */
export function started(target: Target = aTarget()): Conversation {
  const talk = aConversation({ target });
  talk.type('anna', 'start logins fail');
  return talk;
}

/** Read, backed up, and the plan is there. */
export function planned(target: Target = aTarget()): Conversation {
  const talk = started(target);
  talk.finish('assess', { result: assessed() });
  talk.finish('back-up', { result: backedUp() });
  return talk;
}

/** Both keys are turned; with `on_approval` the run has begun. */
export function approved(target: Target = aTarget()): Conversation {
  const talk = planned(target);
  talk.type('anna', 'approve all-done');
  talk.type('dora', 'approve');
  return talk;
}

/** For a part of what was said, inside a larger expectation. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}
