/** Dumps the database, and exports what people named, all from one snapshot. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import type { Found, JobContext, Report } from '../src/define-job.ts';
import type { Doors, PartialBackup, Snapshot } from '../src/doors.ts';
import { Fault } from '../src/doors.ts';
import { Export } from '../src/incident/facts/backup.ts';
import type { Backup } from '../src/incident/facts/backup.ts';
import { reportBackup, reportMisnamed } from '../src/incident/reports/backup-report.ts';

const DUMP_JOBS = 2;
const LOCK_WAIT_MS = 5_000;
const PROGRESS_EVERY_MS = 1_000;
/** A table that was never analysed and is no larger than this changes nothing in how far a dump is. */
const SMALL_BYTES = 1_000_000;

type Hands = Pick<Doors, 'target' | 'backups'>;
const Input = z.object({ exports: z.array(Export) });
type Input = z.infer<typeof Input>;

const ABOUT_THE_NAME: readonly Fault['why'][] = ['not-found', 'refused', 'failed', 'not-permitted'];

/** The name is made once, so that whoever looks later finds the same folder. */
const Recorded = z.object({ name: z.string() });

export const backUp = defineJob({
  name: 'back-up',
  again: 'safe',
  timeoutMs: 6 * 60 * 60_000,
  input: Input,
  doors: ['target', 'backups'],

  async run(input, doors, context) {
    const recorded = Recorded.safeParse(context.recorded);
    if (recorded.success) await doors.backups.removePartial(recorded.data.name);
    const name = nameOf(context);
    await context.record({ name } satisfies z.infer<typeof Recorded>);
    const partial = await doors.backups.begin(name);
    try {
      const taken = await take(input, { doors, partial, context });
      if ('wrong' in taken) await partial.abandon();
      return 'wrong' in taken ? reportMisnamed(taken.wrong) : await reportOf(taken, doors);
    } catch (error) {
      await partial.abandon();
      throw error;
    }
  },

  async look(_input, doors, context): Promise<Found> {
    const recorded = Recorded.safeParse(context.recorded);
    if (!recorded.success) return { state: 'not-begun' };
    const found = await doors.backups.check(recorded.data.name);
    if (found.state === 'intact')
      return { state: 'ended', report: await reportOf(found.backup, doors) };
    // Nobody may begin it again: what its worker left would fill the disk for ever.
    await doors.backups.removePartial(recorded.data.name);
    return { state: 'not-begun' };
  },
});

/** `auth-20261122T031200Z-INC-42-op-2`: sorted by time, and never twice the same. */
function nameOf(context: JobContext): string {
  const at = context
    .now()
    .toISOString()
    .replaceAll(/[-:]|\.\d+/g, '');
  return `${context.target.name}-${at}-${context.operation.replace('/', '-')}`;
}

interface Work {
  readonly doors: Hands;
  readonly partial: PartialBackup;
  readonly context: JobContext;
}

/** Names that export nothing: known before hours go into a dump. */
interface Misnamed {
  readonly wrong: readonly string[];
}

async function take(input: Input, work: Work): Promise<Backup | Misnamed> {
  const { doors, partial, context } = work;
  const startedAt = context.now();
  const identity = await doors.target.identity();
  const snapshot = await doors.target.snapshot(context);
  try {
    const wrong = await misnamedIn(input.exports, snapshot);
    if (wrong.length > 0) return { wrong };
    const takenAt = context.now().toISOString();
    await dump(snapshot, work);
    const { exports, notExported } = await exportAll(input.exports, snapshot, work);
    context.progress({ done: 0, total: null, unit: 'bytes', what: 'reading the dump back' });
    await partial.readThrough({ signal: context.signal, onOutput: context.say });
    return await partial.finish({
      takenAt,
      database: identity.database,
      systemIdentifier: identity.systemIdentifier,
      version: snapshot.version.state === 'at' ? snapshot.version.version : null,
      serverVersion: identity.serverVersion,
      exports,
      ...(notExported.length === 0 ? {} : { notExported }),
      tookMs: context.now().getTime() - startedAt.getTime(),
    });
  } finally {
    await snapshot.close();
  }
}

