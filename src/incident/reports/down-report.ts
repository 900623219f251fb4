/** What is said of a down that was looked at: its outcome, its result, and what it proves. */
import { judgeDown } from './down-verdict.ts';
import type { DownResult, DownVerdict, FileSight, Sight } from './down-verdict.ts';
import type { Evidence } from '../facts/evidence.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Facts, Folder } from '../facts/facts.ts';
import { sayVersion } from '../names.ts';
import type { Version } from '../names.ts';
import type { ResultOf } from '../facts/results.ts';
import { rowEvidence } from '../facts/version-row.ts';

interface DownReport {
  readonly outcome: 'succeeded' | 'failed' | 'stopped';
  readonly says: string;
  readonly result: ResultOf<'run-down'>;
  readonly evidence: readonly Evidence[];
  /** The last lines of the tool. */
  readonly tail?: string;
}

/** `tool` is null when its worker died: nobody heard what the tool said. */
export function reportDown(
  sight: Sight,
  { tool, tookMs }: { readonly tool: DownResult | null; readonly tookMs: number },
): DownReport {
  const verdict = judgeDown(sight, tool);
  const { version, before, after } = sight;
  const tail = tool === null || tool.state === 'refused' ? undefined : tool.tail;
  return {
    outcome: outcomeOf(verdict, tool),
    says: verdict.says,
    result: {
      job: 'run-down',
      schema: verdict.schema,
      version,
      before,
      after,
      ...(verdict.standsAt === undefined ? {} : { standsAt: verdict.standsAt }),
      tookMs,
      drift: [],
    },
    evidence: downEvidence(verdict, sight),
    ...(tail === undefined ? {} : { tail }),
  };
}

/** Nothing was begun: the database is as it was assessed. */
export function reportUndone(
  { version, fingerprint }: Pick<Facts, 'version' | 'fingerprint'>,
  found: { readonly says: string; readonly drift: readonly string[]; readonly isStopped: boolean },
): DownReport {
  const { says, drift, isStopped } = found;
  return {
    outcome: isStopped ? 'stopped' : 'failed',
    says,
    result: {
      job: 'run-down',
      schema: 'unchanged',
      version,
      before: fingerprint.hash,
      tookMs: 0,
      drift: [...drift],
    },
    evidence: [{ item: ITEMS.down, verdict: 'refuted', says: says.slice(0, 600) }],
  };
}

function outcomeOf(verdict: DownVerdict, tool: DownResult | null): DownReport['outcome'] {
  if (verdict.schema === 'rolled-back') return 'succeeded';
  return tool?.state === 'stopped' ? 'stopped' : 'failed';
}

/** A version that needs nothing to be undone may have no file. */
export function fileSight({ migrations }: Folder, version: Version): FileSight {
  const down = migrations.find((one) => one.version === version)?.down;
  return {
    version,
    isTransactional: down?.transactional ?? true,
    changesSchema: down?.changesSchema ?? false,
    writesData: down?.writesData ?? down !== undefined,
  };
}

/** What the verdict proves for the checklist; `digest` is the schema's fingerprint. */
function downEvidence(
  verdict: DownVerdict,
  { plan, version, after: digest }: Sight,
): readonly Evidence[] {
  const isDone = verdict.schema === 'rolled-back';
  return [
    {
      item: ITEMS.down,
      verdict: isDone ? 'proven' : 'refuted',
      says: verdict.says.slice(0, 600),
      digest,
    },
    rowEvidence(version, verdict.dirtySays),
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
