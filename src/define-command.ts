/** What a verb is. Adding one is one file and one line in `commands/index.ts`. */
import { z } from 'zod';
import type { Event, NewEvent } from './incident/events.ts';
import type { Standing, Who } from './incident/plan/gates.ts';
import type { Incident } from './incident/incident.ts';
import type { IncidentId, PersonId, Version } from './incident/names.ts';
import type { Refusal } from './incident/refusal.ts';
import { hear, insideOf } from './hearing.ts';
import type { Target } from './incident/target.ts';
import type { Word } from './incident/words.ts';

/** Whoever speaks, after Slack's signature or the operating system vouched for them. */
export interface Person {
  readonly id: PersonId;
  /** What other people call them; a mention is drawn from the id. */
  readonly name: string;
  /** Guests, bots, deactivated and foreign accounts may read and never decide. */
  readonly standing: Standing;
}

/** A text that people read. `{person:anna}` becomes a mention, `{time:2026-01-31T03:12:00Z}` a local time. */
export type Text = string;

/** What is shown under an answer; drawn by the adapter from the incident. */
export type Show = 'panel' | 'status' | 'plan' | 'contacts' | 'nothing';

export interface Reply {
  readonly text: Text;
  readonly show?: Show;
  /** For whoever asked alone, also where everybody sees the question. */
  readonly isPrivate?: boolean;
}

/** How a field looks in a form; hung onto its zod schema with `.register(fields, …)`. */
export interface FieldLook {
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  /** `line` one line, `text` several, `choice` one of few, `many` any of few, `hidden` carried along. */
  readonly look: 'line' | 'text' | 'choice' | 'many' | 'hidden';
  /** A form insists on it, though the verb may do without when it is typed. */
  readonly required?: true;
}
export const fields = z.registry<FieldLook>();

export interface Choice {
  readonly value: string;
  readonly label: string;
  /** Under the label: the fact that helps to choose. */
  readonly about?: string;
}

/** What a form offers and presets, by field name; from what is known at this moment, never by asking the world. */
export interface FormHelp {
  readonly intro?: Text;
  readonly choices?: Readonly<Record<string, readonly Choice[]>>;
  readonly presets?: Readonly<Record<string, string | readonly string[]>>;
  /** Fields that do not apply now and are left out. */
  readonly without?: readonly string[];
}

/** Everything that a verb may look at. It gets no door: whoever decides does not do. */
export interface Asked<Input> {
  readonly input: Input;
  readonly person: Person;
  readonly now: Date;
  readonly targets: readonly Target[];
  /** Open incidents, newest first. */
  readonly open: readonly Incident[];
  /** The incident that is meant, by name, by channel or because it is the only one. */
  readonly incident: Incident | null;
  readonly target: Target | null;
  readonly history: readonly Event[];
  /** How people are called: id → name. */
  readonly people: Readonly<Record<PersonId, string>>;
  /** The last applied versions of each target, newest first, as they were when it was last read. */
  readonly cachedVersions: readonly {
    readonly target: string;
    readonly version: Version;
    readonly name: string;
  }[];
  /** Channel or terminal where it was said. */
  readonly saidIn?: string;
}

/** What was asked about an incident that is there, on a target that is configured. */
export interface AskedInside<Input> extends Asked<Input> {
  readonly incident: Incident;
  readonly target: Target;
}

export interface Decision {
  readonly kind: 'decision';
  /** What happens to the incident that is meant. */
  readonly events: readonly NewEvent[];
  /** `{incident}` in its text becomes the incident's name, also of one that is only now made. */
  readonly reply: Reply;
  /** A new incident is made for this target, in the same transaction: first its number, then its first events. */
  readonly opens?: {
    readonly target: string;
    readonly events: (incident: IncidentId) => readonly NewEvent[];
  };
}
export interface Answer {
  readonly kind: 'answer';
  readonly reply: Reply;
}
/** Something is missing: the person is asked by a form (in Slack) or told the usage (in a terminal). */
export interface NeedsForm {
  readonly kind: 'needs-form';
  readonly help: FormHelp;
}
/** The input does not fit; by field, in words. */
export interface Unreadable {
  readonly kind: 'unreadable';
  readonly problems: Readonly<Record<string, string>>;
}
/** An answer: what was asked for is so already, or only a look was wanted. */
export type Decided = Decision | Answer | Refusal | NeedsForm;

