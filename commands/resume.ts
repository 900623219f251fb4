import { z } from 'zod';
import type { FormHelp } from '../src/define-command.ts';
import { decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import { event } from '../src/incident/events.ts';
import { notRunning } from '../src/incident/plan/gates.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { RunView } from '../src/incident/flow/run.ts';
import { isLastCheck, viewRun } from '../src/incident/flow/run.ts';
import type { Target } from '../src/incident/target.ts';

const VERSIONS = { previous: 'version before', same: 'version they had' } as const;
const Version = z.enum(['previous', 'same']);

const Input = z.object({
  version: Version.optional().register(fields, {
    label: 'Start the services in which version?',
    hint: 'The one that fits the schema. Look at the database first.',
    look: 'choice',
    required: true,
  }),
});

export const resume = defineCommand({
  verb: 'resume',
  usage: '[previous|same]',
  help: 'Brings the services back: in the version before after a rollback, else in the one they had.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: Input,
  words: ([version, ...rest]) => {
    if (version === undefined) return {};
    const read = Version.safeParse(version.toLowerCase());
    if (read.success && rest.length === 0) return { version: read.data };
    return { unexpected: [...(read.success ? [] : [version]), ...rest].join(' ') };
  },
  form: { title: 'Bring services back', submit: 'Start them', help: formHelp },
  decide: ({ incident, target, input }) => {
    const view = viewRun(incident, target);
    if (view === null) return refuse('nothing-to-resume', { target: target.name });
    const closed = refusalIn(view, target) ?? notRunning(incident, target);
    if (closed !== null) return closed;
    const version = input.version ?? fitting(view);
    if (version === null) return needsForm(formHelp());
    const attempts = [...view.operations, ...view.run.resumes].map((one) => one.attempt);
    const attempt = Math.max(1, ...attempts) + 1;
    return decided(
      [event('resume-asked', { round: view.run.round, attempt, version })],
      `${sayAsked(view, version)} ${sayDatabase(view)}`,
      'status',
    );
  },
});

function refusalIn(view: RunView, target: Target): Refusal | null {
  const { phase, services } = view;
  const isBack = services === 'back-same' || services === 'back-previous';
  if (phase.phase === 'done' || phase.phase === 'put-back') {
    if (!isBack) return refuse('nothing-to-resume', { target: target.name });
    const version = services === 'back-same' ? VERSIONS.same : VERSIONS.previous;
    return refuse('services-back', { target: target.name, version });
  }
  if (phase.phase !== 'under-way') return null;
  if (phase.wanted.step === 'run-down') return refuse('wait-for-down');
  return view.operations.some((one) => one.step === 'resume-services')
    ? refuse('resume-under-way')
    : null;
}

/** The version that fits the schema; null when nobody knows the schema. */
function fitting({ database }: RunView): 'previous' | 'same' | null {
  if (database === 'unknown') return null;
  return database === 'rolled-back' ? 'previous' : 'same';
}

/** Where the services are back already, it is the checks that are asked for. */
function sayAsked(view: RunView, version: keyof typeof VERSIONS): string {
  const step = view.phase.phase === 'needs-a-person' ? view.phase.step : null;
  if (step === 'maintenance-off') return 'Maintenance is being switched off.';
  if (step !== 'check-services') return `The services are started in the ${VERSIONS[version]}.`;
  return isLastCheck(view)
    ? 'The services are checked once more. Whatever the checks say, maintenance is then switched off.'
    : 'The services are checked again.';
}

function sayDatabase({ database }: RunView): string {
  switch (database) {
    case 'rolled-back':
      return 'The database is rolled back.';
    case 'unchanged':
      return 'The database is as it was before the run.';
    case 'unknown':
      return 'What the database is now is not known.';
  }
}

function formHelp(): FormHelp {
  return {
    intro:
      'Whether the database is rolled back is not known. A DBA looks at it first; then the services start in the version that fits.',
    choices: {
      version: [
        { value: 'previous', label: 'The version before', about: 'Fits the rolled-back schema' },
        { value: 'same', label: 'The version they had', about: 'Fits the schema from before' },
      ],
    },
  };
}
