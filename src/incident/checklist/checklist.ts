/** The twelve sections as they stand. Proof and answers stand side by side; time ticks nothing. */
import { factsBeside } from './facts-beside.ts';
import type { ChecklistItem, ChecklistSection } from './items.ts';
import { CHECKLIST } from './items.ts';
import type { ReadyCommand } from './command-values.ts';
import { commandsFor } from './command-values.ts';
import { isCalling } from './contacts.ts';
import { rowOf } from '../reports/dirty.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Answer, Incident } from '../incident.ts';
import { isOpen } from '../incident.ts';
import type { OperationId, PersonId, Sha256 } from '../names.ts';
import type { DatedEvidence } from './newest-evidence.ts';
import { newestEvidence } from './newest-evidence.ts';
import { isRunStep, viewRun } from '../flow/run.ts';
import type { Target } from '../target.ts';
import { asIs, listed } from '../text.ts';

type ItemStanding =
  | {
      readonly state: 'proven' | 'refuted';
      readonly says: string;
      readonly at: string;
      readonly digest?: Sha256 | undefined;
      readonly operation?: OperationId | undefined;
    }
  | {
      readonly state: 'answered';
      readonly by: PersonId;
      readonly at: string;
      readonly note?: string | undefined;
    }
  | {
      readonly state: 'does-not-apply';
      readonly why: string;
      readonly at?: string | undefined;
      readonly by?: PersonId | undefined;
    }
  /** Read and not run: for people to look at, neither proven nor asked of anybody. */
  | { readonly state: 'preview'; readonly says: string; readonly at: string }
  | { readonly state: 'open' };

export interface ItemState {
  readonly item: ChecklistItem;
  readonly standing: ItemStanding;
  /** The question for people; null where a job proves it. */
  readonly ask: string | null;
  /** A person's word beside what a job found. */
  readonly answer?: Answer | undefined;
  /** What was read that helps to answer. */
  readonly facts: readonly string[];
  readonly commands: readonly ReadyCommand[];
}

export interface SectionState extends Omit<ChecklistSection, 'items'> {
  readonly items: readonly ItemState[];
  /** How many items are neither proven nor answered nor out of the question. */
  readonly open: number;
}

export function checklistOf(incident: Incident, target: Target): readonly SectionState[] {
  const found = newestEvidence(incident, target);
  return CHECKLIST.map((section) => {
    const items = section.items.map((item): ItemState => {
      const answer = answerTo(item, incident);
      const evidence = found.get(item.id);
      const standing = standingOf(item, answer, { incident, target, evidence });
      const helps = evidence?.verdict === 'found' ? [evidence.says] : [];
      return {
        item,
        standing,
        ask: askOf(item, { incident, target, evidence }),
        facts: [...helps, ...factsBeside(item.id, incident, target)],
        commands: commandsFor(item.id, incident, target),
        ...(standing.state === 'answered' ? {} : { answer }),
      };
    });
    return { ...section, items, open: items.filter((one) => isStillOpen(one.standing)).length };
  });
}

export function isStillOpen(standing: ItemStanding): boolean {
  return standing.state === 'open' || standing.state === 'refuted';
}

export function isForPeople({ ask }: ItemState): boolean {
  return ask !== null;
}

/** What only a person can say and nobody has said: before approving, sections 1 to 3; before closing, the rest too. */
export function openForPeople(
  incident: Incident,
  target: Target,
  stage: 'approve' | 'close',
): readonly ItemState[] {
  const last = stage === 'approve' ? 3 : 12;
  return checklistOf(incident, target)
    .filter((one) => one.section <= last)
    .flatMap((one) => one.items)
    .filter((one) => isForPeople(one) && one.standing.state === 'open');
}

/** The section of what is done after the incident, and can be answered once it is closed. */
export const AFTERWARDS = 12;

export function isAfterwards({ item }: Pick<ItemState, 'item'>): boolean {
  return item.id.startsWith(`${AFTERWARDS}.`);
}

/** After the incident is closed, only what is done afterwards is still answered. */
export function mayBeAnswered(incident: Incident, one: Pick<ItemState, 'item'>): boolean {
  return isOpen(incident) || isAfterwards(one);
}

