/** What is shown under an answer, to the one person who asked. */
import { contactOf } from '../../incident/checklist/contacts.ts';
import type { Incident } from '../../incident/incident.ts';
import { RoleName } from '../../incident/names.ts';
import { sayNoChannel } from '../../incident/phrases.ts';
import { sayPrivate } from '../../incident/privacy.ts';
import type { Move, Standing } from '../../incident/standing/standing.ts';
import { standing } from '../../incident/standing/standing.ts';
import type { Target } from '../../incident/target.ts';
import { asIs, listed } from '../../incident/text.ts';
import { checklistOf, isForPeople, mayBeAnswered } from '../../incident/checklist/checklist.ts';
import { sayOutage, truth, whatToDo } from './card.ts';
import type { People, Scene } from './drawing.ts';
import type { Shown } from './parts.ts';
import { buttons, heading, lines, shown, small } from './parts.ts';
import { fitting, rendered } from './render.ts';

const TEXT_MAX = 600;
const INCIDENTS_MAX = 8;
const TARGETS_MAX = 10;

/** For a bare `/rollback`: what is open, and how to begin. */
export function panelView(given: {
  readonly open: readonly Incident[];
  readonly targets: readonly Target[];
  readonly people: People;
  readonly now: Date;
}): Shown {
  const { open, targets, people, now } = given;
  const draw = (text: string): string => fitting(rendered(text, people, 'name'), TEXT_MAX);
  const incidents = open.slice(0, INCIDENTS_MAX).flatMap((incident) => {
    const target = targets.find((one) => one.name === incident.target);
    // Anybody may ask for the panel; *Status* tells more to whoever may read it.
    if (target?.privateChannel === true) {
      return [...lines([draw(sayPrivate(incident))]), ...buttons([statusMove(incident)])];
    }
    const stands = target === undefined ? null : standing(incident, target, now);
    const texts = [
      `*${incident.id}* · ${incident.target}${channelOf(incident)}`,
      draw(stands?.headline ?? 'Its target is no longer configured.'),
      draw(stands === null ? '' : sayOutage(stands, now)),
      draw(sayNoChannel(incident)),
    ];
    return [...lines(texts), ...buttons([statusMove(incident), ...movesHere(incident, stands)])];
  });
  const free = targets.filter((one) => !open.some((incident) => incident.target === one.name));
  const starts = free.slice(0, TARGETS_MAX).map(startMove);
  const text =
    open.length === 0 ? 'No rollback is open.' : `Open: ${listed(open.map((one) => one.id))}.`;
  return shown(text, [
    ...lines([`*${text}*`]),
    ...incidents,
    ...startButtons(starts),
    ...small([
      '`/rollback help` lists every word; `/rollback help scenarios` tells which rollbacks are safe.',
    ]),
  ]);
}

/** What has no channel can be worked from here. */
function movesHere({ channel }: Incident, stands: Standing | null): readonly Move[] {
  return channel.state === 'failed' && stands !== null
    ? stands.moves.filter((one) => one.verb !== 'status')
    : [];
}

function statusMove({ id }: Incident): Move {
  return { verb: 'status', label: 'Status', style: 'plain', input: { incident: id } };
}

function startMove(target: Target): Move {
  const label = `Roll back ${target.name}`;
  return { verb: 'start', label, style: 'primary', input: { target: target.name } };
}

/** One block for each button: an `action_id` is unique only inside its block. */
function startButtons(moves: readonly Move[]): ReturnType<typeof buttons> {
  return moves.flatMap((one) => buttons([one]));
}

function channelOf({ channel }: Incident): string {
  const isThere = channel.state === 'open' || channel.state === 'archived';
  return isThere && /^[CG][A-Z0-9]+$/.test(channel.id) ? ` · <#${channel.id}>` : '';
}

/** The card's words and what is open, for one person. */
export function statusView(scene: Scene): Shown {
  const { incident, target, people, now } = scene;
  const stands = standing(incident, target, now);
  const draw = (text: string): string => fitting(rendered(text, people, 'name'), TEXT_MAX);
  const texts = [...truth(stands), ...whatToDo(stands)].map(draw);
  return shown(texts.join('\n'), [
    heading(`${incident.id} · ${target.name} (${target.environment})`),
    ...lines(texts),
    ...lines([draw(sayNoChannel(incident)), ...openItems(scene)]),
    ...buttons(stands.moves),
    ...small([
      draw(sayOutage(stands, now)),
      draw(stands.abortCost ?? ''),
      channelOf(incident).replace(' · ', ''),
    ]),
  ]);
}

function openItems({ incident, target }: Scene): readonly string[] {
  const sections = checklistOf(incident, target);
  const open = sections.flatMap((one) => one.items).filter((one) => one.standing.state === 'open');
  const wrong = sections
    .flatMap((one) => one.items)
    .filter((one) => one.standing.state === 'refuted');
  const forPeople = open
    .filter((one) => isForPeople(one) && mayBeAnswered(incident, one))
    .map((one) => one.item.id);
  const [first] = forPeople;
  return [
    ...wrong.map((one) => `✗ *${one.item.id}* ${one.item.words}: it is not so.`),
    first === undefined
      ? ''
      : `Open, for people: ${forPeople.join(', ')}. \`/rollback check ${first} done\` answers one.`,
  ];
}

/** Who answers for the target, how they are called, and whether they were. */
export function contactsView(scene: Scene): Shown {
  const { incident, target, people } = scene;
  const draw = (text: string): string => fitting(rendered(text, people, 'name'), TEXT_MAX);
  const texts = RoleName.options.map((name) => draw(contactLine(incident, target, name)));
  return shown(texts.join('\n'), [
    ...lines([`*Emergency contacts of ${draw(asIs(target.name))}*`, ...texts]),
    ...buttons([
      { verb: 'page', label: 'Call somebody', style: 'danger', input: { incident: incident.id } },
    ]),
  ]);
}

function contactLine(incident: Incident, target: Target, name: RoleName): string {
  const { title, who, called } = contactOf(incident, target, name);
  return `*${title}*: ${who}${called === null ? '' : `\n   ${called}`}`;
}
