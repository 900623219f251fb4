/** How a verb is heard: is there such an incident, may this person, does the input fit, and only then the verb itself. */
import { z } from 'zod';
import type {
  Answers,
  Asked,
  AskedInside,
  Decided,
  Decides,
  Inside,
  Unreadable,
  VerbBase,
} from './define-command.ts';
import { mayDecide } from './incident/plan/gates.ts';
import { isOpen } from './incident/incident.ts';
import type { Refusal } from './incident/refusal.ts';
import { asIs, cutTo } from './incident/text.ts';
import { refuse } from './incident/refusal.ts';

/** The incident that is meant, and its target; or why there is none. */
export function insideOf(
  verb: { readonly verb: string } & Inside,
  asked: Asked<unknown>,
): { readonly kind: 'inside'; readonly asked: AskedInside<unknown> } | Refusal {
  const { incident, target, open } = asked;
  if (incident === null) {
    const [first] = open;
    if (first === undefined || open.length < 2) return refuse('no-incident');
    const incidents = open.map((one) => `${one.id} (${one.target})`).join(', ');
    return refuse('which-incident', { incidents, verb: verb.verb, first: first.id });
  }
  if (target === null) {
    return refuse('target-gone', { target: incident.target, incident: incident.id });
  }
  if (verb.about === 'open-incident' && !isOpen(incident)) {
    return refuse('closed', { incident: incident.id, target: incident.target });
  }
  return { kind: 'inside', asked: { ...asked, incident, target } };
}

/** Words that the verb has no use for. */
const Unexpected = z.object({ unexpected: z.string() });

function usageRefusal(
  verb: { readonly verb: string; readonly usage: string },
  words: string,
): Refusal {
  return refuse('bad-input', {
    problem: `I do not understand \`${cutTo(asIs(words), 100)}\` after \`${verb.verb}\`.`,
    usage: `${verb.verb} ${verb.usage}`.trim(),
  });
}

/** First who says it, then what was said, then what follows. */
export function hear<Input extends z.ZodObject, A extends Asked<unknown>>(
  verb: VerbBase<Input> & (Decides<A, A & Heard<Input>> | Answers<A, A & Heard<Input>>),
  asked: A,
): Decided | Unreadable {
  const refused = verb.kind === 'decides' ? mayDecide(verb.who, asked) : null;
  if (refused !== null) return refused;
  const unexpected = Unexpected.safeParse(asked.input);
  if (unexpected.success) return usageRefusal(verb, unexpected.data.unexpected);
  const read = verb.input.safeParse(asked.input);
  if (!read.success) {
    return verb.form !== undefined && isIncomplete(read.error, asked.input)
      ? { kind: 'needs-form', help: verb.form.help(asked) }
      : { kind: 'unreadable', problems: problemsOf(read.error) };
  }
  const heard = { ...asked, input: read.data };
  return verb.kind === 'decides' ? verb.decide(heard) : verb.answer(heard);
}

interface Heard<Input extends z.ZodObject> {
  readonly input: z.infer<Input>;
}

/** What is there fits, and something is missing. */
function isIncomplete(error: z.ZodError, input: unknown): boolean {
  const given = z.record(z.string(), z.unknown()).safeParse(input);
  return error.issues.every(
    ({ path: [field] }) => given.data?.[String(field)] === undefined && field !== undefined,
  );
}

function problemsOf(error: z.ZodError): Readonly<Record<string, string>> {
  return Object.fromEntries(
    error.issues.map((issue) => [issue.path.map(String).join('.') || 'input', issue.message]),
  );
}
