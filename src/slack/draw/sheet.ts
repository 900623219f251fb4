/** One incident on the way into Slack: where it is drawn, what is not yet as it has to be, and in which order. */
import { event } from '../../incident/events.ts';
import type { Incident } from '../../incident/incident.ts';
import { claimOf, isOpen } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import type { Target } from '../../incident/target.ts';
import { readIncident } from '../../store/incidents.ts';
import type { Surface } from '../../store/surfaces.ts';
import { surfaceDrawn, surfacesOf } from '../../store/surfaces.ts';
import type { Attempts } from './channel.ts';
import { makeChannel } from './channel.ts';
import { endingOf } from './ending.ts';
import type { Room } from './furnishing.ts';
import { missingFurniture, putFurniture } from './furnishing.ts';
import type { Drawn, Hand } from './hand.ts';
import { note } from './hand.ts';
import type { Uploads } from './paper.ts';
import { isOfInterest, moved, noChannel, placeOf } from './place.ts';
import { sceneOf } from '../scenes.ts';
import { notStranded, sayStranded } from './stranded.ts';
import type { Stroke } from './surface.ts';
import { draw, isBehind } from './surface.ts';
import type { Drawing, People, Scene } from '../views/drawing.ts';
import { drawIncident } from '../views/incident.ts';

/** Progress is drawn this often; news at once. */
const PROGRESS_MS = 5_000;

export interface SheetSource {
  readonly hand: Hand;
  readonly targets: readonly Target[];
  readonly people: People;
  readonly homeChannel?: string | undefined;
  /** In milliseconds, never backwards. */
  readonly clock: () => number;
  /** Nothing in it is needed: after a restart it fills again. */
  readonly memory: {
    /** When this process drew a message the last time, and at which event of the incident. */
    readonly drawn: Map<string, { readonly at: number; readonly seq: number }>;
    /** Places that are no channel of ours where we may speak. */
    readonly unusable: Set<string>;
    readonly attempts: Map<IncidentId, Attempts>;
    readonly uploads: Uploads;
    /** Those of which it is logged that their target is gone. */
    readonly stranded: Set<IncidentId>;
  };
}

export interface Sheet {
  readonly incident: Incident;
  readonly scene: Scene;
  readonly hasNews: boolean;
  /** A clock is shown that has to go on. */
  readonly isClocked: boolean;
  /** Its channel could not be made, and is tried again. */
  readonly isTrying: boolean;
  readonly place: string | null;
  readonly surfaces: readonly Surface[];
  /** What has come of making its channel. */
  readonly results: readonly Drawn[];
}

type Read =
  | { readonly state: 'sheet'; readonly sheet: Sheet }
  /** Its target is no longer configured. */
  | { readonly state: 'stranded'; readonly incident: Incident; readonly drawn: Drawn };

/** Reads the incident; makes its channel when it has none yet. */
export async function readSheet(
  source: SheetSource,
  { id, hasNews }: { readonly id: IncidentId; readonly hasNews: boolean },
): Promise<Read | null> {
  const { hand, targets, people, homeChannel, clock, memory } = source;
  const { attempts, unusable } = memory;
  const scene = await sceneOf({ store: hand.store, targets, people }, id);
  if (scene === null) return stranded(source, id);
  const isWanted = isOpen(scene.incident);
  const made = isWanted ? await makeChannel(hand, { ...scene, attempts, clock }) : null;
  const incident = made?.incident ?? scene.incident;
  return {
    state: 'sheet',
    sheet: {
      incident,
      scene: { ...scene, incident },
      hasNews,
      isClocked: isWanted,
      isTrying:
        isWanted && incident.channel.state === 'failed' && claimOf(incident.channel) !== undefined,
      place: placeOf({ homeChannel, unusable }, incident),
      surfaces: await surfacesOf(hand.store, id),
      results: made?.state === 'later' ? [{ state: 'later', waitMs: made.waitMs }] : [],
    },
  };
}

