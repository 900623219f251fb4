/** What a row in the version table can mean, and what is known about it. */
import type { Facts, VersionRow } from '../facts/facts.ts';
import type { Incident, Operation } from '../incident.ts';
import { isResultOf } from '../incident.ts';
import type { Version } from '../names.ts';
import { sayVersion } from '../names.ts';
import type { Plan } from '../plan/plan.ts';
import type { ResultOf } from '../facts/results.ts';
import type { Comparison } from './seen-near.ts';
import { comparedWithSeen } from './seen-near.ts';

interface RowReading {
  readonly state: 'clean' | 'dirty' | 'none';
  /** What the row says and what is known about it. */
  readonly says: string;
  /** What to do about it; empty when there is nothing to do. */
  readonly next: string;
  /** What a dirty row can mean, one line each, when the evidence does not say which. */
  readonly meanings: readonly string[];
  /** The one argument for `force` that the evidence supports; null when it supports none. */
  readonly force: string | null;
}

/** Every way in which golang-migrate comes to leave `{v} (dirty)`. Nothing in the row tells them apart. */
const DIRTY_MEANINGS: readonly {
  readonly happened: string;
  readonly schema: string;
  readonly repair: string;
}[] = [
  {
    happened: 'The up to {v} failed as one transaction',
    schema: 'the one before {v}',
    repair: 'force the version before {v}',
  },
  {
    happened: 'The up to {v} failed half-way (its file commits by itself)',
    schema: 'between the two',
    repair: 'by hand, then force',
  },
  {
    happened: 'A down to {v} failed as one transaction',
    schema: 'the one after {v}',
    repair: 'force the version after {v}',
  },
  {
    happened: 'A down to {v} failed half-way',
    schema: 'between the two',
    repair: 'by hand, then force',
  },
  {
    happened: 'The tool was killed and the server finished',
    schema: '{v}',
    repair: 'force {v}',
  },
  {
    happened: 'The tool was killed and the server undid it',
    schema: 'as before',
    repair: 'force the version before the run',
  },
];

function dirtyMeanings(version: string): readonly string[] {
  return DIRTY_MEANINGS.map(({ happened, schema, repair }) =>
    `• ${happened}: the schema is ${schema}; ${repair}.`.replaceAll('{v}', version),
  );
}

export function readVersionRow(row: VersionRow, comparison: Comparison): RowReading {
  if (row.state === 'none' && row.dirty !== true) {
    return {
      state: 'none',
      says: 'No version is recorded: the database is before its first migration.',
      next: '',
      meanings: [],
      force: null,
    };
  }
  if (row.state === 'at' && !row.dirty) return readClean(row.version, comparison);
  const at = row.state === 'at' ? row.version : '-1';
  const says = `The row says ${at} (dirty): a migration began and did not end.`;
  switch (comparison.state) {
    case 'is': {
      const force = comparison.version ?? '-1';
      // Without the dashes -1 would be taken for an option.
      const argument = comparison.version ?? '-- -1';
      return {
        state: 'dirty',
        says: `${says} The schema is exactly that of version ${sayVersion(comparison.version)}, so nothing was done by halves.`,
        next: `A DBA sets the row right: \`migrate force ${argument}\`.`,
        meanings: [],
        force,
      };
    }
    case 'is-in-schema-only':
      return {
        state: 'dirty',
        says: `${says} The schema is that of version ${sayVersion(comparison.version)}, but its data may have changed.`,
        next: 'Do not force. A DBA compares the data with what the files do first, or restores from the backup.',
        meanings: [],
        force: null,
      };
    case 'is-none':
      return {
        state: 'dirty',
        says: `${says} The schema is none of those seen before: something was done by halves, or by hand.`,
        next: 'Do not force. A DBA compares the objects and repairs them first, or restores from the backup.',
        meanings: [],
        force: null,
      };
    case 'not-compared':
      return {
        state: 'dirty',
        says: `${says} The row alone does not tell which: up or down, done or undone.`,
        next: 'Do not force the number in the row: after a failed down it names the version it was going to. A DBA compares the schema first.',
        meanings: dirtyMeanings(at),
        force: null,
      };
  }
}