/** Their numbers, in the checklist's order: `7.1, 9.4 and 12.1 to 12.5`. */
export function sayItems(items: readonly Pick<ItemState, 'item'>[]): string {
  const ids = items.map((one) => one.item.id);
  const all: readonly string[] = CHECKLIST.flatMap(({ items: those }) =>
    those.map((one) => one.id),
  );
  const runs = ids.reduce<readonly (readonly string[])[]>((before, id) => {
    const run = before.at(-1);
    const last = run?.at(-1);
    const follows =
      last !== undefined &&
      all.indexOf(id) === all.indexOf(last) + 1 &&
      sectionOf(id) === sectionOf(last);
    return follows && run !== undefined
      ? [...before.slice(0, -1), [...run, id]]
      : [...before, [id]];
  }, []);
  return listed(runs.flatMap((run) => (run.length < 3 ? run : [`${run[0]} to ${run.at(-1)}`])));
}

function sectionOf(id: string): string | undefined {
  return id.split('.')[0];
}

interface AsItIs {
  readonly incident: Incident;
  readonly target: Target;
  readonly evidence: DatedEvidence | undefined;
}

/** What a job would prove is asked of people where no job can, as things are. */
function askOf({ id, closedBy }: ChecklistItem, now: AsItIs): string | null {
  if (closedBy.kind === 'person') return closedBy.ask;
  const verdict = now.evidence?.verdict;
  if (verdict === 'proven' || verdict === 'not-applicable' || id === ITEMS.preview) return null;
  return comesByItself(id, now) ? null : closedBy.ask;
}

function comesByItself(id: ChecklistItem['id'], { incident, target, evidence }: AsItIs): boolean {
  const { channel } = incident;
  switch (id) {
    case ITEMS.notify:
      return (
        channel.state === 'claimed' || (channel.state === 'open' && channel.invited === undefined)
      );
    case ITEMS.contacts:
      return isCalling(incident);
    default: {
      const isLookedAt = evidence?.verdict === 'found' && evidence.isPast !== true;
      return !isLookedAt && viewRun(incident, target)?.phase.phase !== 'done';
    }
  }
}

/** What was said at the start answers the questions that it answers, until somebody says more. */
function answerTo(item: ChecklistItem, incident: Incident): Answer | undefined {
  const given = incident.answers[item.id];
  if (given !== undefined) return given;
  const { said, sentence, details } = incident;
  switch (item.id) {
    case ITEMS.error:
      return fromWords(said.sentence, sentence);
    case ITEMS.impact:
      return fromWords(said.impact, details.impact);
    case ITEMS.fixForward:
      return fromWords(said.whyNotFixForward, details.whyNotFixForward);
    default:
      return undefined;
  }
}

function fromWords(
  saying: Incident['said']['sentence'],
  words: string | undefined,
): Answer | undefined {
  if (saying === undefined || words === undefined || words.trim() === '') return undefined;
  return { answer: 'done', by: saying.by, at: saying.at, note: words };
}

function standingOf(
  item: ChecklistItem,
  answer: Answer | undefined,
  { incident, target, evidence }: AsItIs,
): ItemStanding {
  if (evidence !== undefined && evidence.verdict !== 'found') return fromEvidence(evidence);
  if (answer?.answer === 'done') {
    return { state: 'answered', by: answer.by, at: answer.at, note: answer.note };
  }
  if (answer !== undefined) {
    const why = answer.note === undefined ? 'Said to be out of the question.' : asIs(answer.note);
    return { state: 'does-not-apply', why, by: answer.by, at: answer.at };
  }
  if (item.id === ITEMS.preview && evidence !== undefined) {
    return { state: 'preview', says: evidence.says, at: evidence.at };
  }
  const needless = whyNeedless(item, incident, target);
  return needless === null ? { state: 'open' } : { state: 'does-not-apply', why: needless };
}

function fromEvidence({ verdict, says, at, digest, operation }: DatedEvidence): ItemStanding {
  if (verdict === 'not-applicable') return { state: 'does-not-apply', why: says, at };
  const state = verdict === 'refuted' ? 'refuted' : 'proven';
  return { state, says, at, digest, operation };
}

/** Recovery is for a rollback that failed, and opens as soon as one has. */
function whyNeedless(item: ChecklistItem, incident: Incident, target: Target): string | null {
  if (item.id === ITEMS.manualRecovery) {
    const hasFailed = incident.operations.some(
      (one) => isRunStep(one.step) && (one.state === 'failed' || one.state === 'lost'),
    );
    const isDirty = rowOf(incident)?.state === 'dirty';
    return hasFailed || isDirty ? null : 'Nothing has failed, and the version row is not dirty.';
  }
  if (item.id === ITEMS.previousVersion && target.services.length === 0) {
    return 'No service is configured for this target.';
  }
  const isUntouched = incident.runs.length === 0 && !isOpen(incident);
  return item.id === ITEMS.restoreData && isUntouched ? 'Nothing was rolled back.' : null;
}
