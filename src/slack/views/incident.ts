/** An incident as messages. Pure: the same scene is the same messages. */
import type { KnownBlock } from '@slack/types';
import { isOpen } from '../../incident/incident.ts';
import { standing } from '../../incident/standing/standing.ts';
import { asIs, mention } from '../../incident/text.ts';
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
  const draw = (text: string): string => fitting(rendered(text, people, 'name'), TEXT_MAX);
  if (target.privateChannel) return announced(draw(sayPrivately(scene)), []);
  const stands = standing(incident, target, now);
  const { channel } = incident;
  const isThere = channel.state === 'open' || channel.state === 'archived';
  const where = isThere && /^[CG][A-Z0-9]+$/.test(channel.id) ? ` · <#${channel.id}>` : '';
  const head = `*${incident.id}* · rollback of ${draw(target.name)} (${draw(target.environment)})${where}`;
  const texts = [
    head,
    draw(`“${asIs(incident.sentence)}” · {person:${incident.openedBy}}`),
    draw(stands.headline),
  ];
  const outage = draw(sayOutage(stands, new Date(stands.outage.since)));
  return announced(texts.join('\n'), small([outage]));
}

function announced(text: string, below: readonly KnownBlock[]): Drawing {
  return {
    key: 'announcement',
    kind: 'announcement',
    where: 'home',
    ...shown(text, [...lines([text]), ...below]),
  };
}

/** Whoever may see a private incident is in its channel; here everybody reads. */
function sayPrivately({ incident, target }: Scene): string {
  const what = `*${incident.id}* · rollback of ${asIs(target.name)} (${asIs(target.environment)})`;
  const state = isOpen(incident) ? 'It is under way' : 'It is closed';
  const isNowhere = isOpen(incident) && incident.channel.state === 'failed';
  const where = isNowhere
    ? `${asIs(`and there is no private channel for it. ${incident.channel.why}`)} Whoever has a role there sees it with \`/rollback status ${incident.id}\`; others ask`
    : 'and its channel is private: ask';
  return `${what}\n${state}, ${where} ${mention(incident.openedBy)}.`;
}
