import { z } from 'zod';
import type { AskedInside, Decided, FormHelp } from '../src/define-command.ts';
import { decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import { openForPeople } from '../src/incident/checklist/checklist.ts';
import { rowOf } from '../src/incident/reports/dirty.ts';
import { CLOSE_OUTCOMES, event } from '../src/incident/events.ts';
import { notRunning } from '../src/incident/plan/gates.ts';
import type { Incident } from '../src/incident/incident.ts';
import { isOver } from '../src/incident/incident.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { RunView } from '../src/incident/flow/run.ts';
import { viewRun } from '../src/incident/flow/run.ts';
import { sayOutcome } from '../src/incident/standing/standing.ts';
import type { Target } from '../src/incident/target.ts';
import { counted, listed, moment } from '../src/incident/text.ts';
import { nameMeant, optionalText } from '../src/incident/words.ts';
import { workOf } from '../src/incident/flow/work.ts';

const Outcome = z.enum(CLOSE_OUTCOMES);
type Outcome = z.infer<typeof Outcome>;

const Input = z.object({
  outcome: Outcome.optional().register(fields, {
    label: 'How did it end?',
    look: 'choice',
    required: true,
  }),
  reason: optionalText(1000).register(fields, {
    label: 'Why is it closed now?',
    hint: 'For whoever reads the post-mortem.',
    look: 'text',
  }),
});
type Heard = AskedInside<z.infer<typeof Input>>;

export const close = defineCommand({
  verb: 'close',
  usage: `[${CLOSE_OUTCOMES.join('|')}] [reason]`,
  help: 'Ends the incident: the post-mortem is written, the channel is archived later.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: Input,
  words: ([word, ...rest], said) => {
    if (word === undefined) return {};
    const outcome = nameMeant(word, CLOSE_OUTCOMES);
    if (outcome === undefined) return { unexpected: [word, ...rest].join(' ') };
    return { outcome, reason: said[1]?.onward };
  },
  form: { title: 'Close the incident', submit: 'Close', help: formHelp },
  decide: (asked) => {
    const { incident, target, input } = asked;
    const working = notRunning(incident, target) ?? stillWorking(incident);
    if (working !== null) return working;
    const isRolledBack = viewRun(incident, target)?.database === 'rolled-back';
    const troubles = troublesOf(incident, target);
    if (input.outcome === undefined) {
      return isRolledBack && troubles.length === 0
        ? closeAs(asked, 'rolled-back')
        : needsForm(formHelp(asked));
    }
    const why = [
      ...troubles,
      ...(input.outcome === 'rolled-back' && !isRolledBack
        ? ['Backout has not rolled this database back.']
        : []),
    ];
    if (why.length > 0 && input.reason === undefined) {
      return refuse('needs-outcome', { why: `${why.join(' ')} A reason is needed.` }, 'reason');
    }
    return closeAs(asked, input.outcome);
  },
});

function stillWorking(incident: Incident): Refusal | null {
  const titles = incident.operations
    .filter((one) => !isOver(one))
    .map((one) => `“${workOf(one).title}”`);
  if (titles.length === 0) return null;
  return refuse('still-working', { what: listed([...new Set(titles)]) });
}

/** What somebody will miss if the incident just ends here. */
function troublesOf(incident: Incident, target: Target): readonly string[] {
  const view = viewRun(incident, target);
  const isDirty = rowOf(incident)?.state === 'dirty';
  return [
    ...(view === null ? [] : troublesOfRun(view)),
    ...(isDirty ? ['The version row is dirty.'] : []),
  ];
}

function troublesOfRun(view: RunView): readonly string[] {
  const isOn = view.maintenance === 'on' || view.maintenance === 'unknown';
  return [
    ...(view.services === 'stopped' ? ['The services are still stopped.'] : []),
    ...(view.services === 'partly-back' ? ['Not all services are back.'] : []),
    ...(isOn ? ['Maintenance mode may still be on.'] : []),
    ...(view.database === 'unknown' ? ['What the database is now is not known.'] : []),
  ];
}

function closeAs({ incident, target, now, input }: Heard, outcome: Outcome): Decided {
  const minutes = target.policy.archiveAfterMinutes;
  const archiveAt = new Date(now.getTime() + minutes * 60_000).toISOString();
  const { reason } = input;
  const open = openForPeople(incident, target, 'close').length;
  const left =
    open === 0
      ? ''
      : ` ${counted(open, 'item')} of the checklist ${open === 1 ? 'is' : 'are'} still open; those of section 12 can still be answered.`;
  const archived =
    incident.channel.state === 'open' ? ` Its channel is archived ${moment(archiveAt)}.` : '';
  return decided(
    [
      event('incident-closed', {
        outcome,
        archiveAt,
        ...(reason === undefined ? {} : { reason }),
      }),
    ],
    `${incident.id} is closed: ${sayOutcome(outcome)}. The post-mortem is being written.${archived}${left}`,
    'status',
  );
}

const OUTCOMES_ABOUT: Readonly<Record<Outcome, string>> = {
  'rolled-back': 'The database is at the lower version',
  'fixed-another-way': 'For example by a new release',
  abandoned: 'It is left as it is',
};

function formHelp({ incident, target }: AskedInside<unknown>): FormHelp {
  const troubles = troublesOf(incident, target);
  const isRolledBack = viewRun(incident, target)?.database === 'rolled-back';
  const intro = [
    ...(isRolledBack ? [] : ['Backout has not rolled this database back.']),
    ...troubles,
    ...(troubles.length > 0 ? ['Say why the incident ends all the same.'] : []),
  ].join(' ');
  return {
    ...(intro === '' ? {} : { intro }),
    choices: {
      outcome: CLOSE_OUTCOMES.map((value) => ({
        value,
        label: `It was ${sayOutcome(value)}`,
        about: OUTCOMES_ABOUT[value],
      })),
    },
    presets: isRolledBack ? { outcome: 'rolled-back' } : {},
  };
}