function readClean(version: Version, comparison: Comparison): RowReading {
  const clean = { state: 'clean', meanings: [], force: null } as const;
  if (comparison.state === 'is' && comparison.version !== version) {
    return {
      ...clean,
      says: `The row says ${version}, not dirty; but the schema is that of version ${sayVersion(comparison.version)}.`,
      next: 'A version number is not the schema. A DBA looks before anything else runs.',
    };
  }
  if (comparison.state === 'is-in-schema-only' && comparison.version !== version) {
    return {
      ...clean,
      says: `The row says ${version}, not dirty; but the schema is that of version ${sayVersion(comparison.version)}, and its data may have changed.`,
      next: 'A version number is not the schema. A DBA looks before anything else runs.',
    };
  }
  return { ...clean, says: `The row says ${version}, not dirty.`, next: '' };
}

/** The newest that this incident knows about the row; null before anything was read. */
export function rowOf(incident: Incident): RowReading | null {
  const { operations } = incident;
  for (const [index, { result, round, state }] of [...operations.entries()].toReversed()) {
    if (isResultOf('run-down', result)) {
      return readVersionRow(result.version, comparisonOf(incident, { result, round }));
    }
    if (isResultOf('assess', result) && state === 'succeeded') {
      const earlier = operations.slice(0, index);
      return readVersionRow(result.facts.version, seenAgain(incident, result.facts, earlier));
    }
  }
  return null;
}

/** The row as it was read last; null before anything was read. */
export function newestRow(incident: Incident): VersionRow | null {
  for (const { result, state } of incident.operations.toReversed()) {
    if (isResultOf('run-down', result)) return result.version;
    if (isResultOf('assess', result) && state === 'succeeded') return result.facts.version;
  }
  return null;
}

export function forceOf(incident: Incident): string | null {
  return rowOf(incident)?.force ?? null;
}

interface EndedDown {
  readonly result: ResultOf<'run-down'>;
  readonly round: number;
}

function comparisonOf(incident: Incident, { result, round }: EndedDown): Comparison {
  if (result.standsAt !== undefined) return { state: 'is', version: result.standsAt };
  const plan = planOf(incident, round);
  if (plan === undefined) return { state: 'not-compared' };
  switch (result.schema) {
    case 'unchanged':
      return { state: 'is', version: plan.from };
    case 'rolled-back':
      return { state: 'is', version: plan.to };
    case 'unknown':
      if (result.after === undefined) return { state: 'not-compared' };
      return result.after === result.before
        ? { state: 'is-in-schema-only', version: plan.from }
        : { state: 'is-none' };
  }
}

function planOf(incident: Incident, round: number): Plan | undefined {
  const run = incident.runs.find((one) => one.round === round);
  return incident.plans.find((one) => one.hash === run?.hash)?.plan;
}

/** What an assessment reads, compared with what this incident has seen before: looking again takes nothing back. */
function seenAgain(
  incident: Incident,
  facts: Pick<Facts, 'folder' | 'version' | 'fingerprint'>,
  earlier: readonly Operation[],
): Comparison {
  const { hash } = facts.fingerprint;
  for (const { result, round } of earlier.toReversed()) {
    if (isResultOf('run-down', result)) {
      const isSeenSo = isDirty(facts.version) || isSameRow(result.version, facts.version);
      if (isSeenSo && result.after === hash) return comparisonOf(incident, { result, round });
      const from = planOf(incident, round)?.from;
      if (isDirty(facts.version) && result.before === hash && from !== undefined) {
        return { state: 'is', version: from };
      }
    }
    if (!isResultOf('assess', result) || !isDirty(facts.version)) continue;
    const { version, fingerprint } = result.facts;
    if (!isDirty(version) && fingerprint.hash === hash) {
      return { state: 'is', version: version.state === 'at' ? version.version : null };
    }
  }
  const isSomethingKnown = earlier.some(
    ({ result }) => isResultOf('assess', result) && !isDirty(result.facts.version),
  );
  const compared = comparedWithSeen(facts);
  if (compared.state !== 'not-compared' || !isDirty(facts.version)) return compared;
  return { state: isSomethingKnown ? 'is-none' : 'not-compared' };
}

function isDirty(row: VersionRow): boolean {
  return row.dirty === true;
}

function isSameRow(left: VersionRow, right: VersionRow): boolean {
  const versionOf = (row: VersionRow): Version | null => (row.state === 'at' ? row.version : null);
  return versionOf(left) === versionOf(right) && isDirty(left) === isDirty(right);
}
