/** What a down did, from what the database is before and after. The tool's own word is only an explanation. */
import type { Evidence } from './evidence.ts';
import { ITEMS } from './evidence.ts';
import type { VersionRow } from './facts.ts';
import { sayVersion } from './names.ts';
import type { Sha256 } from './names.ts';
import type { Plan } from './plan.ts';
import type { SchemaState } from './results.ts';

/** What the tool said of itself. It proves nothing: the caller looks at the database. */
export type DownResult =
  | { readonly state: 'ended'; readonly exitCode: number; readonly tail: string }
  | { readonly state: 'stopped'; readonly tail: string }
  /** It was not started, for this reason. */
  | { readonly state: 'refused'; readonly say: string };

export interface Sight {
  readonly plan: Plan;
  readonly version: VersionRow;
  /** Schema fingerprints. */
  readonly before: Sha256;
  readonly after: Sha256;
  /** Every down file is one transaction: it either happened or it did not. */
  readonly isTransactional: boolean;
}

export interface DownVerdict {
  readonly schema: SchemaState;
  readonly says: string;
  /** When the version row is left dirty: what that means here and what repairs it. */
  readonly dirtySays: string | null;
}

export function judgeDown(sight: Sight, tool: DownResult | null): DownVerdict {
  const { plan, version, before, after } = sight;
  const isDirty = version.dirty === true;
  const at = version.state === 'at' ? version.version : null;
  const isSame = before === after;
  if (!isDirty && at === plan.to) return arrived(plan, isSame);
  if (!isDirty && at === plan.from && isSame) {
    return {
      schema: 'unchanged',
      says: `Nothing changed: the database is at version ${plan.from} with the schema it had. ${why(tool)}`.trim(),
      dirtySays: null,
    };
  }
  if (isDirty && isSame && sight.isTransactional) return undone(plan, at, tool);
  return between({ plan, at, isDirty, isSame, tool });
}

function arrived(plan: Plan, isSame: boolean): DownVerdict {
  const schema = isSame
    ? 'The schema itself is as before: the down files changed data only, or nothing.'
    : 'The schema has changed.';
  return {
    schema: 'rolled-back',
    says: `Rolled back from ${plan.from} to ${sayVersion(plan.to)}; the version row is not dirty. ${schema}`,
    dirtySays: null,
  };
}

/** The file failed and PostgreSQL undid it; only golang-migrate's note that it had begun is left. */
function undone(plan: Plan, at: string | null, tool: DownResult | null): DownVerdict {
  const dirtySays = `The row says ${sayVersion(at)} (dirty), and the schema is still that of ${plan.from}: the failed file was undone as one transaction. \`migrate force ${plan.from}\` makes the row say what is so.`;
  return {
    schema: 'unchanged',
    says: `The down failed and PostgreSQL undid it: the schema is still that of version ${plan.from}. The version row is left dirty. ${why(tool)}`.trim(),
    dirtySays,
  };
}

function between(given: {
  readonly plan: Plan;
  readonly at: string | null;
  readonly isDirty: boolean;
  readonly isSame: boolean;
  readonly tool: DownResult | null;
}): DownVerdict {
  const { plan, at, isDirty, isSame, tool } = given;
  const row = `The version row says ${sayVersion(at)}${isDirty ? ' (dirty)' : ''}`;
  const schema = isSame
    ? 'the schema looks as before, but a file that commits by itself may have changed data'
    : `the schema is neither that of before nor known to be that of ${sayVersion(plan.to)}`;
  return {
    schema: 'unknown',
    says: `It is UNKNOWN how far the rollback came. ${row}; ${schema}. A DBA has to look before anything else runs. ${why(tool)}`.trim(),
    dirtySays: isDirty
      ? `${row}; ${schema}. Compare the schema by hand before any \`migrate force\`.`
      : null,
  };
}

function why(tool: DownResult | null): string {
  if (tool === null) return 'Its worker died; this was found by looking at the database.';
  switch (tool.state) {
    case 'refused':
      return tool.say;
    case 'stopped':
      return 'It was stopped before it had ended.';
    case 'ended':
      return explain(tool.tail);
  }
}

/** The commonest reasons in plain words; the tool's own lines are shown below. */
function explain(tail: string): string {
  if (/lock timeout/i.test(tail)) {
    return 'It waited for a lock that somebody else holds and gave up: end that transaction before the next try.';
  }
  if (/statement timeout/i.test(tail)) return 'A statement took longer than the policy allows.';
  return 'The tool’s last lines say why.';
}

/** What the verdict proves for the checklist; `digest` is the schema's fingerprint. */
export function downEvidence(
  verdict: DownVerdict,
  plan: Plan,
  digest: Sha256,
): readonly Evidence[] {
  const isDone = verdict.schema === 'rolled-back';
  return [
    {
      item: ITEMS.down,
      verdict: isDone ? 'proven' : 'refuted',
      says: verdict.says.slice(0, 600),
      digest,
    },
    ...(verdict.dirtySays === null
      ? []
      : [
          {
            item: ITEMS.dirtyState,
            verdict: 'proven' as const,
            says: verdict.dirtySays.slice(0, 600),
            digest,
          },
        ]),
    ...(isDone
      ? [
          {
            item: ITEMS.currentVersion,
            verdict: 'proven' as const,
            says: `The version row says ${sayVersion(plan.to)}, not dirty.`,
            digest,
          },
        ]
      : []),
  ];
}
