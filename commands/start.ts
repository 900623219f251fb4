import { z } from 'zod';
import type { Asked, Choice, Decided, Decision, FormHelp } from '../src/define-command.ts';
import { answered, decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import type { Details, NewEvent } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import type { Incident } from '../src/incident/incident.ts';
import type { IncidentId, Version } from '../src/incident/names.ts';
import { peopleIn } from '../src/incident/phrases.ts';
import { mayRead, sayPrivate } from '../src/incident/privacy.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { Target } from '../src/incident/target.ts';
import { asIs, cutTo, listed, mention } from '../src/incident/text.ts';
import { optionalText, targetMeant } from '../src/incident/words.ts';

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
  /** `newest`, or `auth/7`: what was chosen for one target is not taken for another one. */
  suspectedVersion: z.string().optional().register(fields, {
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
  about: 'a-target',
  input: Input,
  words: (_words, said) => ({ sentence: said[0]?.onward }),
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
    const suspected = suspectedOf(asked, name);
    if (suspected.kind === 'refusal') return suspected;
    return begin({ asked, target: target.target, sentence, suspected: suspected.version });
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
  const named = targetMeant(input.target, targets);
  if (named !== undefined) return { kind: 'found', target: named };
  const names = targets.map((one) => one.name);
  return refuse(
    'unknown-target',
    { target: input.target, targets: listed(names), first: names[0] ?? '' },
    'target',
  );
}

/** Undefined: whatever is newest when the database is read. */
function suspectedOf(
  { input, cachedVersions }: Heard,
  target: string,
): { readonly kind: 'suspected'; readonly version: Version | undefined } | Refusal {
  const { suspectedVersion: chosen } = input;
  if (chosen === undefined || chosen === NEWEST) return { kind: 'suspected', version: undefined };
  const known = cachedVersions.filter((one) => one.target === target);
  const found = known.find((one) => choiceOf(one) === chosen);
  if (found !== undefined) return { kind: 'suspected', version: found.version };
  const version = cutTo(asIs(chosen), 60);
  return refuse('not-its-version', { version, target }, 'suspectedVersion');
}

function choiceOf({ target, version }: Asked<unknown>['cachedVersions'][number]): string {
  return `${target}/${version}`;
}

interface Beginning {
  readonly asked: Heard;
  readonly target: Target;
  readonly sentence: string;
  readonly suspected: Version | undefined;
}

function begin(given: Beginning): Decision {
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

function firstEvents(given: Beginning & { readonly incident: IncidentId }): readonly NewEvent[] {
  const { asked, target, sentence, incident } = given;
  const opened = event('incident-opened', {
    incident,
    target: target.name,
    sentence,
    details: detailsOf(given),
    ...(asked.saidIn === undefined ? {} : { saidIn: asked.saidIn }),
  });
  if (target.roles.dba?.page === undefined) return [opened];
  const reason = `A rollback of ${target.name} was started: ${sentence}`;
  return [opened, event('page-asked', { page: 1, role: 'dba', level: 1, reason })];
}

function detailsOf({ asked, suspected }: Beginning): Details {
  const { impact, whyNotFixForward } = asked.input;
  return {
    ...(impact === undefined ? {} : { impact }),
    ...(suspected === undefined ? {} : { suspectedVersion: suspected }),
    ...(whyNotFixForward === undefined ? {} : { whyNotFixForward }),
  };
}

/** One open incident per target: whoever starts a second one is taken to the first. */
function join(asked: Heard, open: Incident): Decided {
  const { person, input, saidIn } = asked;
  const target = asked.targets.find((one) => one.name === open.target);
  const isHidden =
    target !== undefined && !mayRead({ incident: open, target, person: person.id, saidIn });
  if (isHidden) return answered(sayPrivate(open));
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
  const meant = (chosen === undefined ? undefined : targetMeant(chosen, targets)) ?? target ?? only;
  const versions = cachedVersions.filter((one) => one.target === meant?.name);
  const without = [
    ...(only === undefined ? [] : ['target']),
    ...(meant === undefined ? ['suspectedVersion'] : []),
  ];
  return {
    choices: {
      target: targets.map((one) => ({ value: one.name, label: one.name, about: one.environment })),
      suspectedVersion: [
        { value: NEWEST, label: 'The newest one', about: 'Whatever is applied at the start' },
        ...versions.map((one): Choice => ({
          value: choiceOf(one),
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
