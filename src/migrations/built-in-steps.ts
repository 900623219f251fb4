import type { Version } from '../incident/names.ts';
import type { Session } from '../target/connect.ts';
import type { Step } from './steps.ts';

export interface BuiltInRun {
  readonly session: Session;
  /** Newest first. */
  readonly steps: readonly Step[];
  /** Quoted, as in SQL. */
  readonly table: string;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** We were asked to stop and have not begun the next statement. */
export class StoppedBetween extends Error {}

/** All or nothing: a failure anywhere leaves the schema and the version row as they were. */
export async function downInOneTransaction(run: BuiltInRun): Promise<void> {
  const { steps, session } = run;
  const done: string[] = [];
  await inTransaction(run, async () => {
    for (const [index, step] of steps.entries()) {
      const startedAt = performance.now();
      stopIfAsked(run);
      await runBody(run, step);
      // A commit between two files would check what is deferred; so does this.
      if (index < steps.length - 1) await session.execute('set constraints all immediate');
      done.push(sayDone(step, startedAt));
    }
    await writeVersion(run, { version: steps.at(-1)?.leadsTo ?? null, dirty: false });
    stopIfAsked(run);
  });
  for (const line of done) run.say(line);
}

/**
 * One transaction per file where the file allows it. Where it does not: golang-migrate's own protocol, in which the
 * version row is marked dirty while the file runs, and stays so when it fails half-way.
 */
export async function downFileByFile(run: BuiltInRun): Promise<void> {
  for (const step of run.steps) {
    const startedAt = performance.now();
    stopIfAsked(run);
    if (isTransactional(step)) {
      await inTransaction(run, async () => {
        await runBody(run, step);
        await writeVersion(run, { version: step.leadsTo, dirty: false });
      });
    } else {
      await inTransaction(run, () => writeVersion(run, { version: step.leadsTo, dirty: true }));
      await runInPieces(run, step);
      await inTransaction(run, () => writeVersion(run, { version: step.leadsTo, dirty: false }));
    }
    run.say(sayDone(step, startedAt));
  }
}

async function inTransaction(
  { session, table }: BuiltInRun,
  work: () => Promise<void>,
): Promise<void> {
  // The row's table is locked first, against tools that know no advisory lock; it can still be read.
  await session.execute(`begin; lock table ${table} in share row exclusive mode`);
  try {
    await work();
    await session.execute('commit');
  } catch (error) {
    // A connection that is gone has rolled back already.
    await session.execute('rollback').catch(() => undefined);
    throw error;
  }
}

/** Inside a transaction of ours. */
async function runBody({ session, say }: BuiltInRun, step: Step): Promise<void> {
  const contents = step.down?.contents;
  if (contents?.state !== 'statements') return;
  await naming(step, say, () => session.execute(contents.read.body));
}

/**
 * A file that ends transactions in its middle goes whole, as golang-migrate sends it. Otherwise each statement goes
 * alone: PostgreSQL takes a message of several as one transaction, where `CONCURRENTLY` cannot run.
 */
async function runInPieces(run: BuiltInRun, step: Step): Promise<void> {
  const contents = step.down?.contents;
  if (contents?.state !== 'statements') return;
  const { statements } = contents.read;
  const pieces = statements.some(({ place }) => place === 'outside-transactions')
    ? statements.map(({ text }) => text)
    : [contents.sql];
  for (const piece of pieces) {
    stopIfAsked(run);
    await naming(step, run.say, () => run.session.execute(piece));
  }
}

async function naming(
  { down }: Step,
  say: (line: string) => void,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    say(`${down?.file ?? 'a migration'} failed.`);
    throw error;
  }
}

async function writeVersion(
  { session, table }: BuiltInRun,
  { version, dirty }: { readonly version: Version | null; readonly dirty: boolean },
): Promise<void> {
  await session.execute(`delete from ${table}`);
  // golang-migrate's word for "before the first, and not finished" is -1.
  if (version === null && !dirty) return;
  await session.execute(
    `insert into ${table} (version, dirty) values (${version ?? '-1'}, ${dirty})`,
  );
}

function isTransactional({ down }: Step): boolean {
  const contents = down?.contents;
  return contents?.state !== 'statements' || contents.read.transactional;
}

function stopIfAsked({ signal }: BuiltInRun): void {
  if (signal.aborted) throw new StoppedBetween('Stopped between two statements.');
}

function sayDone({ version, name, down }: Step, startedAt: number): string {
  const what = down?.contents.state === 'statements' ? name : `${name} (nothing to undo)`;
  return `${version}/d ${what} (${Math.round(performance.now() - startedAt)}ms)`;
}
