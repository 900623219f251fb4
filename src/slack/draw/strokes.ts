/** What of an incident is not yet in Slack as it has to be, and in which order it goes there. */
import { endingOf } from './ending.ts';
import type { Room } from './furnishing.ts';
import { missingFurniture, putFurniture } from './furnishing.ts';
import type { Drawn } from './hand.ts';
import { isOfInterest, moved, noChannel } from './place.ts';
import { putDrawing, surfaceIn } from './put.ts';
import type { Sheet, SheetSource } from './sheet.ts';
import { notStranded } from './stranded.ts';
import { isBehind } from './surface.ts';
import type { Urgency } from '../pace.ts';
import type { Drawing } from '../views/drawing.ts';
import { drawIncident } from '../views/incident.ts';

/** Progress is drawn this often; news at once. */
const PROGRESS_MS = 5_000;

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

function urgencyOf(rank: number): Urgency {
  return rank <= RANKS.announcement ? 'urgent' : 'patient';
}

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
        put: () => putDrawing(source, sheet, { drawing, channel, urgency: urgencyOf(rank) }),
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
      put: () => putDrawing(source, sheet, { drawing, channel, urgency: urgencyOf(rank) }),
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
