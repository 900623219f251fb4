/** The last things that are drawn of an incident: its post-mortem, and the end of its channel. */
import { postMortemName, postMortemOf } from '../../incident/history/post-mortem.ts';
import { readIncident } from '../../store/incidents.ts';
import type { Scene } from '../views/drawing.ts';
import type { Room } from './furnishing.ts';
import { archive } from './furnishing.ts';
import type { Drawn, Hand } from './hand.ts';
import { DONE } from './hand.ts';
import type { Uploads } from './paper.ts';
import { hasPaper, putPaper } from './paper.ts';

interface Ending {
  readonly kind: 'paper' | 'archive';
  readonly put: (hand: Hand) => Promise<Drawn>;
}

export function endingOf(scene: Scene, room: Room, uploads: Uploads): readonly Ending[] {
  const { incident } = room;
  if (incident.closed === undefined) return [];
  const isDue = incident.archiveDue && incident.channel.state === 'open';
  return [
    ...(hasPaper(room)
      ? []
      : [
          {
            kind: 'paper',
            put: (hand: Hand) => postMortem(hand, { scene, room, uploads }),
          } as const,
        ]),
    ...(isDue ? [{ kind: 'archive', put: (hand: Hand) => archive(hand, room) } as const] : []),
  ];
}

async function postMortem(
  hand: Hand,
  given: { readonly scene: Scene; readonly room: Room; readonly uploads: Uploads },
): Promise<Drawn> {
  const { scene, room, uploads } = given;
  const { target, now, people } = scene;
  const read = await readIncident(hand.store, room.incident.id);
  if (read === null) return DONE;
  const { incident, events } = read;
  const names = Object.fromEntries(Object.entries(people).map(([id, { name }]) => [id, name]));
  const text = postMortemOf({ incident, target, events, people: names, now });
  const title = `Post-mortem of ${incident.id}`;
  return putPaper(hand, room, { paper: { name: postMortemName(incident), title, text }, uploads });
}
