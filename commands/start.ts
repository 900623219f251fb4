import { z } from 'zod';
import type { Asked, Choice, Decided, Decision, FormHelp } from '../src/define-command.ts';
import { answered, decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import type { Details, NewEvent } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import type { Incident } from '../src/incident/incident.ts';
import type { IncidentId } from '../src/incident/names.ts';
import { Version } from '../src/incident/names.ts';
import { peopleIn } from '../src/incident/phrases.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { Target } from '../src/incident/target.ts';
import { asIs, listed, mention } from '../src/incident/text.ts';
import { optionalText, sentenceOf } from '../src/incident/words.ts';

/** Stands for whatever is applied when the database is read: what was newest the last time may be so no longer. */
const NEWEST = 'newest';
const JOINED = 'Joined';

const Input = z.object({
  target: z.string().optional().register(fields, {
    label: 'Which database?',
    look: 'choice',
    required: true,
  }),
  sentence: optionalText(500).register(fields, {
    label: 'What is wrong?',
    placeholder: 'Since 02:40 logins fail with: column "name" does not exist',
    look: 'line',
    required: true,
  }),
  impact: optionalText(2000).register(fields, {
    label: 'Who notices what?',
    look: 'text',
  }),
  suspectedVersion: z
    .union([z.literal(NEWEST), Version])
    .optional()
    .register(fields, {
      label: 'Which migration is suspected?',
      hint: 'It and everything applied after it is going to be undone.',
      look: 'choice',
    }),
  whyNotFixForward: optionalText(2000).register(fields, {
    label: 'Why not fix forward?',
    hint: 'A view, a default, a dropped constraint or a new release may be quicker.',
    look: 'text',
  }),
});
type Heard = Asked<z.infer<typeof Input>>;
const Chosen = Input.pick({ target: true });

export const start = defineCommand({
  verb: 'start',
  usage: '[target] [what is wrong]',
  help: 'Opens an incident: the database is read and backed up, the database administrator is called.',
  kind: 'decides',
  who: 'member',
  about: 'maybe-incident',
  input: Input,
  words: (words) => ({ sentence: sentenceOf(words) }),
  form: { title: 'Start a rollback', submit: 'Start', help: formHelp },
  decide: (asked) => {
    const target = targetOf(asked);
    if (target.kind === 'refusal') return target;
    if (target.target === null) return needsForm(formHelp(asked));
    const { name } = target.target;
    const open = asked.open.find((one) => one.target === name);
    if (open !== undefined) return join(asked, open);
    const { sentence } = asked.input;
    if (sentence === undefined) {
      return needsForm(formHelp({ ...asked, target: target.target }));
    }
    return begin({ asked, target: target.target, sentence });
  },
});

function targetOf({
  input,
  target,
  targets,
}: Heard): { readonly kind: 'found'; readonly target: Target | null } | Refusal {
  if (input.target === undefined) {
    return { kind: 'found', target: target ?? (targets.length === 1 ? targets[0] : null) ?? null };
  }
  const named = targets.find((one) => one.name === input.target);
  if (named !== undefined) return { kind: 'found', target: named };
  const names = targets.map((one) => one.name);
  return refuse(
    'unknown-target',
    { target: input.target, targets: listed(names), first: names[0] ?? '' },
    'target',
  );
}

function begin(given: {
  readonly asked: Heard;
  readonly target: Target;
  readonly sentence: string;
}): Decision {
  const { target } = given;
  const { dba } = target.roles;
  const called =
    dba?.page === undefined
      ? `No page address is set for the database administrator: call ${peopleIn(target, 'dba')} yourself.`
      : `The database administrator (${peopleIn(target, 'dba')}) is being called.`;
  const text = `{incident} is open for ${target.name}. The database is being read and backed up. ${called}`;
  return {
    ...decided([], text, 'status'),
    opens: {
      target: target.name,
      events: (incident) => firstEvents({ ...given, incident }),
    },
  };
}

function firstEvents(given: {
  readonly asked: Heard;
  readonly target: Target;
  readonly sentence: string;
  readonly incident: IncidentId;
}): readonly NewEvent[] {
  const { asked, target, sentence, incident } = given;
  const opened = event('incident-opened', {
    incident,
    target: target.name,
    sentence,
    details: detailsOf(asked.input),
    ...(asked.saidIn === undefined ? {} : { saidIn: asked.saidIn }),
  });
  if (target.roles.dba?.page === undefined) return [opened];
  const reason = `A rollback of ${target.name} was started: ${sentence}`;
  return [opened, event('page-asked', { page: 1, role: 'dba', level: 1, reason })];
}

function detailsOf({ impact, suspectedVersion, whyNotFixForward }: Heard['input']): Details {
  return {
    ...(impact === undefined ? {} : { impact }),
    ...(suspectedVersion === undefined || suspectedVersion === NEWEST ? {} : { suspectedVersion }),
    ...(whyNotFixForward === undefined ? {} : { whyNotFixForward }),
  };
}

/** One open incident per target: whoever starts a second one is taken to the first. */
function join(asked: Heard, open: Incident): Decided {
  const { person, input } = asked;
  const place = open.channel.state === 'open' ? `, in #${open.channel.name}` : '';
  const text = `${open.id} is open for ${open.target} already${place}, started by ${mention(open.openedBy)}: ${asIs(open.sentence)}`;
  const isKnown =
    open.openedBy === person.id ||
    open.notes.some(
      ({ by, text: note }) =>
        by.kind === 'person' && by.person === person.id && note.startsWith(JOINED),
    );
  // Events go to the incident that is meant; of another one, only its place is told.
  if (isKnown || asked.incident?.id !== open.id) return answered(text, 'status');
  const note = input.sentence === undefined ? `${JOINED}.` : `${JOINED}: ${input.sentence}`;
  return decided([event('note-added', { text: note })], `${text}\nYou have joined it.`, 'status');
}

/** Of the target that is chosen in the form, else of the one that is meant. */
function formHelp({ input, targets, target, cachedVersions }: Asked<unknown>): FormHelp {
  const [only] = targets.length === 1 ? targets : [];
  const chosen = Chosen.safeParse(input).data?.target;
  const meant = targets.find((one) => one.name === chosen) ?? target ?? only;
  const versions = cachedVersions.filter((one) => one.target === meant?.name);
  const without = [
    ...(only === undefined ? [] : ['target']),
    ...(versions.length === 0 ? ['suspectedVersion'] : []),
  ];
  return {
    choices: {
      target: targets.map((one) => ({ value: one.name, label: one.name, about: one.environment })),
      suspectedVersion: [
        { value: NEWEST, label: 'The newest one', about: 'Whatever is applied now' },
        ...versions.map((one): Choice => ({
          value: one.version,
          label: `${one.version} ${one.name}`,
        })),
      ],
    },
    presets: {
      ...(meant === undefined ? {} : { target: meant.name }),
      suspectedVersion: NEWEST,
    },
    without,
  };
}
