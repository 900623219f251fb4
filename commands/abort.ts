import { z } from 'zod';
import type { AskedInside, Decided } from '../src/define-command.ts';
import { decided, defineCommand, fields } from '../src/define-command.ts';
import { event } from '../src/incident/events.ts';
import type { Incident } from '../src/incident/incident.ts';
import { isOver } from '../src/incident/incident.ts';
import { STEPS_SAID } from '../src/incident/phrases.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { RunStep, RunView } from '../src/incident/flow/run.ts';
import { viewRun } from '../src/incident/flow/run.ts';
import { rowOf } from '../src/incident/reports/dirty.ts';
import { changedSaid } from '../src/incident/standing/before.ts';
import { asIs } from '../src/incident/text.ts';
import { optionalText } from '../src/incident/words.ts';

const Input = z.object({
  why: optionalText(1000).register(fields, { label: 'Why?', look: 'line' }),
});
type Heard = AskedInside<z.infer<typeof Input>>;

export const abort = defineCommand({
  verb: 'abort',
  usage: '[why]',
  help: 'Stops what is running, takes back the approvals, and puts back what was stopped.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: Input,
  words: (_words, said) => ({ why: said[0]?.onward }),
  decide: (asked) => {
    const view = viewRun(asked.incident, asked.target);
    switch (view?.phase.phase) {
      case undefined:
      case 'put-back':
        return beforeRun(asked);
      case 'under-way':
        return duringRun(asked, view, view.phase.wanted.step);
      case 'restoring':
        return refuse('resume-under-way');
      case 'done':
        return refuse('already-done');
      case 'needs-a-person':
        return view.database === 'rolled-back'
          ? refuse('past-the-point')
          : refuse('needs-a-person', { why: view.phase.why });
    }
  },
});

function beforeRun({ incident, input }: Heard): Decided {
  const isApproved = incident.approvals.some((one) => one.state === 'given');
  if (!isApproved && !incident.operations.some(isStoppable)) return refuse('nothing-to-abort');
  return decided(
    [event('abort-asked', input.why === undefined ? {} : { why: input.why })],
    `Aborted. ${changedSaid(incident)} Approvals given so far no longer count. ${whatNow(incident)}, \`/rollback close\` ends the incident.`,
    'status',
  );
}

/** Over a dirty row nothing goes on: it is set right first. */
function whatNow(incident: Incident): string {
  const row = rowOf(incident);
  return row?.state === 'dirty'
    ? `${asIs(row.next)} Then \`/rollback plan again\` goes on`
    : '`/rollback plan again` and `/rollback back-up` go on';
}

/** A page that is on its way cannot be called back. */
function isStoppable(operation: Incident['operations'][number]): boolean {
  return !isOver(operation) && operation.job !== 'page';
}

function duringRun({ input }: Heard, view: RunView, step: RunStep): Decided {
  if (view.database === 'rolled-back') return refuse('past-the-point');
  if (view.run.abort !== undefined) return refuse('already-aborted');
  const follows =
    step === 'run-down'
      ? 'The migration is asked to stop. Then the database is looked at, and the services come back in the version that fits it.'
      : 'The database has not been changed. What was stopped comes back in the version it had.';
  return decided(
    [event('abort-asked', input.why === undefined ? {} : { why: input.why })],
    `Aborting, while ${STEPS_SAID[step]}. ${follows}`,
    'status',
  );
}
