/** Compares the database with what it should be now: version, schema, and everything that was not so before. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { JobContext, Report } from '../src/define-job.ts';
import type { Doors } from '../src/doors.ts';
import { baselineEvidence, newTrouble } from '../src/incident/reports/baseline-report.ts';
import type { Evidence } from '../src/incident/facts/evidence.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import type { Baseline, Fingerprint } from '../src/incident/facts/facts.ts';
import { latestResult } from '../src/incident/incident.ts';
import { sayVersion } from '../src/incident/names.ts';
import { sha256, shortHash } from '../src/incident/plan/plan.ts';
import type { ResultOf } from '../src/incident/facts/results.ts';
import { schemaDifferences } from '../src/incident/facts/schema-difference.ts';
import { rowEvidence } from '../src/incident/facts/version-row.ts';

/** As many lines of a fingerprint are kept. */
const LINES_KEPT_MAX = 5_000;

type Hands = Pick<Doors, 'target' | 'validation'>;
type Verified = ResultOf<'verify'>;

export const verify = defineJob({
  name: 'verify',
  again: 'safe',
  timeoutMs: 30 * 60_000,
  input: z.object({}),
  doors: ['target', 'validation'],

  async run(_input, doors, context) {
    const [version, fingerprint, baseline] = await Promise.all([
      doors.target.version(),
      doors.target.fingerprint(),
      doors.target.baseline(),
    ]);
    await context.fingerprints.keep(fingerprint);
    const compared = await compare(fingerprint, version, context);
    const before = latestResult(context.incident, 'assess')?.facts.baseline ?? null;
    // In a schema that is known for this version, what is not valid belongs to it.
    const trouble =
      before === null || compared.schema === 'as-known' ? [] : newTrouble(before, baseline);
    const validation = await validate(doors, context);
    const result: Verified = {
      job: 'verify',
      version,
      fingerprint: fingerprint.hash,
      ...compared,
      newTrouble: [...trouble],
    };
    return report({ result, before, baseline, validation, context });
  },
});

/** Against the schemas seen for this version before, the newest first. */
async function compare(
  fingerprint: Fingerprint,
  row: Verified['version'],
  context: JobContext,
): Promise<Pick<Verified, 'schema' | 'differences'>> {
  const version = row.state === 'at' ? row.version : null;
  const seen = await context.fingerprints.seenFor(version);
  const [newest] = seen;
  if (newest === undefined) return { schema: 'first-seen', differences: [] };
  if (seen.includes(fingerprint.hash)) return { schema: 'as-known', differences: [] };
  const known = await context.fingerprints.recall(newest);
  // Only so many lines are kept: where some are missing, that none differs shows nothing.
  const isWhole = (one: Fingerprint | null): boolean => (one?.lines.length ?? 0) < LINES_KEPT_MAX;
  const differences = schemaDifferences(known?.lines ?? [], fingerprint.lines);
  const isSame =
    known !== null && differences.length === 0 && isWhole(known) && isWhole(fingerprint);
  return isSame
    ? { schema: 'as-known', differences: [] }
    : { schema: 'differs', differences: [...differences] };
}

type Validation =
  | { readonly state: 'none' }
  | { readonly state: 'passed' | 'failed'; readonly says: string; readonly tail: string };

async function validate(doors: Hands, context: JobContext): Promise<Validation> {
  if (context.target.validation === undefined) return { state: 'none' };
  const { ok, says, tail } = await doors.validation.run({
    applicationName: context.applicationName,
    signal: context.signal,
  });
  return { state: ok ? 'passed' : 'failed', says, tail };
}

interface Findings {
  readonly result: Verified;
  /** As it was assessed; null where nobody has looked. */
  readonly before: Baseline | null;
  readonly baseline: Baseline;
  readonly validation: Validation;
  readonly context: JobContext;
}

function report(found: Findings): Report {
  const { result, validation } = found;
  const troubles = troublesOf(found);
  const isSound = troubles.length === 0;
  const version = sayVersion(result.version.state === 'at' ? result.version.version : null);
  const schema =
    result.schema === 'as-known'
      ? `the schema is exactly the one known for ${version}`
      : `the schema of ${version} was seen for the first time, so there was nothing to compare it with`;
  const says = isSound
    ? `Verified: version ${version}, not dirty; ${schema}; nothing new is invalid.`
    : `The database does not verify: ${troubles.join('; ')}. The services stay stopped until somebody decides: \`/rollback resume\`.`;
  return {
    outcome: isSound ? 'succeeded' : 'failed',
    says: says.slice(0, 2_000),
    result,
    evidence: evidenceOf(found, { isSound, says }),
    ...(validation.state === 'none' ? {} : { tail: validation.tail }),
  };
}

function troublesOf({ result, validation, context }: Findings): readonly string[] {
  const wanted = context.incident.plan?.plan.to ?? null;
  const at = result.version.state === 'at' ? result.version.version : null;
  return [
    ...(at === wanted ? [] : [`the version is ${sayVersion(at)}, and not ${sayVersion(wanted)}`]),
    ...(result.version.dirty === true ? ['the version row is dirty'] : []),
    ...(result.schema === 'differs'
      ? [
          `the schema differs from the one known for ${sayVersion(at)} (${result.differences.slice(0, 3).join(', ')})`,
        ]
      : []),
    ...(isUnmoved(result, context)
      ? [
          'the schema is still exactly the one from before the rollback, which the down files were to change',
        ]
      : []),
    ...result.newTrouble,
    ...(validation.state === 'failed' ? [validation.says] : []),
  ];
}

/** The down files were made to change the schema, and it is what it was. */
function isUnmoved({ schema, fingerprint }: Verified, { incident }: JobContext): boolean {
  // Versions that undo each other may have the same schema: then it has been seen for this one.
  if (schema === 'as-known') return false;
  const facts = latestResult(incident, 'assess')?.facts;
  const before = latestResult(incident, 'run-down')?.before ?? facts?.fingerprint.hash;
  const undone = incident.plan?.plan.files.map((one) => one.version) ?? [];
  return (
    fingerprint === before &&
    facts?.folder.migrations.some(
      ({ version, down }) => undone.includes(version) && down?.changesSchema === true,
    ) === true
  );
}

function evidenceOf(
  { result, before, baseline, validation }: Findings,
  verdict: { readonly isSound: boolean; readonly says: string },
): readonly Evidence[] {
  return [
    {
      item: ITEMS.verification,
      verdict: verdict.isSound ? 'proven' : 'refuted',
      says: `${verdict.says} Schema ${shortHash(result.fingerprint)}.`.slice(0, 600),
      digest: result.fingerprint,
    },
    rowEvidence(result.version),
    validationEvidence(validation),
    ...baselineEvidence(before, baseline),
  ];
}

function validationEvidence(validation: Validation): Evidence {
  const item = ITEMS.validation;
  if (validation.state === 'none') {
    return {
      item,
      verdict: 'not-applicable',
      says: 'No validation file is configured for this target.',
    };
  }
  return {
    item,
    verdict: validation.state === 'passed' ? 'proven' : 'refuted',
    says: `${validation.says.charAt(0).toUpperCase()}${validation.says.slice(1)}.`,
    digest: sha256(validation.tail),
  };
}
