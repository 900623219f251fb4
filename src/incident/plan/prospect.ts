/** Whether there is a plan yet, and if not, what stands in its way and who can move it. */
import type { Block } from './blocks.ts';
import {
  blocksInBackup,
  blocksInFacts,
  blocksInFiles,
  blocksInRow,
  blocksInTool,
  blocksInValidation,
  failureOf,
} from './blocks.ts';
import type { Facts, Folder, MigrationFile } from '../facts/facts.ts';
import type { Incident } from '../incident.ts';
import { isResultOf, latest, latestResult } from '../incident.ts';
import type { Version } from '../names.ts';
import { compareVersions, sayVersion } from '../names.ts';
import type { Plan } from './plan.ts';
import type { Target } from '../target.ts';

export type Prospect =
  | { readonly state: 'waiting'; readonly for: readonly string[] }
  | { readonly state: 'blocked'; readonly blocks: readonly Block[] }
  | { readonly state: 'ready'; readonly plan: Plan };

/** The plan that today's facts, backup and configuration make; the same input is always the same plan. */
export function prospectOf(incident: Incident, target: Target): Prospect {
  const waiting = stillWaitingFor(incident);
  if (waiting.length > 0) return { state: 'waiting', for: waiting };
  const facts = latestResult(incident, 'assess')?.facts;
  const failed = (['assess', 'back-up'] as const).flatMap((step) => failureOf(incident, step));
  if (facts === undefined) return { state: 'blocked', blocks: failed };

  const course = courseOf(incident, facts);
  const blocks = [
    ...failed,
    ...blocksInFacts(facts, target),
    ...blocksInRow(incident),
    ...blocksInTool(facts, target),
    ...blocksInValidation(facts, target),
    ...(course.state === 'blocked' ? course.blocks : blocksInFiles(incident, facts, course.undone)),
    ...blocksInBackup(incident, facts),
  ];
  if (blocks.length > 0 || course.state === 'blocked') return { state: 'blocked', blocks };
  return { state: 'ready', plan: planFrom({ incident, target, facts, course }) };
}

function stillWaitingFor(incident: Incident): readonly string[] {
  const names = { assess: 'the assessment', 'back-up': 'the backup' } as const;
  const rounds = { assess: incident.rounds.assess, 'back-up': incident.rounds.backUp } as const;
  return (['assess', 'back-up'] as const).flatMap((step) => {
    const newest = latest(incident, step);
    const isCurrent = newest !== undefined && newest.round === rounds[step];
    const isUnderWay = !isCurrent || ['queued', 'running', 'lost'].includes(newest.state);
    return isUnderWay ? [names[step]] : [];
  });
}

type Course =
  | {
      readonly state: 'set';
      readonly from: Version;
      readonly to: Version | null;
      readonly undone: readonly Version[];
    }
  | { readonly state: 'blocked'; readonly blocks: readonly Block[] };

/** From where to where, and which versions are undone on the way, newest first. */
export function courseOf(incident: Incident, facts: Facts): Course {
  if (facts.version.state === 'none') {
    return blocked(
      'nothing-applied',
      'No migration is applied in this database: there is nothing to roll back.',
      '`/rollback close` ends this incident.',
    );
  }
  const from = facts.version.version;
  const { below } = facts.folder;
  const kept = facts.folder.migrations.map((one) => one.version);
  const versions = below === undefined ? kept : [below, ...kept];
  if (!versions.includes(from)) {
    return blocked(
      'files-missing',
      `The database is at version ${from}, and the migrations folder has no file for it.`,
      'Point `migrations.path` at the release that is applied, then `/rollback plan again`.',
    );
  }
  const suspected = incident.details.suspectedVersion ?? firstFound(incident) ?? from;
  const to = incident.course.to === undefined ? before(versions, suspected) : incident.course.to;
  if (to !== null && compareVersions(to, from) >= 0) {
    return blocked(
      'not-down',
      `The database is at version ${from} already; going to ${to} is not a rollback.`,
      '`/rollback plan to=<version>` chooses a lower version; `/rollback close` ends this incident.',
    );
  }
  if (below !== undefined && (to === null || compareVersions(to, below) < 0)) {
    return blocked(
      'too-far',
      `Going to ${sayVersion(to)} would undo more than the ${kept.length.toLocaleString('en-US')} newest migrations. Backout does not go that far.`,
      `\`/rollback plan to=<version>\` with ${below} or a higher version.`,
    );
  }
  if (to !== null && !versions.includes(to)) {
    return blocked(
      'unknown-version',
      `There is no migration ${to} in the folder.`,
      '`/rollback plan to=<version>` with one of the versions that `/rollback plan` lists.',
    );
  }
  const undone = kept
    .filter(
      (one) => compareVersions(one, from) <= 0 && (to === null || compareVersions(one, to) > 0),
    )
    .toSorted((a, b) => compareVersions(b, a));
  return { state: 'set', from, to, undone };
}

/** What was newest when the incident began: if somebody has undone it by hand since, nothing lower is meant. */
function firstFound(incident: Incident): Version | undefined {
  const first = incident.operations
    .map(({ result }) => result)
    .find((result) => isResultOf('assess', result));
  return first?.facts.version.state === 'at' ? first.facts.version.version : undefined;
}

function blocked(code: string, say: string, next: string): Course {
  return { state: 'blocked', blocks: [{ code, say, next }] };
}

function before(versions: readonly Version[], version: Version): Version | null {
  const lower = versions
    .filter((one) => compareVersions(one, version) < 0)
    .toSorted(compareVersions);
  return lower.at(-1) ?? null;
}

type SetCourse = Extract<Course, { state: 'set' }>;

function planFrom(given: {
  readonly incident: Incident;
  readonly target: Target;
  readonly facts: Facts;
  readonly course: SetCourse;
}): Plan {
  const { incident, target, facts, course } = given;
  return {
    systemIdentifier: facts.identity.systemIdentifier,
    database: facts.identity.database,
    from: course.from,
    to: course.to,
    files: course.undone.map((version) => downFileOf(facts.folder, version)),
    nothingToUndo: incident.course.nothingToUndo.filter((one) => course.undone.includes(one)),
    backupManifest: latestResult(incident, 'back-up')?.backup.manifestSha256 ?? null,
    ...configuredPart(target),
  };
}

/** The part of a plan that comes from the configuration. */
export function configuredPart(target: Target): Pick<Plan, 'services' | 'policy'> {
  const { policy, services } = target;
  return {
    services: services.map((one) => one.name),
    policy: {
      tool: target.migrations.tool,
      approvalTtlMinutes: policy.approvalTtlMinutes,
      lockTimeoutMs: policy.lockTimeoutMs,
      statementTimeoutMs: policy.statementTimeoutMs,
      start: policy.start,
      require: [...policy.require],
    },
  };
}

export function downFileOf(folder: Folder, version: Version): Plan['files'][number] {
  const migration: MigrationFile | undefined = folder.migrations.find(
    (one) => one.version === version,
  );
  return {
    version,
    file: migration?.down?.file ?? `${version}_${migration?.name ?? '…'}.down.sql`,
    sha256: migration?.down?.sha256 ?? null,
  };
}
