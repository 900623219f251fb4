/** What is meant: which incident, which target, and everything that a verb may look at. */
import type { Asked, Command } from './define-command.ts';
import type { Request } from './handle.ts';
import type { Event } from './incident/events.ts';
import type { Incident } from './incident/incident.ts';
import { isOpen, latestResult } from './incident/incident.ts';
import type { PersonId } from './incident/names.ts';
import { compareVersions, IncidentId } from './incident/names.ts';
import type { Refusal } from './incident/refusal.ts';
import { refuse } from './incident/refusal.ts';
import type { Target } from './incident/target.ts';
import type { Log } from './log.ts';
import { lockIncident, storeClock } from './store/append.ts';
import type { Db, StoreConnection } from './store/connect.ts';
import {
  incidentOfChannel,
  lastAssessedIncident,
  openIncidents,
  readIncident,
} from './store/incidents.ts';

const VERSIONS_OFFERED_MAX = 20;

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
  const named = namesIn(request, desk.targets);
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

/** In words, or chosen in a form. */
function namesIn(request: Request, targets: readonly Target[]): Named {
  const spoken = takeNames(request.words ?? [], targets);
  const chosen = targets.find((one) => one.name === request.input?.['target'])?.name;
  return chosen === undefined ? spoken : { target: chosen, ...spoken };
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
    // Another target's incident is never meant, also not in its channel.
    return { kind: 'meant', id: open.find((one) => one.target === named.target)?.id ?? null };
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
  const versions: Asked<unknown>['cachedVersions'][number][] = [];
  // One after the other: a transaction has one connection.
  for (const { name } of targets) versions.push(...(await cachedVersionsOf(db, name)));
  return versions;
}

async function cachedVersionsOf(db: Db, target: string): Promise<Asked<unknown>['cachedVersions']> {
  const id = await lastAssessedIncident(db, target);
  const read = id === null ? null : await readIncident(db, id);
  const facts = read === null ? undefined : latestResult(read.incident, 'assess')?.facts;
  if (facts === undefined || facts.version.state === 'none') return [];
  const current = facts.version.version;
  return facts.folder.migrations
    .filter((one) => compareVersions(one.version, current) <= 0)
    .toReversed()
    .slice(0, VERSIONS_OFFERED_MAX)
    .map(({ version, name }) => ({ target, version, name }));
}
