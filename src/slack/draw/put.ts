/** One message of an incident into Slack, and what it means when it or its place is gone. */
import { event } from '../../incident/events.ts';
import { isOpen } from '../../incident/incident.ts';
import type { Surface } from '../../store/surfaces.ts';
import { surfaceDrawn, surfacesOf } from '../../store/surfaces.ts';
import type { Drawn } from './hand.ts';
import { note } from './hand.ts';
import type { Sheet, SheetSource } from './sheet.ts';
import type { Stroke } from './surface.ts';
import { draw } from './surface.ts';
import type { Urgency } from '../pace.ts';
import type { Drawing } from '../views/drawing.ts';

interface Putting {
  readonly drawing: Drawing;
  readonly channel: string;
  readonly urgency: Urgency;
}

export async function putDrawing(
  source: SheetSource,
  sheet: Sheet,
  putting: Putting,
): Promise<Drawn> {
  const { hand, memory } = source;
  const { drawing, channel, urgency } = putting;
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
    urgency,
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

export function surfaceIn(
  surfaces: readonly Surface[],
  key: string,
  channel: string,
): Surface | undefined {
  return surfaces.find((one) => one.key === key && one.channel === channel);
}
