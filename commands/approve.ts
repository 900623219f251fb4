import { z } from 'zod';
import type { AskedInside, Choice, Decided, FormHelp } from '../src/define-command.ts';
import { decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import { bothKeys, standingApprovals } from '../src/incident/plan/approvals.ts';
import type { ItemState } from '../src/incident/checklist/checklist.ts';
import { openForPeople } from '../src/incident/checklist/checklist.ts';
import type { NewEvent } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import { ItemId } from '../src/incident/facts/evidence.ts';
import type { PlanAtHand } from '../src/incident/plan/gates.ts';
import { mayBegin, notBusyElsewhere, planAtHand } from '../src/incident/plan/gates.ts';
import type { Approval, Incident } from '../src/incident/incident.ts';
import { latestResult } from '../src/incident/incident.ts';
import type { Key, Turning } from '../src/incident/plan/keys.ts';
import { freeRoles, keyFor, roleFor } from '../src/incident/plan/keys.ts';
import { ApprovalRole, ROLE_TITLES } from '../src/incident/names.ts';
import { awaitedFor } from '../src/incident/phrases.ts';
import { shortHash } from '../src/incident/plan/plan.ts';
import { sayPlan, sayPreviews } from '../src/incident/plan/in-words.ts';
import { declinedAlready, declinerOf, SeenHash } from '../src/incident/plan/seen.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import type { Target } from '../src/incident/target.ts';
import { asIs } from '../src/incident/text.ts';
import { optionalText, pairOf } from '../src/incident/words.ts';

const Input = z.object({
  hash: SeenHash.optional().register(fields, { label: 'Plan', look: 'hidden' }),
  role: ApprovalRole.optional().register(fields, { label: 'Approve as', look: 'choice' }),
  done: z.array(ItemId).optional().register(fields, {
    label: 'Seen to, in your name',
    hint: 'Take out what is not.',
    look: 'many',
  }),
  notApplicable: z.array(ItemId).optional().register(fields, {
    label: 'Does not apply',
    // All come ticked above: what is ticked here is the later word.
    hint: 'Counts, also for what is ticked above.',
    look: 'many',
  }),
  notes: optionalText(2000).register(fields, {
    label: 'What you found',
    hint: 'For whoever reads the history.',
    look: 'text',
  }),
  /** Typed where there is no form: answers all items that are still open. */
  allDone: z.boolean().optional(),
});
/** On a phone, the form has room for the beginning of the files. */
const PREVIEW = { sqlMax: 2_000 };

type Heard = AskedInside<z.infer<typeof Input>>;
type Plan = Extract<PlanAtHand, { kind: 'plan' }>;
type TurnedKey = Extract<Key, { kind: 'key' }>;

export const approve = defineCommand({
  verb: 'approve',
  usage: '[plan hash] [role=on_call|dba] [all-done]',
  help: 'Turns one of the two keys for the plan, and answers the open items of sections 1 to 3.',
  kind: 'decides',
  who: 'approver',
  about: 'open-incident',
  input: Input,
  words: readWords,
  form: { title: 'Approve the plan', submit: 'Approve', help: formHelp },
  decide: (asked) => {
    const { incident, target, input } = asked;
    const closed = mayBegin(incident, target);
    if (closed !== null) return closed;
    const plan = planAtHand(incident, target, input.hash);
    if (plan.kind === 'refusal') return plan;
    const busy = notBusyElsewhere({ ...asked, plan: plan.plan });
    if (busy !== null) return busy;
    const key = keyFor({ ...turningOf(asked), wanted: input.role });
    if (key.kind === 'refusal') return key;
    return declinedRefusal(asked) ?? turn(asked, plan, key);
  },
});

function readWords(words: readonly string[]): Readonly<Record<string, unknown>> {
  const unexpected: string[] = [];
  const input: Record<string, unknown> = {};
  for (const said of words) {
    const word = said.toLowerCase();
    const [name, value] = pairOf(word) ?? [];
    const role = ApprovalRole.safeParse(value?.replace('-', '_'));
    if (name === 'role' && role.success) input['role'] = role.data;
    else if (word === 'all-done') input['allDone'] = true;
    else if (SeenHash.safeParse(word).success) input['hash'] = word;
    else unexpected.push(said);
  }
  return unexpected.length === 0 ? input : { ...input, unexpected: unexpected.join(' ') };
}

function turningOf(asked: Pick<Heard, 'incident' | 'target' | 'person' | 'now'>): Turning {
  const { incident, target, person, now } = asked;
  return { incident, target, person: person.id, now };
}

function declinedRefusal({ incident, person }: Heard): Refusal | null {
  return declinerOf(incident) === person.id ? null : declinedAlready(incident);
}

function turn(asked: Heard, plan: Plan, { role, instead }: TurnedKey): Decided {
  const { incident, target, now, input, person } = asked;
  const open = openForPeople(incident, target, 'approve');
  if (mustSeeForm(asked, open)) return needsForm(formHelp(asked));
  const answers = answersFrom(input, open);
  if (answers.kind === 'refusal') return answers;

  const approval: Approval = {
    role,
    by: person.id,
    at: now.toISOString(),
    hash: plan.hash,
    expiresAt: new Date(now.getTime() + target.policy.approvalTtlMinutes * 60_000).toISOString(),
    state: 'given',
  };
  const { hash, expiresAt } = approval;
  return decided(
    [
      ...answers.events,
      ...lapsed(incident, now),
      ...(instead === undefined
        ? []
        : [event('approval-returned', { role: instead.role, hash: instead.hash })]),
      event('approval-given', { role, hash, expiresAt }),
    ],
    sayTurned(asked, { plan, approval, instead }),
  );
}

/** The first to turn a key reads the plan and the open items; the second finds them answered. */
function mustSeeForm({ incident, now, input }: Heard, open: readonly ItemState[]): boolean {
  if (input.allDone === true) return false;
  if (open.length > 0) return input.done === undefined && input.notApplicable === undefined;
  return input.hash === undefined && standingApprovals(incident, now).length === 0;
}

type Answers = { readonly kind: 'answers'; readonly events: readonly NewEvent[] } | Refusal;

function answersFrom(input: Heard['input'], open: readonly ItemState[]): Answers {
  const isOut = ({ item }: ItemState): boolean =>
    item.mayNotApply && (input.notApplicable?.includes(item.id) ?? false);
  const isDone = ({ item }: ItemState): boolean =>
    input.allDone === true || (input.done?.includes(item.id) ?? false);
  const left = open.filter((one) => !isOut(one) && !isDone(one));
  if (left.length > 0) {
    return refuse('open-items', { items: left.map(({ item }) => item.id).join(', ') }, 'done');
  }
  return {
    kind: 'answers',
    events: [
      ...open.map((one) =>
        event('item-answered', {
          item: one.item.id,
          answer: isOut(one) ? 'not-applicable' : 'done',
        }),
      ),
      ...(input.notes === undefined ? [] : [event('note-added', { text: input.notes })]),
    ],
  };
}

/** Run out by the clock and not yet marked: marked now, or they would stand in the way of the new one. */
function lapsed(incident: Incident, now: Date): readonly NewEvent[] {
  return incident.approvals
    .filter((one) => one.state === 'given' && Date.parse(one.expiresAt) <= now.getTime())
    .map(({ role, hash }) => event('approval-expired', { role, hash }));
}

function sayTurned(
  { incident, target, now }: Heard,
  given: {
    readonly plan: Plan;
    readonly approval: Approval;
    readonly instead: Approval | undefined;
  },
): string {
  const { plan, approval, instead } = given;
  const approvals = [...incident.approvals.filter((one) => one !== instead), approval];
  const after = { ...incident, approvals };
  const back = instead === undefined ? '' : `, no longer as ${ROLE_TITLES[instead.role]}`;
  const said = `Approved as ${ROLE_TITLES[approval.role]}${back}: plan \`${shortHash(plan.hash)}\`.`;
  if (bothKeys(after, plan.hash, now) === null || target.policy.start === 'by_hand') {
    return `${said} It now waits for ${awaitedFor(after, target, now)}.`;
  }
  return `${said} Both keys are turned: the rollback starts now. \`/rollback abort\` stops it.`;
}

function formHelp(asked: AskedInside<unknown>): FormHelp {
  const { incident, target } = asked;
  const open = openForPeople(incident, target, 'approve');
  const optional = open.filter(({ item }) => item.mayNotApply);
  const turning = turningOf(asked);
  const roles = freeRoles(turning);
  const role = roleFor(turning);
  return {
    intro: introOf(asked, open),
    choices: {
      role: roles.map((value) => ({ value, label: ROLE_TITLES[value] })),
      done: open.map(choiceOf),
      notApplicable: optional.map(choiceOf),
    },
    presets: {
      ...(incident.plan === undefined ? {} : { hash: incident.plan.hash }),
      ...(role === undefined || roles.length < 2 ? {} : { role }),
      done: open.map(({ item }) => item.id),
    },
    without: [
      ...(roles.length < 2 ? ['role'] : []),
      ...(open.length === 0 ? ['done', 'notes'] : []),
      ...(optional.length === 0 ? ['notApplicable'] : []),
    ],
  };
}

/** The plan with its files, and what is known beside each item: what somebody says yes to, before their eyes. */
function introOf({ incident, target }: AskedInside<unknown>, open: readonly ItemState[]): string {
  const facts = latestResult(incident, 'assess')?.facts;
  const plan = incident.plan;
  const known = open
    .filter((one) => one.facts.length > 0)
    .map(({ item, facts: beside }) => `*${item.id}* ${beside.map(asIs).join(' ')}`);
  return [
    ...(plan === undefined
      ? []
      : [sayPlan(plan.plan, plan.hash), ...sayPreviews(plan.plan, facts, PREVIEW)]),
    known.join('\n'),
    sayWhatFollows(target),
  ]
    .filter((one) => one !== '')
    .join('\n\n');
}

function sayWhatFollows({ policy }: Target): string {
  return policy.start === 'by_hand'
    ? 'With both approvals, `/rollback run` starts it.'
    : 'The second approval starts it.';
}

function choiceOf({ item }: ItemState): Choice {
  return {
    value: item.id,
    label: `${item.id} ${item.words}`,
    ...(item.closedBy.kind === 'person' ? { about: item.closedBy.ask } : {}),
  };
}
