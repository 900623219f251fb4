import { z } from 'zod';
import { decided, defineCommand } from '../src/define-command.ts';
import { Export } from '../src/incident/facts/backup.ts';
import { event } from '../src/incident/events.ts';
import { exportsNamed } from '../src/incident/facts/exports.ts';
import { notRunning } from '../src/incident/plan/gates.ts';
import type { Incident } from '../src/incident/incident.ts';
import { isOver, latest } from '../src/incident/incident.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listedUpTo } from '../src/incident/text.ts';
import { nameMeant } from '../src/incident/words.ts';

const NO_EXPORTS = 'no-exports';

export const backUp = defineCommand({
  verb: 'back-up',
  usage: '[table …] [query="select …" as name] [no-exports]',
  help: 'Takes a new backup; tables and queries that are named are saved as CSV beside it, the last ones again when none is named.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: z.object({
    /** Not given: those of the last backup. */
    exports: z.array(Export).max(50).optional(),
  }),
  words: (words) => {
    if (words.length === 0) return {};
    if (words.length === 1 && nameMeant(words[0] ?? '', [NO_EXPORTS]) !== undefined)
      return { exports: [] };
    const { exports, left } = exportsNamed(words);
    return left.length === 0 ? { exports } : { unexpected: left.join(' ') };
  },
  decide: ({ incident, target, input }) => {
    const running = notRunning(incident, target);
    if (running !== null) return running;
    if (isBackingUp(incident)) return refuse('backing-up');
    const exports = [...(input.exports ?? incident.exports)];
    const names = listedUpTo(
      exports.map((one) => one.name),
      8,
    );
    const saved = exports.length === 0 ? '' : ` Saved as CSV beside it: ${names}.`;
    return decided(
      [event('back-up-asked', { round: incident.rounds.backUp + 1, exports })],
      `A new backup is being taken.${saved} The plan is made again with it, so approvals given before no longer count.`,
      'status',
    );
  },
});

function isBackingUp(incident: Incident): boolean {
  const newest = latest(incident, 'back-up');
  return newest === undefined || newest.round !== incident.rounds.backUp || !isOver(newest);
}
