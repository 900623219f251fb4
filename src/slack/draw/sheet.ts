/** One incident on the way into Slack: what it is now, where it is drawn, and what is there already. */
import type { Incident } from '../../incident/incident.ts';
import { claimOf, isOpen } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import type { Target } from '../../incident/target.ts';
import { readIncident } from '../../store/incidents.ts';
import type { Surface } from '../../store/surfaces.ts';
import { surfacesOf } from '../../store/surfaces.ts';
import type { Attempts } from './channel.ts';
import { makeChannel } from './channel.ts';
import type { Drawn, Hand } from './hand.ts';
import type { Uploads } from './paper.ts';
import { placeOf } from './place.ts';
import { sceneOf } from '../scenes.ts';
import { sayStranded } from './stranded.ts';
import type { People, Scene } from '../views/drawing.ts';

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
      place: placeOf({ isPrivate: scene.target.privateChannel, homeChannel, unusable }, incident),
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
  const places = { isPrivate: false, homeChannel, unusable: memory.unusable };
  const place = placeOf(places, incident);
  const isNew = !memory.stranded.has(id);
  memory.stranded.add(id);
  if (isNew) {
    const { target } = incident;
    hand.log.error({ incident: id, target }, 'its target is no longer configured: it stands still');
  }
  return { state: 'stranded', incident, drawn: await sayStranded(hand, incident, place) };
}
