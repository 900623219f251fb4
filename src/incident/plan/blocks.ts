/** What stands in the way of a plan, and what somebody can do about it. */
import { rowOf } from '../reports/dirty.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Facts, FileProblem } from '../facts/facts.ts';
import type { Incident, Operation } from '../incident.ts';
import { latest, latestResult } from '../incident.ts';
import type { Version } from '../names.ts';
import { sayVersion } from '../names.ts';
import { lastingTransactions, sayHowToEnd, sayTransaction } from '../facts/open-transactions.ts';
import type { Target } from '../target.ts';

/** One that is younger may well be over when the writers are stopped; it is looked for again before that. */
const BLOCKING_SECONDS = 60;

export interface Block {
  readonly code: string;
  readonly say: string;
  /** What somebody can do about it. */
  readonly next: string;
}

/** A backup that failed only because of what people named beside it leaves the one before as good as it was. */
export function failureOf(incident: Incident, step: 'assess' | 'back-up'): readonly Block[] {
  const newest = latest(incident, step);
  if (newest === undefined || newest.state === 'succeeded') return [];
  if (step === 'back-up' && isOnlyExport(newest) && latestResult(incident, step) !== undefined) {
    return [];
  }
  return [
    {
      code: `${step}-failed`,
      say: newest.says ?? `The ${step} did not succeed.`,
      next:
        step === 'assess'
          ? '`/rollback plan again` reads the database again.'
          : '`/rollback back-up` tries again.',
    },
  ];
}

function isOnlyExport({ evidence }: Operation): boolean {
  return evidence.some((one) => one.item === ITEMS.export && one.verdict === 'refuted');
}

export function blocksInFacts(facts: Facts, target: Target): readonly Block[] {
  const blocks: Block[] = [];
  if (facts.identity.isReplica) {
    blocks.push({
      code: 'replica',
      say: 'This address leads to a read-only replica.',
      next: 'Put the address of the primary into the environment and restart the worker.',
    });
  }
  const { lockDatabases, migrationLocks } = facts.activity;
  if (lockDatabases?.length === 0) {
    blocks.push({
      code: 'no-lock-database',
      say: 'The lock that keeps two rollbacks apart lies in the database `postgres` or `template1` of the same server, and neither lets this user in: the run could not begin.',
      next: 'A DBA says `grant connect on database postgres to <the user in the database URL>`, then `/rollback plan again`.',
    });
  }
  if (migrationLocks.state === 'known' && migrationLocks.value.length > 0) {
    blocks.push({
      code: 'migrating',
      say: 'Somebody is migrating this database right now: a migration lock is held.',
      next: 'Wait for it or stop it, then `/rollback plan again`.',
    });
  }
  return [...blocks, ...blocksInSessions(facts, target)];
}

/** What would stop the run only when the services are down already. */
function blocksInSessions({ activity }: Facts, { services }: Target): readonly Block[] {
  const { connections } = activity;
  if (connections.state === 'unknown') {
    return [
      {
        code: 'sessions-unknown',
        say: `Who is connected is unknown, so nobody could prove that nobody writes: ${connections.why}`,
        next: 'A DBA grants it, then `/rollback plan again`.',
      },
    ];
  }
  const lasting = lastingTransactions(activity, { services, seconds: BLOCKING_SECONDS });
  if (lasting.length === 0) return [];
  const said = lasting.slice(0, 5).map(sayTransaction).join('; ');
  return [
    {
      code: 'open-transactions',
      say: `Somebody else is in the middle of something: ${said}.`,
      next: `${sayHowToEnd(lasting)} Then \`/rollback plan again\`.`,
    },
  ];
}

/** By the newest that is known: a down of ours that failed may have left it dirty after the assessment. */
export function blocksInRow(incident: Incident): readonly Block[] {
  const row = rowOf(incident);
  if (row?.state !== 'dirty') return [];
  return [{ code: 'dirty', say: row.says, next: `${row.next} Then \`/rollback plan again\`.` }];
}

