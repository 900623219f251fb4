/** The checklist: a message for each section, folded to what is open. */
import type { KnownBlock } from '@slack/types';
import type { ItemState, SectionState } from '../../incident/checklist/checklist.ts';
import {
  AFTERWARDS,
  checklistOf,
  isForPeople,
  isStillOpen,
} from '../../incident/checklist/checklist.ts';
import type { ItemId } from '../../incident/facts/evidence.ts';
import { ITEMS } from '../../incident/facts/evidence.ts';
import type { Incident } from '../../incident/incident.ts';
import { isOpen, latestResult } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import { shortHash } from '../../incident/plan/plan.ts';
import { mention, moment } from '../../incident/text.ts';
import { drawByHand } from './by-hand.ts';
import type { Drawing, People, Scene } from './drawing.ts';
import { button, lines } from './parts.ts';
import { previewBlocks } from './preview.ts';
import { fitting, quotedText, rendered } from './render.ts';

const OPEN_ITEM_MAX = 1200;
const CLOSED_ITEM_MAX = 420;
const WORDS_MAX = 240;
const FACT_MAX = 300;
const PREVIEW_MAX = 2_400;
/** Whom to call is needed also once somebody was called. */
const FACTS_STAY: readonly ItemId[] = [ITEMS.contacts];

export function drawSections(scene: Scene): readonly Drawing[] {
  return checklistOf(scene.incident, scene.target).flatMap((section) => [
    drawSection(scene, section),
    ...drawByHand(scene.incident, section, sectionKey(section.section)),
  ]);
}

export function sectionKey(section: number): string {
  return `section-${section}`;
}

function drawSection(scene: Scene, section: SectionState): Drawing {
  const { incident, people } = scene;
  const title = `${section.section}. ${section.title}`;
  const count = section.items.length - section.open;
  const state = section.open === 0 ? 'done' : `${count} of ${section.items.length}`;
  const open = section.items.filter((one) => isStillOpen(one.standing));
  const quiet = open.filter(isQuiet);
  const asked = open.filter((one) => !isQuiet(one));
  const asker = isAnswerable(incident, section) ? incident.id : null;
  const closed = section.items.filter((one) => !isStillOpen(one.standing));
  return {
    key: sectionKey(section.section),
    kind: 'section',
    where: 'incident',
    text: `${title}: ${state}`,
    blocks: [
      ...lines([`*${title}* · ${state}`]),
      ...asked.flatMap((one) => openItem(one, people, asker)),
      ...lines(quiet.map((one) => `${openLine(one)} · _${whenProven(incident, one)}_`)),
      ...closed.filter(isPreview).flatMap((one) => previewItem(scene, one)),
      ...lines(
        closed
          .filter((one) => !isPreview(one))
          .flatMap((one) => [
            fitting(closedItem(one, people), CLOSED_ITEM_MAX),
            ...(FACTS_STAY.includes(one.item.id) ? sayFacts(one, people) : []),
          ]),
      ),
    ],
  };
}

/** A job will prove it, and there is nothing to say about it yet. */
function isQuiet(one: ItemState): boolean {
  const isSilent = one.facts.length === 0 && one.answer === undefined;
  return one.standing.state === 'open' && !isForPeople(one) && isSilent;
}

function whenProven(incident: Incident, { item }: ItemState): string {
  if (!isOpen(incident)) return 'not proven';
  const { closedBy } = item;
  const provers: readonly string[] = closedBy.kind === 'proof' ? closedBy.by : [];
  const newest = incident.operations.findLast((one) => provers.includes(one.job));
  const isInVain = newest?.state === 'failed' || newest?.state === 'stopped';
  return isInVain ? 'not proven: its step did not work' : 'by itself';
}

/** What is done after the incident can be answered after it was closed, while its channel is there. */
function isAnswerable(incident: Incident, { section }: SectionState): boolean {
  return isOpen(incident) || (section === AFTERWARDS && incident.channel.state !== 'archived');
}

function openLine({ item, standing }: ItemState): string {
  return `${standing.state === 'refuted' ? '✗' : '☐'} *${item.id}* ${item.words}`;
}

function openItem(
  one: ItemState,
  people: People,
  incident: IncidentId | null,
): readonly KnownBlock[] {
  const { item, standing, answer, ask } = one;
  const found = standing.state === 'refuted' ? [cut(standing.says)] : [];
  const said = answer === undefined ? [] : [sayAnswer(answer, people)];
  // A word changes nothing about what was found: it is asked for once.
  const isSaid = standing.state === 'refuted' && answer !== undefined;
  const isAsked = isForPeople(one) && incident !== null && !isSaid;
  const beside = isAsked
    ? button(
        { verb: 'check', label: 'Answer', style: 'plain', input: { incident, item: item.id } },
        `:${item.id}`,
      )
    : undefined;
  return lines(
    [
      openLine(one),
      ...found,
      ...said,
      ask === null || isSaid ? '' : `_${ask}_`,
      ...sayFacts(one, people),
    ],
    {
      lengthMax: OPEN_ITEM_MAX,
      ...(beside === undefined ? {} : { beside }),
    },
  );
}

function closedItem({ item, standing, answer }: ItemState, people: People): string {
  const start = `*${item.id}* ${item.words}`;
  const beside = answer === undefined ? '' : ` · ${sayAnswer(answer, people)}`;
  switch (standing.state) {
    case 'proven': {
      const digest = standing.digest === undefined ? '' : ` · \`${shortHash(standing.digest)}\``;
      const when = rendered(moment(standing.at), people);
      return `✓ ${start}: ${cut(standing.says)} · proven ${when}${digest}${beside}`;
    }
    case 'answered':
      return `✓ ${start} · ${sayAnswer({ answer: 'done', ...standing }, people)}`;
    case 'does-not-apply':
      // What a person said is said once.
      return standing.by === undefined
        ? `– ${start}: does not apply. ${cut(standing.why)}${beside}`
        : `– ${start}${beside}`;
    case 'preview':
    case 'refuted':
    case 'open':
      return start;
  }
}

function isPreview({ standing }: ItemState): boolean {
  return standing.state === 'preview';
}

/** What the plan's files say, under their item. */
function previewItem({ incident, people }: Scene, one: ItemState): readonly KnownBlock[] {
  const { item } = one;
  const read = latestResult(incident, 'assess')?.facts;
  return [
    ...lines([
      `◦ *${item.id}* ${item.words}: *a preview, not a proof*. The tool has no dry run: the files were read, not run.`,
      ...sayFacts(one, people),
    ]),
    ...(incident.plan === undefined
      ? []
      : previewBlocks(incident.plan.plan, read, { sqlMax: PREVIEW_MAX })),
  ];
}

function sayAnswer(
  answer: Pick<NonNullable<ItemState['answer']>, 'by' | 'at' | 'note' | 'answer'>,
  people: People,
): string {
  const { by, at, note } = answer;
  const who = rendered(`${mention(by)} ${moment(at)}`, people, 'name');
  const word = answer.answer === 'done' ? 'answered by' : 'does not apply, says';
  return `${word} ${who}${note === undefined ? '' : `: ${cut(note)}`}`;
}

function sayFacts({ facts }: ItemState, people: People): readonly string[] {
  return facts.map((one) => fitting(rendered(one, people, 'name'), FACT_MAX));
}

function cut(text: string): string {
  return fitting(quotedText(text), WORDS_MAX);
}
