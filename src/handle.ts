/**
 * One request → decide → append → reply. Whoever speaks and from where does not matter here:
 * Slack and the terminal come in by this door, and every rule is checked against the store.
 */
import type { Call, Desk } from './asking.ts';
import { ask } from './asking.ts';
import type {
  Answer,
  Asked,
  Command,
  Decision,
  FormHelp,
  NeedsForm,
  Person,
  Reply,
  Unreadable,
} from './define-command.ts';
import type { IncidentId } from './incident/names.ts';
import type { Refusal } from './incident/refusal.ts';
import { refuse } from './incident/refusal.ts';
import type { Target } from './incident/target.ts';
import type { Word } from './incident/words.ts';
import { describeError } from './log.ts';
import { appendToIncident } from './store/append.ts';
import type { Db } from './store/connect.ts';
import { violatedConstraint } from './store/connect.ts';
import { newIncident } from './store/incidents.ts';
import { keepOutcome, outcomeOf } from './store/requests.ts';

export interface Request {
  /** The speaker's own id for this request: a repeat finds the first answer. */
  readonly id: string;
  readonly person: Person;
  readonly verb: string;
  /** From a button or a form. */
  readonly input?: Readonly<Record<string, unknown>>;
  /** Typed after the verb. */
  readonly words?: readonly Word[];
  /** Carried by a button or a form. */
  readonly incident?: IncidentId;
  /** Where it was said. */
  readonly channel?: string;
}

export type Outcome =
  | { readonly kind: 'reply'; readonly reply: Reply; readonly incident: IncidentId | null }
  | { readonly kind: 'refusal'; readonly refusal: Refusal; readonly incident: IncidentId | null }
  | {
      readonly kind: 'form';
      readonly verb: string;
      readonly help: FormHelp;
      /** What has been said already; the form carries it along. */
      readonly carried: Readonly<Record<string, unknown>>;
      readonly incident: IncidentId | null;
    }
  | { readonly kind: 'problems'; readonly problems: Readonly<Record<string, string>> }
  | { readonly kind: 'unconfirmed'; readonly refusal: Refusal };

export type Handle = (request: Request) => Promise<Outcome>;
export type Prepare = (request: Request) => Promise<FormHelp | null>;

/** Slack waits 3 s and never asks again; the rest of the time is for the way there and back. */
const STORE_PATIENCE_MS = 1_500;

/** Never throws, and answers within the store's patience. */
export function openDesk(desk: Desk): { readonly handle: Handle; readonly prepare: Prepare } {
  return {
    handle: async (request) => {
      const outcome = settleOnce(desk, request).catch((error: unknown) =>
        broken(desk, request, error),
      );
      return withinPatience(outcome, request);
    },
    prepare: async (request) => {
      const command = commandOf(desk, request.verb);
      if (command?.form === undefined) return null;
      const asked = await ask(desk.store, desk, { request, command });
      return asked.kind === 'asked' ? command.form.help(asked.asked) : null;
    },
  };
}

async function withinPatience(outcome: Promise<Outcome>, request: Request): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({ kind: 'unconfirmed', refusal: refuse('not-confirmed', { verb: request.verb }) }),
      STORE_PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([outcome, late]);
  } finally {
    clearTimeout(timer);
  }
}

function broken(desk: Desk, request: Request, error: unknown): Outcome {
  const reference = `${request.verb}-${Date.now().toString(36)}`;
  desk.log.error({ reference, verb: request.verb, error: describeError(error) }, 'a request broke');
  return { kind: 'refusal', refusal: refuse('broken', { reference }), incident: null };
}

function commandOf(desk: Desk, verb: string): Command | undefined {
  return desk.commands.find((one) => one.verb === verb);
}

/** A repeat of a settled request gets the first answer; two at once are settled one after the other. */
async function settleOnce(desk: Desk, request: Request): Promise<Outcome> {
  const command = commandOf(desk, request.verb);
  if (command === undefined) {
    const refusal = refuse('unknown-verb', { said: request.verb, nearest: 'help' });
    return { kind: 'refusal', refusal, incident: null };
  }
  if (command.kind === 'answers') {
    return toOutcome(await hear(desk.store, desk, { request, command }), request);
  }
  try {
    return await desk.store.transaction((tx) => decideOnce(tx, desk, { request, command }));
  } catch (error) {
    // Somebody opened an incident for this target, or turned the same key, a moment earlier: now it is visible.
    if (!RACES.includes(violatedConstraint(error) ?? '')) throw error;
    return desk.store.transaction((tx) => decideOnce(tx, desk, { request, command }));
  }
}

