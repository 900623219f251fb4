/** An incident whose target left the configuration: said once where it is drawn, and then left alone. */
import type { Incident } from '../../incident/incident.ts';
import { asIs } from '../../incident/text.ts';
import { surfacesOf } from '../../store/surfaces.ts';
import type { Drawing } from '../views/drawing.ts';
import { lines } from '../views/parts.ts';
import { rendered } from '../views/render.ts';
import type { Drawn, Hand } from './hand.ts';
import { DONE } from './hand.ts';
import { draw, isBehind } from './surface.ts';

const KEY = 'target-gone';

/** Null when there is no place where it could be said. */
export async function sayStranded(
  hand: Hand,
  incident: Incident,
  place: string | null,
): Promise<Drawn> {
  if (place === null) return DONE;
  const drawing = strandedDrawing(incident);
  const surfaces = await surfacesOf(hand.store, incident.id);
  const surface = surfaces.find((one) => one.key === KEY && one.channel === place);
  if (!isBehind(drawing, surface)) return DONE;
  const said = await draw(hand, {
    incident: incident.id,
    drawing,
    channel: place,
    parentTs: null,
    surface,
    urgency: 'patient',
  });
  return said.state === 'missing' ? { state: 'failed', error: 'its channel is not there' } : said;
}

function strandedDrawing({ id, target }: Incident): Drawing {
  const text = rendered(
    `*${id}* stands still: its target ${asIs(target)} is no longer in backout.yaml, so nothing is done and nothing here is up to date.\nPut it back into backout.yaml and restart.`,
    {},
  );
  return { key: KEY, kind: 'ask', where: 'incident', text, blocks: [...lines([text])] };
}

/** Once it is configured again. */
export function notStranded({ id, target }: Incident): Drawing {
  const text = rendered(`*${id}* stood still here: ${asIs(target)} had left backout.yaml.`, {});
  return { key: KEY, kind: 'ask', where: 'incident', text, blocks: [...lines([text])], over: true };
}
