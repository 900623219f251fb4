/** The twelve sections as they stand. Proof and answers stand side by side; time ticks nothing. */
import { factsBeside } from './checklist-facts.ts';
import type { ChecklistItem, ChecklistSection } from './checklist-items.ts';
import { CHECKLIST } from './checklist-items.ts';
import type { ReadyCommand } from './command-values.ts';
import { commandsFor } from './command-values.ts';
import { rowOf } from './dirty.ts';
import type { Evidence } from './evidence.ts';
import { ITEMS } from './evidence.ts';
import type { Answer, Incident } from './incident.ts';
import { isOpen } from './incident.ts';
import type { OperationId, PersonId, Sha256 } from './names.ts';
import { sayInvited } from './phrases.ts';
import { isRunStep, viewRun } from './run.ts';
import type { Target } from './target.ts';

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
      const standing = standingOf({ item, incident, found, answer });
      const evidence = found.get(item.id);
      const helps = evidence?.verdict === 'found' ? [evidence.says] : [];
      return {
        item,
        standing,
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

export function isForPeople(item: ChecklistItem): boolean {
  return item.closedBy.kind === 'person';
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
    .filter((one) => isForPeople(one.item) && one.standing.state === 'open');
}

interface DatedEvidence extends Evidence {
  readonly at: string;
  readonly operation?: OperationId;
}

/** The newest of each item. What an earlier attempt proved, or what has been put back since, is a fact and no proof. */
function newestEvidence(incident: Incident, target: Target): ReadonlyMap<string, DatedEvidence> {
  const run = viewRun(incident, target);
  const isPast = (round: number): boolean =>
    run !== null && (round < run.run.round || run.phase.phase === 'put-back');
  const all = incident.operations
    .flatMap(({ id, step, round, endedAt, evidence }) =>
      endedAt === undefined
        ? []
        : evidence.map((one): DatedEvidence => ({
            ...one,
            ...(isRunStep(step) && isPast(round) ? asPast(one, round) : {}),
            at: endedAt,
            operation: id,
          })),
    )
    .concat(announcement(incident))
    .toSorted((left, right) => Date.parse(left.at) - Date.parse(right.at));
  return new Map(all.map((one) => [one.item, one]));
}

function asPast({ says }: Evidence, round: number): Pick<Evidence, 'verdict' | 'says'> {
  return { verdict: 'found', says: `In attempt ${round}: ${says}` };
}

/** The team is told once its people are in the incident's channel. */
function announcement({ channel }: Incident): readonly DatedEvidence[] {
  if (channel.state !== 'open' && channel.state !== 'archived') return [];
  const { name, invited, at } = channel;
  const item = ITEMS.notify;
  if (invited === undefined || invited.missing >= invited.count) {
    return [{ item, verdict: 'found', says: `#${name} is open; nobody is known to be in it.`, at }];
  }
  const says = `Into #${name} were invited: ${sayInvited(invited.count, invited.missing)}.`;
  return [{ item, verdict: 'proven', says, at: invited.at }];
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

function standingOf(given: {
  readonly item: ChecklistItem;
  readonly incident: Incident;
  readonly found: ReadonlyMap<string, DatedEvidence>;
  readonly answer: Answer | undefined;
}): ItemStanding {
  const { item, incident, found, answer } = given;
  const evidence = found.get(item.id);
  if (evidence !== undefined && evidence.verdict !== 'found') return fromEvidence(evidence);
  if (answer?.answer === 'done') {
    return { state: 'answered', by: answer.by, at: answer.at, note: answer.note };
  }
  if (answer !== undefined) {
    const why = answer.note ?? 'Said to be out of the question.';
    return { state: 'does-not-apply', why, by: answer.by, at: answer.at };
  }
  if (item.id === ITEMS.preview && evidence !== undefined) {
    return { state: 'preview', says: evidence.says, at: evidence.at };
  }
  const needless = whyNeedless(item, incident);
  return needless === null ? { state: 'open' } : { state: 'does-not-apply', why: needless };
}

function fromEvidence({ verdict, says, at, digest, operation }: DatedEvidence): ItemStanding {
  if (verdict === 'not-applicable') return { state: 'does-not-apply', why: says, at };
  const state = verdict === 'refuted' ? 'refuted' : 'proven';
  return { state, says, at, digest, operation };
}

/** Recovery is for a rollback that failed, and opens as soon as one has. */
function whyNeedless(item: ChecklistItem, incident: Incident): string | null {
  if (item.id === ITEMS.manualRecovery) {
    const hasFailed = incident.operations.some(
      (one) => isRunStep(one.step) && (one.state === 'failed' || one.state === 'lost'),
    );
    const isDirty = rowOf(incident)?.state === 'dirty';
    return hasFailed || isDirty ? null : 'Nothing has failed, and the version row is not dirty.';
  }
  const isUntouched = incident.runs.length === 0 && !isOpen(incident);
  return item.id === ITEMS.restoreData && isUntouched ? 'Nothing was rolled back.' : null;
}
