/** What a down did, from what the database is before and after. The tool's own word is only an explanation. */
import type { VersionRow } from '../facts/facts.ts';
import { sayVersion } from '../names.ts';
import type { Sha256, Version } from '../names.ts';
import type { Plan } from '../plan/plan.ts';
import type { SchemaState } from '../facts/results.ts';

/** What the tool said of itself. It proves nothing: the caller looks at the database. */
export type DownResult =
  | { readonly state: 'ended'; readonly exitCode: number; readonly tail: string }
  | { readonly state: 'stopped'; readonly tail: string }
  /** It was not started, for this reason. */
  | { readonly state: 'refused'; readonly say: string };

/** One down file of the plan, in the order in which they run. */
export interface FileSight {
  readonly version: Version;
  /** One transaction: it either happened or it did not. */
  readonly isTransactional: boolean;
  /** It is sure to change the schema, so that the same schema says that it did nothing. */
  readonly changesSchema: boolean;
  /** It can change values, which no schema tells of. */
  readonly writesData: boolean;
}

export interface Sight {
  readonly plan: Plan;
  readonly version: VersionRow;
  /** Schema fingerprints. */
  readonly before: Sha256;
  readonly after: Sha256;
  readonly files: readonly FileSight[];
  /** The schema now is one that was seen for the version to go to. */
  readonly isKnown: boolean;
}

export interface DownVerdict {
  readonly schema: SchemaState;
  readonly says: string;
  /** The version whose schema this is; undefined when nobody knows. */
  readonly standsAt?: Version | null | undefined;
  /** When the version row is left dirty: what that means here and what repairs it. */
  readonly dirtySays: string | null;
}

export function judgeDown(sight: Sight, tool: DownResult | null): DownVerdict {
  const { plan, version, before, after, files, isKnown } = sight;
  const isDirty = version.dirty === true;
  const at = version.state === 'at' ? version.version : null;
  const isSame = before === after;
  if (!isDirty && at === plan.to) {
    return isSame && !isKnown && files.some((one) => one.changesSchema)
      ? withoutEffect(plan, files)
      : arrived(sight);
  }
  if (!isDirty && at === plan.from && isSame) {
    return {
      schema: 'unchanged',
      says: `Nothing changed: the database is at version ${plan.from} with the schema it had. ${why(tool)}`.trim(),
      standsAt: plan.from,
      dirtySays: null,
    };
  }
  const halt = haltOf(sight, { at, isDirty });
  if (halt === null || (isSame && halt.done.some((one) => one.changesSchema))) {
    return between({ plan, at, isDirty, isSame, tool });
  }
  if (!isDirty) return stoppedBetween(halt, tool);
  if (!isUndone(halt.next, { isFirst: halt.done.length === 0, isSame, tool })) {
    return halt.done.length === 0
      ? between({ plan, at, isDirty, isSame, tool })
      : halfWay(halt, at, tool);
  }
  return halt.done.length === 0 ? undone(plan, at, tool) : undoneLater(halt, at, tool);
}

function arrived({ plan, before, after, files, isKnown }: Sight): DownVerdict {
  return {
    schema: 'rolled-back',
    says: `Rolled back from ${plan.from} to ${sayVersion(plan.to)}; the version row is not dirty. ${schemaSaid()}`,
    standsAt: plan.to,
    dirtySays: null,
  };

  function schemaSaid(): string {
    if (isKnown) return 'The schema is exactly one that was seen for that version.';
    if (before === after) {
      return 'The schema itself is as before, which the down files allow: they change data, or may find nothing to change.';
    }
    return files.length > 1
      ? 'The schema has changed, as a whole: whether each of the down files did its part was not looked at.'
      : 'The schema has changed.';
  }
}

/** `drop table if exists` with a wrong name ends well too. */
function withoutEffect(plan: Plan, files: readonly FileSight[]): DownVerdict {
  const isData = files.some((one) => one.writesData);
  const data = isData ? ' Their data may have changed.' : '';
  return {
    schema: 'unknown',
    says: `The version row moved to ${sayVersion(plan.to)}, the schema did not: it is still exactly that of version ${plan.from}, although the down files were to change it.${data} A DBA has to look at what they name and at what is there.`,
    standsAt: isData ? undefined : plan.from,
    dirtySays: null,
  };
}