/** Null when there is no such incident at all. */
async function stranded(source: SheetSource, id: IncidentId): Promise<Read | null> {
  const { hand, homeChannel, memory } = source;
  const incident = (await readIncident(hand.store, id))?.incident;
  if (incident === undefined) return null;
  const place = placeOf({ homeChannel, unusable: memory.unusable }, incident);
  const isNew = !memory.stranded.has(id);
  memory.stranded.add(id);
  if (isNew) {
    const { target } = incident;
    hand.log.error({ incident: id, target }, 'its target is no longer configured: it stands still');
  }
  return { state: 'stranded', incident, drawn: await sayStranded(hand, incident, place) };
}

/** Something to be put into Slack; smaller ranks first, over all incidents. */
export interface Todo {
  readonly rank: number;
  /** Only when nothing else of this incident is left for later. */
  readonly isLast?: true;
  /** New messages in one place: when one has to wait, those after it wait too, so that their order stays. */
  readonly queue?: string;
  readonly put: () => Promise<Drawn>;
}

const RANKS = {
  people: 0,
  card: 1,
  ask: 1,
  announcement: 2,
  section: 3,
  thread: 4,
  moved: 4,
  furniture: 5,
  progress: 6,
  aside: 7,
  paper: 8,
  archive: 9,
} as const;

export function strokesOf(source: SheetSource, sheet: Sheet): readonly Todo[] {
  return [
    ...drawings(source, sheet),
    ...leaving(source, sheet),
    ...furniture(source, sheet),
    ...ending(source, sheet),
  ];
}

function drawings(source: SheetSource, sheet: Sheet): readonly Todo[] {
  const { scene, incident } = sheet;
  const here = [...noChannel(incident), notStranded(incident), ...drawIncident(scene)].filter(
    (one) => isOfInterest(incident, one),
  );
  return here.flatMap((drawing) => {
    const channel = channelOf(source, sheet, drawing);
    if (channel === null) return [];
    const surface = surfaceIn(sheet.surfaces, drawing.key, channel);
    const { drawn } = source.memory;
    const place = `${incident.id} ${drawing.key} ${channel}`;
    const last = drawn.get(place);
    if (!isBehind(drawing, surface)) {
      // It shows this event too; what changes from here on is progress.
      if (last !== undefined) drawn.set(place, { at: last.at, seq: incident.seq });
      return [];
    }
    const isProgress = surface?.ts !== undefined && last?.seq === incident.seq;
    if (isProgress && performance.now() - last.at < PROGRESS_MS) return [];
    const rank = isProgress ? RANKS.progress : RANKS[drawing.kind];
    const isNew = (surface?.ts ?? null) === null;
    return [
      {
        rank,
        put: () => putDrawing(source, sheet, { drawing, channel, rank }),
        ...(isNew ? { queue: `${incident.id} ${channel}` } : {}),
      },
    ];
  });
}

/** Where it was drawn before it had a channel. */
function leaving(source: SheetSource, sheet: Sheet): readonly Todo[] {
  const { surfaces, incident } = sheet;
  const { unusable } = source.memory;
  const rank = RANKS.moved;
  return moved(incident, { surfaces, unusable })
    .filter(({ drawing, surface }) => isBehind(drawing, surface))
    .map(({ drawing, surface: { channel } }) => ({
      rank,
      put: () => putDrawing(source, sheet, { drawing, channel, rank }),
    }));
}

function channelOf(
  source: SheetSource,
  { incident, place }: Sheet,
  { where }: Drawing,
): string | null {
  if (where !== 'home') return place;
  const { homeChannel, memory } = source;
  if (homeChannel === undefined || memory.unusable.has(`${incident.id} ${homeChannel}`))
    return null;
  return homeChannel;
}

