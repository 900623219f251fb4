/** What is meant: which incident, which target, and everything that a verb may look at. */
import type { Asked, Command } from './define-command.ts';
import type { Request } from './handle.ts';
import type { Event } from './incident/events.ts';
import type { Incident } from './incident/incident.ts';
import { isOpen } from './incident/incident.ts';
import type { PersonId } from './incident/names.ts';
import { IncidentId } from './incident/names.ts';
import { mayRead, sayPrivate } from './incident/privacy.ts';
import type { Refusal } from './incident/refusal.ts';
import { refuse } from './incident/refusal.ts';
import type { Target } from './incident/target.ts';
import type { Word } from './incident/words.ts';
import { targetMeant } from './incident/words.ts';
import type { Log } from './log.ts';
import { lockIncident, storeClock } from './store/append.ts';
import type { Db, StoreConnection } from './store/connect.ts';
import { incidentOfChannel, openIncidents, readIncident } from './store/incidents.ts';
import { versionsSeen } from './store/seen-versions.ts';

export interface Desk {
  readonly store: StoreConnection;
  readonly commands: readonly Command[];
  readonly targets: readonly Target[];
  readonly people: Readonly<Record<PersonId, string>>;
  readonly log: Log;
}

export interface Call {
  readonly request: Request;
  readonly command: Command;
}

export type Found = { readonly kind: 'asked'; readonly asked: Asked<unknown> } | Refusal;

/** Everything that a verb may look at, with the incident locked when it is going to decide. */
export async function ask(db: Db, desk: Desk, call: Call): Promise<Found> {
  const { request, command } = call;
  const open = await openIncidents(db);
  const { targets } = desk;
  const { channel } = request;
  const byChannel = channel === undefined ? null : await incidentOfChannel(db, channel);
  const named = namesIn(call, { targets, byChannel });
  const meant = whichIncident({ request, command, targets, byChannel, open, named });
  if (meant.kind === 'refusal') return meant;

  const found = meant.id === null ? null : await readLocked(db, call, meant.id);
  const hidden = hiddenFrom(desk, request, found?.incident ?? null);
  const isAskedFor = named.incident !== undefined || request.incident !== undefined;
  // What works without an incident works without one that is nobody else's business, unless it was asked for.
  const isLeftOut = hidden !== null && command.about === 'maybe-incident' && !isAskedFor;
  // A start says so itself.
  if (hidden !== null && !isLeftOut && command.about !== 'a-target') {
    return refuse('private', { what: sayPrivate(hidden) });
  }
  const read = isLeftOut ? null : found;
  const incident = read?.incident ?? null;
  if (meant.id !== null && found === null)
    return refuse('unknown-incident', { incident: meant.id });
  if (command.about === 'open-incident' && incident !== null && !isOpen(incident)) {
    return refuse('closed', { incident: incident.id, target: incident.target });
  }
  const targetName = incident?.target ?? named.target ?? onlyOne(desk.targets)?.name;
  const words = named.rest.map((one) => one.text);
  const spoken = command.words?.(words, named.rest) ?? unspoken(words);
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

/** The incident, when this person may not read about it. */
function hiddenFrom(
  { targets }: Desk,
  { person, channel }: Request,
  incident: Incident | null,
): Incident | null {
  const target = targets.find((one) => one.name === incident?.target);
  if (incident === null || target === undefined) return null;
  return mayRead({ incident, target, person: person.id, saidIn: channel }) ? null : incident;
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
  readonly rest: readonly Word[];
}

/** Whatever follows these is what somebody has to say: “Billing is down too” names no target. */
export const TEXT_VERBS: readonly string[] = ['note', 'decline', 'abort'];

interface Whereby {
  readonly targets: readonly Target[];
  /** The incident whose channel it was said in. */
  readonly byChannel: IncidentId | null;
  readonly open: readonly Incident[];
  readonly named: Named;
}

/** In words, or chosen in a form. */
function namesIn(
  { request, command }: Call,
  { targets, byChannel }: Pick<Whereby, 'targets' | 'byChannel'>,
): Named {
  const isText = TEXT_VERBS.includes(command.verb);
  const isPlaced = request.incident !== undefined || byChannel !== null;
  const spoken = takeNames(request.words ?? [], (said) => {
    if (!isText) return targetMeant(said, targets);
    return isPlaced ? undefined : targets.find((one) => one.name === said);
  });
  // A form is about the incident it was opened for, whatever is open for that target by now.
  if (request.incident !== undefined && command.about !== 'a-target') return spoken;
  const chosen = request.input?.['target'];
  const target = typeof chosen === 'string' ? targetMeant(chosen, targets) : undefined;
  return target === undefined ? spoken : { target: target.name, ...spoken };
}

/** `INC-4` or a target's name may come first after the verb. */
function takeNames(words: readonly Word[], targetOf: (said: string) => Target | undefined): Named {
  const [first, ...rest] = words;
  if (first === undefined) return { rest: [] };
  const incident = IncidentId.safeParse(first.text.toUpperCase());
  if (incident.success) return { incident: incident.data, rest };
  const target = targetOf(first.text);
  return target === undefined ? { rest: words } : { target: target.name, rest };
}

type Meant = { readonly kind: 'meant'; readonly id: IncidentId | null } | Refusal;

/** By name, by the target, by the button, by the channel, or because it is the only one that is open. */
function whichIncident(given: Call & Whereby): Meant {
  const { request, command, byChannel, open, named } = given;
  if (command.about === 'no-incident') return { kind: 'meant', id: null };
  if (named.incident !== undefined) return { kind: 'meant', id: named.incident };
  // Another target's incident is never meant, also not in its channel.
  if (named.target !== undefined) return { kind: 'meant', id: openFor(named.target, open) };
  if (request.incident !== undefined) return { kind: 'meant', id: request.incident };
  if (byChannel !== null) return { kind: 'meant', id: byChannel };
  if (command.about === 'a-target') {
    // What is open for another database says nothing about which one is broken now.
    return { kind: 'meant', id: openFor(onlyOne(given.targets)?.name, open) };
  }
  const here = open.filter((one) => one.saidIn === request.channel && one.channel.state !== 'open');
  const only = onlyOne(here) ?? onlyOne(open);
  if (only !== undefined) return { kind: 'meant', id: only.id };
  if (command.about === 'maybe-incident') return { kind: 'meant', id: null };
  const [first] = open;
  if (first === undefined) return refuse('no-incident');
  const incidents = open.map((one) => `${one.id} (${one.target})`).join(', ');
  return refuse('which-incident', { incidents, verb: request.verb, first: first.id });
}

function openFor(target: string | undefined, open: readonly Incident[]): IncidentId | null {
  return open.find((one) => one.target === target)?.id ?? null;
}

/** The last applied versions of each target, newest first, as they were when it was last read. */
async function cachedVersions(
  db: Db,
  targets: readonly Target[],
): Promise<Asked<unknown>['cachedVersions']> {
  const versions: Asked<unknown>['cachedVersions'][number][] = [];
  // One after the other: a transaction has one connection.
  for (const { name: target } of targets) {
    const applied = await versionsSeen(db, target);
    versions.push(...applied.map(({ version, name }) => ({ target, version, name })));
  }
  return versions;
}