export interface VerbBase<Input extends z.ZodObject> {
  readonly verb: string;
  /** After the verb, for example `[target] [what is wrong]`. */
  readonly usage: string;
  /** One sentence: what it does. */
  readonly help: string;
  /** Works, and is not listed by `help`. */
  readonly hidden?: true;
  readonly input: Input;
  /**
   * Words after the verb (and after the target or incident) → raw input. Pure and total: what it has no use for goes
   * into `unexpected`, and is refused with the usage. What people have to say is taken from `said`, as they typed it.
   */
  readonly words?: (
    words: readonly string[],
    said: readonly Word[],
  ) => Readonly<Record<string, unknown>>;
}

interface Form<A> {
  readonly form?: {
    readonly title: string;
    readonly submit: string;
    readonly help: (asked: A) => FormHelp;
  };
}
export interface Decides<A, B> extends Form<A> {
  readonly kind: 'decides';
  readonly who: Who;
  readonly decide: (asked: B) => Decided;
}
export interface Answers<A, B> extends Form<A> {
  readonly kind: 'answers';
  readonly answer: (asked: B) => Answer | Refusal;
}

/** Works without an incident: on none, on the one that is meant if there is one, or on a target and the incident that is open for it. */
interface Outside {
  readonly about: 'no-incident' | 'maybe-incident' | 'a-target';
}
/** Works on the incident that is meant: one that is open, or any. */
export interface Inside {
  readonly about: 'open-incident' | 'any-incident';
}

type VerbOutside<I extends z.ZodObject> = VerbBase<I> &
  Outside &
  (Decides<Asked<unknown>, Asked<z.infer<I>>> | Answers<Asked<unknown>, Asked<z.infer<I>>>);
type VerbInside<I extends z.ZodObject> = VerbBase<I> &
  Inside &
  (
    | Decides<AskedInside<unknown>, AskedInside<z.infer<I>>>
    | Answers<AskedInside<unknown>, AskedInside<z.infer<I>>>
  );

/** A verb with its input type closed over, so that all verbs fit in one list. */
export interface Command {
  readonly verb: string;
  readonly usage: string;
  readonly help: string;
  readonly hidden: boolean;
  readonly kind: 'decides' | 'answers';
  readonly who: Who;
  readonly about: Outside['about'] | Inside['about'];
  /** Its fields are the form's fields. */
  readonly input: z.ZodObject;
  readonly form?: Form<Asked<unknown>>['form'];
  readonly words?: VerbBase<z.ZodObject>['words'];
  /** Decides or answers. Who may say it is looked at before what was said. */
  readonly hear: (asked: Asked<unknown>) => Decided | Unreadable;
}

function isInside<I extends z.ZodObject>(
  verb: VerbOutside<I> | VerbInside<I>,
): verb is VerbInside<I> {
  return verb.about === 'open-incident' || verb.about === 'any-incident';
}

export function defineCommand<Input extends z.ZodObject>(
  verb: VerbOutside<Input> | VerbInside<Input>,
): Command {
  return {
    verb: verb.verb,
    usage: verb.usage,
    help: verb.help,
    hidden: verb.hidden ?? false,
    kind: verb.kind,
    who: verb.kind === 'decides' ? verb.who : 'anyone',
    about: verb.about,
    input: verb.input,
    ...(verb.words === undefined ? {} : { words: verb.words }),
    ...formOf(verb),
    hear: (asked) => {
      if (!isInside(verb)) return hear(verb, asked);
      const inside = insideOf(verb, asked);
      return inside.kind === 'refusal' ? inside : hear(verb, inside.asked);
    },
  };
}

function formOf<I extends z.ZodObject>(
  verb: VerbOutside<I> | VerbInside<I>,
): Pick<Command, 'form'> {
  if (!isInside(verb)) return verb.form === undefined ? {} : { form: verb.form };
  const { form } = verb;
  if (form === undefined) return {};
  const help = (asked: Asked<unknown>): FormHelp => {
    const inside = insideOf(verb, asked);
    return inside.kind === 'refusal' ? { intro: inside.say } : form.help(inside.asked);
  };
  return { form: { ...form, help } };
}

export function decided(events: readonly NewEvent[], text: Text, show: Show = 'nothing'): Decision {
  return { kind: 'decision', events, reply: { text, show } };
}

export function answered(text: Text, show: Show = 'nothing'): Answer {
  return { kind: 'answer', reply: { text, show } };
}

export function needsForm(help: FormHelp): NeedsForm {
  return { kind: 'needs-form', help };
}