/** Where a plan of several files came to a halt: each file's version row tells that those before it are done. */
interface Halt {
  readonly done: readonly FileSight[];
  /** It had begun, when the row is dirty; otherwise it had not. */
  readonly next: FileSight;
}

function haltOf(
  { plan, files }: Sight,
  row: { readonly at: Version | null; readonly isDirty: boolean },
): Halt | null {
  const index = files.findIndex((file, place) =>
    row.isDirty ? (files[place + 1]?.version ?? plan.to) === row.at : file.version === row.at,
  );
  const next = files[index];
  return next === undefined || (index === 0 && !row.isDirty)
    ? null
    : { done: files.slice(0, index), next };
}

/** Whether the file that had begun left nothing behind. */
function isUndone(
  file: FileSight,
  seen: {
    readonly isFirst: boolean;
    readonly isSame: boolean;
    readonly tool: DownResult | null;
  },
): boolean {
  if (!file.isTransactional) return false;
  if (seen.isFirst && !seen.isSame) return false;
  // Otherwise the schema does not tell: it may have committed after the tool was gone.
  return (seen.isFirst && file.changesSchema) || isServersNo(seen.tool);
}

/** The tool ended because PostgreSQL refused the file itself, which ends its transaction. */
function isServersNo(tool: DownResult | null): boolean {
  if (tool?.state !== 'ended' || tool.exitCode <= 0) return false;
  return /^error: migration failed/m.test(tool.tail) && /^pq: /m.test(tool.tail);
}

function stoppedBetween({ done, next }: Halt, tool: DownResult | null): DownVerdict {
  return {
    schema: 'unknown',
    says: `It came to a halt between two files: ${listed(done)} ${isOrAre(done)} undone, ${next.version} is not. The database is at version ${next.version}, not dirty. ${why(tool)}`.trim(),
    standsAt: next.version,
    dirtySays: null,
  };
}

/** The file failed and PostgreSQL undid it; only golang-migrate's note that it had begun is left. */
function undone(plan: Plan, at: string | null, tool: DownResult | null): DownVerdict {
  const dirtySays = `The row says ${sayVersion(at)} (dirty), and the schema is still that of ${plan.from}: the failed file was undone as one transaction. \`migrate force ${plan.from}\` makes the row say what is so.`;
  return {
    schema: 'unchanged',
    says: `The down failed and PostgreSQL undid it: the schema is still that of version ${plan.from}. The version row is left dirty. ${why(tool)}`.trim(),
    standsAt: plan.from,
    dirtySays,
  };
}

/** As above, with files before it that are done and stay done. */
function undoneLater(
  { done, next }: Halt,
  at: string | null,
  tool: DownResult | null,
): DownVerdict {
  const now = `${listed(done)} ${isOrAre(done)} undone and ${isOrAre(done) === 'is' ? 'stays' : 'stay'} so. The down of ${next.version} failed and PostgreSQL took it back: the database is that of version ${next.version}.`;
  return {
    schema: 'unknown',
    says: `It came only a part of the way. ${now} The version row says ${sayVersion(at)} (dirty). ${why(tool)}`.trim(),
    standsAt: next.version,
    dirtySays: `${now} \`migrate force ${next.version}\` makes the row say what is so.`,
  };
}

function halfWay({ done, next }: Halt, at: string | null, tool: DownResult | null): DownVerdict {
  const now = `${listed(done)} ${isOrAre(done)} undone; of version ${next.version} it is UNKNOWN whether it was undone, not, or by halves.`;
  return {
    schema: 'unknown',
    says: `${now} The version row says ${sayVersion(at)} (dirty). A DBA has to look before anything else runs. ${why(tool)}`.trim(),
    dirtySays: `${now} Compare the schema by hand before any \`migrate force\`.`,
  };
}

function listed(files: readonly FileSight[]): string {
  return `${files.length === 1 ? 'Version' : 'Versions'} ${files.map((one) => one.version).join(', ')}`;
}

function isOrAre(files: readonly FileSight[]): string {
  return files.length === 1 ? 'is' : 'are';
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
    ? 'the schema looks as before, but data may have changed'
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
