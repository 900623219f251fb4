/** `--walk`: the whole story in the terminal with nobody at the keyboard, and what has come of it. */
import { dump } from './dump.ts';
import type { Endings } from './endings.ts';
import { startNarrator } from './narrator.ts';
import type { Finding } from './outcome.ts';
import { findOutcome, findRemains, takeCensus } from './outcome.ts';
import { descendants } from './processes.ts';
import { itemsOf, printSections, sectionsIn } from './sections.ts';
import type { Address, Stage } from './stage.ts';
import { buildStage } from './stage.ts';
import { playRollback } from './story.ts';
import type { Terminal } from './terminal.ts';
import { pause } from './waiting.ts';

const BREATH_MS = 150;
const WHOLE_TIMEOUT_MS = 8 * 60_000;

export interface WalkOptions {
  readonly endings: Endings;
  readonly address: Address;
  readonly terminal: Terminal;
}

/** Gives the exit code: 0 only when all is as it has to be. */
export async function walk(options: WalkOptions): Promise<number> {
  const { endings, terminal } = options;
  let stage: Stage | null = null;
  let findings: readonly Finding[];
  try {
    stage = await inTime(
      buildStage({
        ...options,
        archiveAfterMinutes: 0,
        routes: () => [],
        say: (text) => void (endings.haveBegun() || terminal.spoken('demo', text)),
      }),
    );
    findings = await inTime(play(stage, options));
  } catch (error) {
    // Whoever ended it knows why it is not over.
    if (endings.haveBegun()) return ended(endings);
    findings = [{ ok: false, says: error instanceof Error ? error.message : String(error) }];
    if (stage !== null) dump(stage, terminal);
  }
  const processes = descendants();
  const troubles = await endings.endAll();
  const all = [...findings, findRemains({ troubles, processes })];
  terminal.scene('What is true now');
  for (const { ok, says } of all) terminal.spoken(ok ? '✓' : '✗', says);
  const isFine = all.every(({ ok }) => ok);
  terminal.line(isFine ? '\nThe rollback is done.' : '\nThis is NOT as it has to be.');
  return isFine ? 0 : 1;
}

async function ended(endings: Endings): Promise<number> {
  await endings.endAll();
  return Number(process.exitCode ?? 1);
}

async function play(stage: Stage, { endings, terminal }: WalkOptions): Promise<readonly Finding[]> {
  const { slack, world } = stage;
  const before = await takeCensus(world);
  // The last that was begun is the first to end: what the end itself changes is not told.
  const narrator = endings.keep(startNarrator(stage, terminal), (begun) => begun.beSilent());
  try {
    const { channel } = await playRollback({
      stage,
      cues: { ...narrator.cues, breathe: () => pause(BREATH_MS) },
      untilArchived: true,
    });
    narrator.stop();
    const sections = sectionsIn(slack, channel);
    terminal.scene('The checklist');
    printSections(slack, sections, terminal);
    const items = sections.flatMap((section) => itemsOf(slack, section));
    return await findOutcome({ world, before, sections, items });
  } finally {
    narrator.stop();
  }
}

/** Whatever hangs, the walk does not. */
async function inTime<Value>(work: Promise<Value>): Promise<Value> {
  const late = pause(WHOLE_TIMEOUT_MS).then(() => {
    throw new Error(`It was not over after ${WHOLE_TIMEOUT_MS / 60_000} minutes.`);
  });
  return Promise.race([work, late]);
}
