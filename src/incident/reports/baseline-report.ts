/** What is wrong in a database now, compared with what was wrong in it before the rollback. */
import type { Evidence, KnownItem } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Baseline } from '../facts/facts.ts';
import { canonicalJson, sha256 } from '../plan/plan.ts';
import { listedUpTo } from '../text.ts';

const NAMES_MAX = 8;

const LISTS = {
  notValidated: 'constraint not validated',
  invalidIndexes: 'invalid index',
  disabledTriggers: 'disabled trigger',
} as const;
type List = keyof Baseline;
const LABELS: Readonly<Record<List, string>> = {
  notValidated: 'constraint ',
  invalidIndexes: 'index ',
  disabledTriggers: 'trigger ',
  leftovers: '',
};
const INVALID = ['notValidated', 'invalidIndexes', 'disabledTriggers'] as const;

/** What is invalid now and was not before. A left-over table harms nobody: it is told, and stops nothing. */
export function newTrouble(before: Baseline, now: Baseline): readonly string[] {
  return INVALID.flatMap((list) =>
    now[list]
      .filter((name) => !before[list].includes(name))
      .map((name) => `${LISTS[list]}: ${name}`),
  );
}

/** `before` is null where nobody has looked. */
export function baselineEvidence(before: Baseline | null, now: Baseline): readonly Evidence[] {
  return [
    compared(
      {
        item: ITEMS.leftovers,
        lists: ['leftovers'],
        none: 'No table looks like a backup copy.',
        some: 'Tables that look like backup copies',
      },
      before,
      now,
    ),
    compared(
      {
        item: ITEMS.constraints,
        lists: INVALID,
        none: 'All constraints are validated, all indexes are valid, no trigger is switched off.',
        some: 'Not valid or switched off',
      },
      before,
      now,
    ),
  ];
}

interface Question {
  readonly item: KnownItem;
  readonly lists: readonly List[];
  /** Said when there is nothing of the kind. */
  readonly none: string;
  /** What it is called when there is. */
  readonly some: string;
}

function compared(
  { item, lists, none, some }: Question,
  before: Baseline | null,
  now: Baseline,
): Evidence {
  const was = before ?? now;
  const among = (ones: Baseline, test: (list: List, name: string) => boolean): readonly string[] =>
    lists.flatMap((list) =>
      ones[list].filter((name) => test(list, name)).map((name) => `${LABELS[list]}${name}`),
    );
  const added = among(now, (list, name) => !was[list].includes(name));
  const kept = among(now, (list, name) => was[list].includes(name));
  const gone = among(was, (list, name) => !now[list].includes(name));
  const also = kept.length === 0 ? '' : ' also';
  const says = [
    added.length + kept.length === 0 ? none : '',
    added.length === 0 ? '' : `New since the rollback: ${named(added)}.`,
    kept.length === 0 ? '' : sayKept({ some, kept, isCompared: before !== null }),
    gone.length === 0 ? '' : `Before the rollback there was${also}: ${named(gone)}.`,
  ];
  return {
    item,
    verdict: added.length === 0 ? 'proven' : 'refuted',
    says: says
      .filter((one) => one !== '')
      .join(' ')
      .slice(0, 600),
    digest: sha256(canonicalJson(now)),
  };
}

function sayKept(given: {
  readonly some: string;
  readonly kept: readonly string[];
  readonly isCompared: boolean;
}): string {
  const { some, kept, isCompared } = given;
  return isCompared
    ? `${some}, as before the rollback: ${named(kept)}.`
    : `${some}: ${named(kept)}. Whether it was so before is not known.`;
}

function named(names: readonly string[]): string {
  return listedUpTo(names, NAMES_MAX);
}