async function misnamedIn(
  wanted: readonly Export[],
  snapshot: Snapshot,
): Promise<readonly string[]> {
  const wrong: string[] = [];
  for (const one of wanted) {
    try {
      await snapshot.lookUp(one);
    } catch (error) {
      if (!(error instanceof Fault) || !ABOUT_THE_NAME.includes(error.why)) throw error;
      wrong.push(one.source.kind === 'table' ? error.say : `\`as ${one.name}\`: ${error.say}`);
    }
  }
  return wrong;
}

async function dump(snapshot: Snapshot, { doors, partial, context }: Work): Promise<void> {
  const watching = watchRows({ doors, context });
  try {
    await partial.dump({
      snapshotId: snapshot.id,
      jobs: DUMP_JOBS,
      applicationName: context.applicationName,
      lockWaitMs: LOCK_WAIT_MS,
      signal: context.signal,
      onOutput: context.say,
    });
  } finally {
    await watching.stop();
  }
}

/** Rows copied so far, by asking the server; a table that ends between two looks counts as last seen. */
function watchRows(given: { readonly doors: Hands; readonly context: JobContext }): {
  stop(): Promise<void>;
} {
  const { doors, context } = given;
  const rows = new Map<string, number>();
  const counting = rowsExpected(doors).catch(() => 0);
  let looking: Promise<void> = Promise.resolve();
  const look = async (): Promise<void> => {
    const rowsTotal = await counting;
    const now = await doors.target.copyProgress(context.applicationName);
    for (const one of now) rows.set(one.table, Math.max(one.rows, rows.get(one.table) ?? 0));
    const done = [...rows.values()].reduce((sum, one) => sum + one, 0);
    // More than was estimated says that the estimate is wrong, and not that it is done.
    const total = done < rowsTotal ? rowsTotal : null;
    context.progress({ done, total, unit: 'rows', what: 'dumping' });
  };
  const timer = setInterval(() => {
    // Progress is a courtesy: the dump does not fail because it could not be watched.
    looking = looking.then(look).catch(() => undefined);
  }, PROGRESS_EVERY_MS);
  return {
    stop: async () => {
      clearInterval(timer);
      await looking;
    },
  };
}

/** Of every table that is not next to empty; nobody knows it if one of them was never analysed. */
async function rowsExpected(doors: Hands): Promise<number> {
  const { tables } = await doors.target.sizes();
  const large = tables.filter((one) => one.rowsEstimate !== null || one.sizeBytes > SMALL_BYTES);
  if (large.some((one) => one.rowsEstimate === null)) return 0;
  return large.reduce((sum, one) => sum + (one.rowsEstimate ?? 0), 0);
}

interface Exported {
  readonly exports: Backup['exports'];
  readonly notExported: NonNullable<Backup['notExported']>;
}

/** The dump is there already: an export that fails is told, and takes nothing with it. */
async function exportAll(
  wanted: readonly Export[],
  snapshot: Snapshot,
  { partial, context }: Work,
): Promise<Exported> {
  const exports: Exported['exports'] = [];
  const notExported: Exported['notExported'] = [];
  for (const one of wanted) {
    const file = `${one.name}.csv`;
    try {
      const made = await snapshot.exportCsv(one, {
        file: partial.pathOf(file),
        onProgress: context.progress,
        signal: context.signal,
      });
      exports.push({ name: one.name, file, ...made, columns: [...made.columns] });
    } catch (error) {
      if (!(error instanceof Fault) || context.signal.aborted) throw error;
      notExported.push({ name: one.name, why: error.say });
    }
  }
  return { exports, notExported };
}

async function reportOf(backup: Backup, doors: Hands): Promise<Report> {
  // The list is a courtesy: the backup counts without it.
  const kept = await doors.backups.list().catch(() => []);
  return reportBackup(backup, kept);
}
