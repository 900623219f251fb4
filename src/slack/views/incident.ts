/** An incident as messages. Pure: the same scene is the same messages. */
import { standing } from '../../incident/standing.ts';
import { asIs } from '../../incident/text.ts';
import { drawAsks } from './asks.ts';
import { drawCard, sayOutage } from './card.ts';
import type { Drawing, Scene } from './drawing.ts';
import { lines, shown, small } from './parts.ts';
import { fitting, rendered } from './render.ts';
import { drawSections } from './sections.ts';
import { drawThreads } from './threads.ts';

/** In the order in which they have to be posted: what a thread hangs on comes before it. */
export function drawIncident(scene: Scene): readonly Drawing[] {
  return [
    drawCard(scene),
    drawAnnouncement(scene),
    ...drawAsks(scene),
    ...drawSections(scene),
    ...drawThreads(scene),
  ];
}

const TEXT_MAX = 600;

/** In the home channel, where nobody is mentioned: who is needed is in the incident's own channel. */
function drawAnnouncement(scene: Scene): Drawing {
  const { incident, target, people, now } = scene;
  const stands = standing(incident, target, now);
  const draw = (text: string): string => fitting(rendered(text, people, 'name'), TEXT_MAX);
  const { channel } = incident;
  const isThere = channel.state === 'open' || channel.state === 'archived';
  const where = isThere && /^[CG][A-Z0-9]+$/.test(channel.id) ? ` · <#${channel.id}>` : '';
  const head = `*${incident.id}* · rollback of ${draw(target.name)} (${draw(target.environment)})${where}`;
  const texts = [
    head,
    draw(`“${asIs(incident.sentence)}” · {person:${incident.openedBy}}`),
    draw(stands.headline),
  ];
  return {
    key: 'announcement',
    kind: 'announcement',
    where: 'home',
    ...shown(texts.join('\n'), [
      ...lines(texts),
      ...small([draw(sayOutage(stands, new Date(stands.outage.since)))]),
    ]),
  };
}
