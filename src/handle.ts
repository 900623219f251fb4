/**
 * One request → decide → append → reply. Whoever speaks and from where does not matter here:
 * Slack and the terminal come in by this door, and every rule is checked against the store.
 */
import type {
  Answer,
  Asked,
  Command,
  Decision,
  FormHelp,
  NeedsForm,
  Person,
  Reply,
  Unreadable,
} from './define.ts';
import type { Event } from './incident/events.ts';
import type { Incident } from './incident/incident.ts';
import { isOpen, latestResult } from './incident/incident.ts';
import { IncidentId } from './incident/names.ts';
import type { PersonId } from './incident/names.ts';
import type { Refusal } from './incident/refusal.ts';
import { refuse } from './incident/refusal.ts';
import type { Target } from './incident/target.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';
import { appendToIncident, lockIncident, storeClock } from './store/append.ts';
import type { Db, StoreConnection } from './store/connect.ts';
import { violatedConstraint } from './store/connect.ts';
import {
  incidentOfChannel,
  lastAssessedIncident,
  newIncident,
  openIncidents,
  readIncident,
} from './store/incidents.ts';
import { keepOutcome, outcomeOf } from './store/requests.ts';

export interface Request {
  /** The speaker's own id for this request: a repeat finds the first answer. */
  readonly id: string;
  readonly person: Person;
  readonly verb: string;
  /** From a button or a form. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Typed after the verb. */
  readonly words?: readonly string[];
  /** Carried by a button or a form. */
  readonly incident?: IncidentId;
  /** Where it was said. */
  readonly channel?: string;
}

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly incident: IncidentId | null }
  | { readonly kind: 'refusal'; readonly refusal: Refusal; readonly incident: IncidentId | null }
  | {
      readonly kind: 'form';
      readonly verb: string;
      readonly help: FormHelp;
      /** What has been said already; the form carries it along. */
      readonly carried: Readonly<Record<string, unknown>>;
      readonly incident: IncidentId | null;
    }
  | { readonly kind: 'problems'; readonly problems: Readonly<Record<string, string>> }
  | { readonly kind: 'unconfirmed'; readonly refusal: Refusal };

export type Handle = (request: Request) => Promise<Outcome>;
export type Prepare = (request: Request) => Promise<FormHelp | null>;

/** Slack waits 3 s and never asks again; the rest of the time is for the way there and back. */
const STORE_PATIENCE_MS = 1_500;

export interface Desk {
  readonly store: StoreConnection;
  readonly commands: readonly Command[];
  readonly targets: readonly Target[];
  readonly people: Readonly<Record<PersonId, string>>;
  readonly log: Log;
}

/** Never throws, and answers within the store's patience. */
export function openDesk(desk: Desk): { readonly handle: Handle; readonly prepare: Prepare } {
  return {
    handle: async (request) => {
      const outcome = settleOnce(desk, request).catch((error: unknown) =>
        broken(desk, request, error),
      );
      return withinPatience(outcome, request);
    },
    prepare: async (request) => {
      const command = commandOf(desk, request.verb);
      if (command?.form === undefined) return null;
      const asked = await ask(desk.store, desk, { request, command });
      return asked.kind === 'asked' ? command.form.help(asked.asked) : null;
    },
  };
}

async function withinPatience(outcome: Promise<Outcome>, request: Request): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({ kind: 'unconfirmed', refusal: refuse('not-confirmed', { verb: request.verb }) }),
      STORE_PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

function broken(desk: Desk, request: Request, error: unknown): Outcome {
  const reference = `${request.verb}-${Date.now().toString(36)}`;
  desk.log.error({ reference, verb: request.verb, error: describeError(error) }, 'a request broke');
  return { kind: 'refusal', refusal: refuse('broken', { reference }), incident: null };
}

function commandOf(desk: Desk, verb: string): Command | undefined {
  return desk.commands.find((one) => one.verb === verb);
}

/** A repeat of a settled request gets the first answer; two at once are settled one after the other. */
async function settleOnce(desk: Desk, request: Request): Promise<Outcome> {
  const command = commandOf(desk, request.verb);
  if (command === undefined) {
    const refusal = refuse('unknown-verb', { said: request.verb, nearest: 'help' });
    return { kind: 'refusal', refusal, incident: null };
  }
  if (command.kind === 'answers') {
    return toOutcome(await hear(desk.store, desk, { request, command }), request);
  }
  try {
    return await desk.store.transaction((tx) => decideOnce(tx, desk, { request, command }));
  } catch (error) {
    // Somebody opened an incident for this target, or turned the same key, a moment earlier: now it is visible.
    if (!RACES.includes(violatedConstraint(error) ?? '')) throw error;
    return desk.store.transaction((tx) => decideOnce(tx, desk, { request, command }));
  }
}

