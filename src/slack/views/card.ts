/** The card: what is true now, what is next, who is awaited. First the truth, then what to do. */
import { openForPeople } from '../../incident/checklist/checklist.ts';
import { ROLE_TITLES } from '../../incident/names.ts';
import type { Awaited, Standing } from '../../incident/standing/standing.ts';
import { standing } from '../../incident/standing/standing.ts';
import { asIs, listed, mention, moment, sayDuration } from '../../incident/text.ts';
import { workOf } from '../../incident/flow/work.ts';
import type { Drawing, Scene } from './drawing.ts';
import { buttons, heading, lines, small } from './parts.ts';
import { sayProgress } from './progress.ts';
import { fitting, rendered } from './render.ts';

const TEXT_MAX = 600;

export function drawCard(scene: Scene): Drawing {
  const { incident, target, people, now } = scene;
  const stands = standing(incident, target, now);
  const draw = (text: string): string => rendered(text, people);
  return {
    key: 'card',
    kind: 'card',
    where: 'incident',
    pin: true,
    text: `${incident.id} · ${target.name}: ${fitting(draw(stands.headline), TEXT_MAX)}`,
    blocks: [
      heading(`${incident.id} · ${target.name} (${target.environment})`),
      ...lines(truth(stands).map((text) => fitting(draw(text), TEXT_MAX))),
      ...lines(underWay(scene)),
      ...lines(whatToDo(stands).map((text) => fitting(draw(text), TEXT_MAX))),
      ...buttons(stands.moves),
      ...small([
        draw(sayOutage(stands, now)),
        draw(stands.abortCost ?? ''),
        questions(scene),
        fitting(draw(sayWhatFor(scene)), TEXT_MAX),
      ]),
    ],
  };
}

const MORE_MAX = 4;

export function truth(stands: Standing): readonly string[] {
  const others = stands.more.length - MORE_MAX;
  return [
    `*${oneLine(stands.headline)}*`,
    ...stands.more.slice(0, MORE_MAX),
    ...(others > 0 ? [`… and ${others} more: \`/rollback plan\` lists all.`] : []),
  ];
}

/** Bold ends at a line's end and at its own mark. */
function oneLine(text: string): string {
  return text.replaceAll('*', '').replaceAll(/\s+/g, ' ');
}

export function whatToDo(stands: Standing): readonly string[] {
  return [`*Next:* ${stands.next}`, ...stands.awaited.map(sayAwaited)];
}

export function sayAwaited({ people, role, what }: Awaited): string {
  if (people.length > 0) return `*Awaited:* ${listed(people.map(mention), 'or')}: ${what}.`;
  const who = role === null ? 'somebody' : ROLE_TITLES[role];
  return `*Awaited:* ${what}. Nobody is listed as ${who}: add people to \`roles\` in backout.yaml.`;
}

export function sayOutage({ outage }: Standing, now: Date): string {
  const { since, until } = outage;
  if (until !== null) {
    const length = sayDuration(Date.parse(until) - Date.parse(since));
    return `Outage from ${moment(since)} to ${moment(until)}: ${length}.`;
  }
  // Whole minutes: a clock that ticks each second would be redrawn each second.
  const minutes = Math.floor((now.getTime() - Date.parse(since)) / 60_000);
  return minutes < 1
    ? `Outage since ${moment(since)}.`
    : `Outage since ${moment(since)}: ${sayDuration(minutes * 60_000)} so far.`;
}

/** One line for each operation that tells how far it is; that it is under way is said above. */
function underWay({ incident, progress }: Scene): readonly string[] {
  return incident.operations
    .filter((one) => one.state === 'running' && !one.step.startsWith('page-'))
    .flatMap((one) => {
      const known = progress[one.id];
      return known === undefined
        ? []
        : [fitting(`${workOf(one).title}: ${sayProgress(known)}`, TEXT_MAX)];
    })
    .slice(-3);
}

function questions({ incident, target }: Scene): string {
  if (incident.closed !== undefined || incident.runs.length > 0) return '';
  const open = openForPeople(incident, target, 'approve').map((one) => one.item.id);
  return open.length === 0
    ? ''
    : `Only people can answer: ${open.join(', ')}. Approving asks for them.`;
}

function sayWhatFor({ incident }: Scene): string {
  return `${mention(incident.openedBy)}: “${asIs(incident.sentence)}”`;
}