export function blocksInTool(facts: Facts, target: Target): readonly Block[] {
  const { migrate } = facts.clients;
  if (target.migrations.tool === 'built-in' || migrate.state === 'known') return [];
  return [
    {
      code: 'no-migrate',
      say: `golang-migrate cannot be started: ${migrate.why}`,
      next: 'Install `migrate` where the worker runs, or set `migrations.tool: built-in`; then `/rollback plan again`.',
    },
  ];
}

export function blocksInValidation(facts: Facts, target: Target): readonly Block[] {
  if (facts.validation !== 'missing' && facts.validation !== 'empty') return [];
  const [what, mend] =
    facts.validation === 'missing'
      ? ['cannot be read where the worker runs', 'Put it there']
      : ['holds no statement, so it proves nothing', 'Write its checks'];
  return [
    {
      code: 'no-validation-file',
      say: `The validation file ${target.validation} ${what}, and the run would stop at it.`,
      next: `${mend}, or take \`validation\` out of backout.yaml and restart; then \`/rollback plan again\`.`,
    },
  ];
}

export function blocksInFiles(
  incident: Incident,
  { folder }: Facts,
  undone: readonly Version[],
): readonly Block[] {
  const duplicates = folder.problems.filter((one) => one.kind === 'duplicate');
  const inTheWay = folder.problems.filter(
    (one) =>
      one.direction === 'down' &&
      one.kind !== 'duplicate' &&
      one.version !== undefined &&
      undone.includes(one.version) &&
      !isBesideTheRightOne(folder, one) &&
      !isAgreedNothing(incident, one),
  );
  return [
    ...duplicates.map((one) => ({
      code: 'duplicate-file',
      say: one.say,
      next: 'Remove one of the two files, then `/rollback plan again`.',
    })),
    ...inTheWay.map((one) => ({ code: 'down-file', say: one.say, next: wayOut(one) })),
  ];
}

/** The tool does not see it and runs another file, which is the one that was read. */
function isBesideTheRightOne({ migrations }: Facts['folder'], problem: FileProblem): boolean {
  const runs = migrations.find((one) => one.version === problem.version)?.down?.file;
  return problem.kind === 'misnamed' && runs !== undefined && runs !== problem.file;
}

function wayOut(problem: FileProblem): string {
  const { kind, version } = problem;
  switch (kind) {
    case 'missing':
    case 'empty':
    case 'only-comments':
      return `${kind === 'missing' ? 'Add' : 'Fill'} the file and say \`/rollback plan again\`; or, if version ${version} really needs nothing undone, \`/rollback plan nothing=${version}\` and two people approve that.`;
    case 'misnamed':
      return `If it is not meant to undo version ${version}, take it out of the folder. Then \`/rollback plan again\`.`;
    case 'certain-to-fail':
      return 'Do that, then `/rollback plan again`.';
    case 'unparsable':
    case 'duplicate':
      return 'Mend the file, then `/rollback plan again`.';
  }
}

function isAgreedNothing(incident: Incident, problem: FileProblem): boolean {
  return (
    isNothing(problem) &&
    problem.version !== undefined &&
    incident.course.nothingToUndo.includes(problem.version)
  );
}

function isNothing({ kind }: FileProblem): boolean {
  return kind === 'missing' || kind === 'empty' || kind === 'only-comments';
}

export function blocksInBackup(incident: Incident, facts: Facts): readonly Block[] {
  const backup = latestResult(incident, 'back-up')?.backup;
  if (backup === undefined) return [];
  const isSame =
    backup.systemIdentifier === facts.identity.systemIdentifier &&
    backup.database === facts.identity.database;
  if (!isSame) {
    return [
      {
        code: 'other-database',
        say: 'The backup is of another database than the one that was assessed.',
        next: '`/rollback back-up` takes a new one.',
      },
    ];
  }
  // A dirty row says where something was going, not what the database holds: it is the block to be told of.
  if (facts.version.dirty === true) return [];
  const version = facts.version.state === 'at' ? facts.version.version : null;
  if (backup.version === version) return [];
  return [
    {
      code: 'older-backup',
      say: `The backup holds version ${sayVersion(backup.version)}, and the database is at ${sayVersion(version)}.`,
      next: '`/rollback back-up` takes a new one.',
    },
  ];
}