const RACES = [
  'one_open_incident_per_target',
  'one_approval_per_role',
  'one_approval_per_person',
  'requests_pkey',
];

interface Call {
  readonly request: Request;
  readonly command: Command;
}

async function decideOnce(tx: Db, desk: Desk, call: Call): Promise<Outcome> {
  const before = await outcomeOf(tx, call.request.id);
  if (before !== null) return before;
  const heard = await hear(tx, desk, call);
  const outcome =
    heard.result.kind === 'decision'
      ? await commit(tx, desk, { ...call, heard, decision: heard.result })
      : toOutcome(heard, call.request);
  // A form is no answer yet: the same person may press again and get it again.
  if (outcome.kind === 'reply') await keepOutcome(tx, call.request, outcome);
  return outcome;
}

interface Heard {
  readonly result: Decision | Answer | Refusal | NeedsForm | Unreadable;
  readonly asked: Asked<unknown> | null;
}

async function hear(db: Db, desk: Desk, call: Call): Promise<Heard> {
  const found = await ask(db, desk, call);
  if (found.kind === 'refusal') return { result: found, asked: null };
  return { result: call.command.hear(found.asked), asked: found.asked };
}

async function commit(
  tx: Db,
  desk: Desk,
  given: Call & { readonly heard: Heard; readonly decision: Decision },
): Promise<Outcome> {
  const { decision, heard, request } = given;
  const by = { kind: 'person', person: request.person.id } as const;
  if (decision.opens !== undefined) {
    const target = targetOf(desk, decision.opens.target);
    const id = await newIncident(tx, target.name);
    await appendToIncident(tx, {
      id,
      before: [],
      events: decision.opens.events(id),
      target,
      by,
      request: request.id,
    });
    return { kind: 'reply', reply: fillIncident(decision.reply, id), incident: id };
  }
  const { incident, history, target } = heard.asked ?? {};
  if (incident === undefined || incident === null || !target || history === undefined) {
    return { kind: 'reply', reply: decision.reply, incident: null };
  }
  if (decision.events.length > 0) {
    const { id } = incident;
    await appendToIncident(tx, {
      id,
      before: history,
      events: decision.events,
      target,
      by,
      request: request.id,
    });
  }
  return { kind: 'reply', reply: fillIncident(decision.reply, incident.id), incident: incident.id };
}

/** An answer is written before a new incident has its number. */
function fillIncident(reply: Reply, id: IncidentId): Reply {
  return { ...reply, text: reply.text.replaceAll('{incident}', id) };
}

function toOutcome(heard: Heard, request: Request): Outcome {
  const incident = heard.asked?.incident?.id ?? null;
  const { result } = heard;
  switch (result.kind) {
    case 'decision':
    case 'answer':
      return { kind: 'reply', reply: result.reply, incident };
    case 'refusal':
      return { kind: 'refusal', refusal: result, incident };
    case 'needs-form': {
      const input = heard.asked?.input;
      const carried = typeof input === 'object' && input !== null ? { ...input } : {};
      return { kind: 'form', verb: request.verb, help: result.help, carried, incident };
    }
    case 'unreadable':
      return { kind: 'problems', problems: result.problems };
  }
}

function targetOf(desk: Desk, name: string): Target {
  const target = desk.targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`the target ${name} is no longer in the configuration`);
  return target;
}

type Found = { readonly kind: 'asked'; readonly asked: Asked<unknown> } | Refusal;