const RACES = [
  'one_open_incident_per_target',
  'one_approval_per_role',
  'one_approval_per_person',
  'requests_pkey',
];

async function decideOnce(tx: Db, desk: Desk, call: Call): Promise<Outcome> {
  const before = await outcomeOf(tx, call.request.id);
  if (before !== null) return before;
  const heard = await hear(tx, desk, call);
  // The same request may have been settled while this one waited for the incident.
  const meanwhile = await outcomeOf(tx, call.request.id);
  if (meanwhile !== null) return meanwhile;
  const outcome =
    heard.result.kind === 'decision'
      ? await commit(tx, desk, { ...call, heard, decision: heard.result })
      : toOutcome(heard, call.request);
  // A form is no answer yet: the same person may press again and get it again.
  if (outcome.kind === 'reply') await keepOutcome(tx, call.request, outcome);
  return outcome;
}

interface Heard {
  readonly result: Decision | Answer | Refusal | NeedsForm | Unreadable;
  readonly asked: Asked<unknown> | null;
}

async function hear(db: Db, desk: Desk, call: Call): Promise<Heard> {
  const found = await ask(db, desk, call);
  if (found.kind === 'refusal') return { result: found, asked: null };
  const { asked } = found;
  const result = call.command.hear(asked);
  const isSaid = result.kind === 'decision' || result.kind === 'answer';
  return isSaid && isForOne(asked, call)
    ? { result: { ...result, reply: { ...result.reply, isPrivate: true } }, asked }
    : { result, asked };
}

/** About a private target, and not said in the incident's own channel. */
function isForOne({ target, incident }: Asked<unknown>, { command, request }: Call): boolean {
  if (target?.privateChannel !== true || command.about === 'no-incident') return false;
  const channel = incident?.channel;
  return channel?.state !== 'open' || channel.id !== request.channel;
}

async function commit(
  tx: Db,
  desk: Desk,
  given: Call & { readonly heard: Heard; readonly decision: Decision },
): Promise<Outcome> {
  const { decision, heard, request } = given;
  const by = { kind: 'person', person: request.person.id } as const;
  if (decision.opens !== undefined) {
    const target = targetOf(desk, decision.opens.target);
    const id = await newIncident(tx, target.name);
    await appendToIncident(tx, {
      id,
      before: [],
      events: decision.opens.events(id),
      target,
      by,
      request: request.id,
    });
    return { kind: 'reply', reply: fillIncident(decision.reply, id), incident: id };
  }
  const { incident, history, target } = heard.asked ?? {};
  if (incident === undefined || incident === null || !target || history === undefined) {
    return { kind: 'reply', reply: decision.reply, incident: null };
  }
  if (decision.events.length > 0) {
    const { id } = incident;
    await appendToIncident(tx, {
      id,
      before: history,
      events: decision.events,
      target,
      by,
      request: request.id,
    });
  }
  return { kind: 'reply', reply: fillIncident(decision.reply, incident.id), incident: incident.id };
}

/** An answer is written before a new incident has its number. */
function fillIncident(reply: Reply, id: IncidentId): Reply {
  return { ...reply, text: reply.text.replaceAll('{incident}', id) };
}

function toOutcome(heard: Heard, request: Request): Outcome {
  const incident = heard.asked?.incident?.id ?? null;
  const { result } = heard;
  switch (result.kind) {
    case 'decision':
    case 'answer':
      return { kind: 'reply', reply: result.reply, incident };
    case 'refusal':
      return { kind: 'refusal', refusal: result, incident };
    case 'needs-form': {
      const input = heard.asked?.input;
      const carried = typeof input === 'object' && input !== null ? { ...input } : {};
      return { kind: 'form', verb: request.verb, help: result.help, carried, incident };
    }
    case 'unreadable':
      return { kind: 'problems', problems: result.problems };
  }
}

function targetOf(desk: Desk, name: string): Target {
  const target = desk.targets.find((one) => one.name === name);
  if (target === undefined) throw new Error(`the target ${name} is no longer in the configuration`);
  return target;
}