function surfaceIn(
  surfaces: readonly Surface[],
  key: string,
  channel: string,
): Surface | undefined {
  return surfaces.find((one) => one.key === key && one.channel === channel);
}

interface Putting {
  readonly drawing: Drawing;
  readonly channel: string;
  readonly rank: number;
}

async function putDrawing(source: SheetSource, sheet: Sheet, putting: Putting): Promise<Drawn> {
  const { hand, memory } = source;
  const { drawing, channel, rank } = putting;
  const { incident } = sheet;
  // What was drawn a moment ago in this pass counts: a thread hangs on its section.
  const surfaces = await surfacesOf(hand.store, incident.id);
  const above = typeof drawing.where === 'object' ? drawing.where.threadOf : null;
  const parent = above === null ? undefined : surfaceIn(surfaces, above, channel);
  if (above !== null && (parent?.ts ?? null) === null) {
    return { state: 'failed', error: 'what it hangs on is not there' };
  }
  const stroke = await draw(hand, {
    incident: incident.id,
    drawing,
    channel,
    parentTs: parent?.ts ?? null,
    surface: surfaceIn(surfaces, drawing.key, channel),
    urgency: rank <= RANKS.announcement ? 'urgent' : 'patient',
  });
  if (stroke.state !== 'missing') {
    if (stroke.state === 'done') {
      const drawn = { at: performance.now(), seq: incident.seq };
      memory.drawn.set(`${incident.id} ${drawing.key} ${channel}`, drawn);
    }
    return stroke;
  }
  return afterMissing(source, sheet, { stroke, channel, parent });
}

async function afterMissing(
  source: SheetSource,
  { incident, scene }: Sheet,
  given: {
    readonly stroke: Extract<Stroke, { state: 'missing' }>;
    readonly channel: string;
    readonly parent: Surface | undefined;
  },
): Promise<Drawn> {
  const { hand, memory } = source;
  const { stroke, channel, parent } = given;
  if (stroke.what === 'parent' && parent?.ts !== undefined && parent.ts !== null) {
    // Drawing it again shows whether it is really gone; if so, it is posted anew.
    await surfaceDrawn(hand.store, parent, { ts: parent.ts, hash: 'unknown' });
    return { state: 'later', waitMs: 1_000 };
  }
  const own = incident.channel.state === 'open' && incident.channel.id === channel;
  if (!own) {
    memory.unusable.add(`${incident.id} ${channel}`);
    hand.log.warn({ incident: incident.id, channel }, 'nothing can be said in this channel');
    return { state: 'later', waitMs: 0 };
  }
  const gone = isOpen(incident)
    ? event('channel-failed', { why: 'Its channel was archived, or I was taken out of it.' })
    : event('channel-archived', { channel });
  await note(hand, {
    id: incident.id,
    target: scene.target,
    event: gone,
    fits: (now) => now.channel.state === 'open' && now.channel.id === channel,
  });
  return { state: 'later', waitMs: 0 };
}

function furniture(source: SheetSource, sheet: Sheet): readonly Todo[] {
  const room = roomOf(source, sheet);
  if (room === null || sheet.incident.channel.state !== 'open') return [];
  return missingFurniture(room).map((one) => ({
    rank: one.key === 'people' ? RANKS.people : RANKS.furniture,
    put: () => putFurniture(source.hand, room, one),
  }));
}

function roomOf(source: SheetSource, { incident, scene, place, surfaces }: Sheet): Room | null {
  if (place === null) return null;
  return { incident, target: scene.target, people: source.people, channel: place, surfaces };
}

function ending(source: SheetSource, sheet: Sheet): readonly Todo[] {
  const room = roomOf(source, sheet);
  if (room === null) return [];
  return endingOf(sheet.scene, room, source.memory.uploads).map(({ kind, put }) => ({
    rank: RANKS[kind],
    put: () => put(source.hand),
    ...(kind === 'archive' ? { isLast: true } : {}),
  }));
}