/** Everything that a verb may look at, with the incident locked when it is going to decide. */
async function ask(db: Db, desk: Desk, call: Call): Promise<Found> {
  const { request, command } = call;
  const open = await openIncidents(db);
  const named = takeNames(request.words ?? [], desk.targets);
  const meant = await whichIncident(db, { request, command, open, named });
  if (meant.kind === 'refusal') return meant;

  const read = meant.id === null ? null : await readLocked(db, call, meant.id);
  const incident = read?.incident ?? null;
  if (meant.id !== null && incident === null)
    return refuse('unknown-incident', { incident: meant.id });
  if (command.about === 'open-incident' && incident !== null && !isOpen(incident)) {
    return refuse('closed', { incident: incident.id, target: incident.target });
  }
  const targetName = incident?.target ?? named.target ?? onlyOne(desk.targets)?.name;
  const spoken = command.words?.(named.rest, { targets: desk.targets }) ?? unspoken(named.rest);
  const asked: Asked<unknown> = {
    input: {
      ...spoken,
      ...(named.target === undefined ? {} : { target: named.target }),
      ...request.input,
    },
    person: request.person,
    now: await storeClock(db),
    targets: desk.targets,
    open,
    incident,
    target: desk.targets.find((one) => one.name === targetName) ?? null,
    history: read?.events ?? [],
    people: desk.people,
    cachedVersions: command.form === undefined ? [] : await cachedVersions(db, desk.targets),
    ...(request.channel === undefined ? {} : { saidIn: request.channel }),
  };
  return { kind: 'asked', asked };
}

/** Words that a verb has no use for are named to the person, never dropped in silence. */
function unspoken(words: readonly string[]): Readonly<Record<string, unknown>> {
  return words.length === 0 ? {} : { unexpected: words.join(' ') };
}

async function readLocked(
  db: Db,
  call: Call,
  id: IncidentId,
): Promise<{ readonly incident: Incident | null; readonly events: readonly Event[] } | null> {
  return call.command.kind === 'decides' ? lockIncident(db, id) : readIncident(db, id);
}

function onlyOne<One>(list: readonly One[]): One | undefined {
  return list.length === 1 ? list[0] : undefined;
}

interface Named {
  readonly incident?: IncidentId;
  readonly target?: string;
  readonly rest: readonly string[];
}

/** `INC-4` or a target's name may come first after the verb. */
function takeNames(words: readonly string[], targets: readonly Target[]): Named {
  const [first, ...rest] = words;
  if (first === undefined) return { rest: [] };
  const incident = IncidentId.safeParse(first.toUpperCase());
  if (incident.success) return { incident: incident.data, rest };
  if (targets.some((one) => one.name === first)) return { target: first, rest };
  return { rest: words };
}

type Meant = { readonly kind: 'meant'; readonly id: IncidentId | null } | Refusal;

/** By name, by the button, by the channel, by the target, or because it is the only one that is open. */
async function whichIncident(
  db: Db,
  given: Call & { readonly open: readonly Incident[]; readonly named: Named },
): Promise<Meant> {
  const { request, command, open, named } = given;
  if (command.about === 'no-incident') return { kind: 'meant', id: null };
  const byName = named.incident ?? request.incident;
  if (byName !== undefined) return { kind: 'meant', id: byName };
  if (named.target !== undefined) {
    const id = open.find((one) => one.target === named.target)?.id;
    if (id !== undefined) return { kind: 'meant', id };
  }
  const byChannel =
    request.channel === undefined ? null : await incidentOfChannel(db, request.channel);
  if (byChannel !== null) return { kind: 'meant', id: byChannel };
  const here = open.filter((one) => one.saidIn === request.channel && one.channel.state !== 'open');
  const only = onlyOne(here) ?? onlyOne(open);
  if (only !== undefined) return { kind: 'meant', id: only.id };
  if (command.about === 'maybe-incident') return { kind: 'meant', id: null };
  const [first] = open;
  if (first === undefined) return refuse('no-incident');
  const incidents = open.map((one) => `${one.id} (${one.target})`).join(', ');
  return refuse('which-incident', { incidents, verb: request.verb, first: first.id });
}

/** The last applied versions of each target, newest first, as the newest assessment saw them. */
async function cachedVersions(
  db: Db,
  targets: readonly Target[],
): Promise<Asked<unknown>['cachedVersions']> {
  const perTarget = await Promise.all(
    targets.map(async ({ name }) => {
      const id = await lastAssessedIncident(db, name);
      const read = id === null ? null : await readIncident(db, id);
      const facts = read === null ? undefined : latestResult(read.incident, 'assess')?.facts;
      if (facts === undefined || facts.version.state === 'none') return [];
      const current = BigInt(facts.version.version);
      return facts.folder.migrations
        .filter((one) => BigInt(one.version) <= current)
        .toReversed()
        .slice(0, 20)
        .map(({ version, name: title }) => ({ target: name, version, name: title }));
    }),
  );
  return perTarget.flat();
}
