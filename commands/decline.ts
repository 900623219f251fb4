import { z } from 'zod';
import { decided, defineCommand, fields } from '../src/define-command.ts';
import { approvalRolesOf } from '../src/incident/plan/approvals.ts';
import { event } from '../src/incident/events.ts';
import { mayBegin, planAtHand } from '../src/incident/plan/gates.ts';
import { ApprovalRole } from '../src/incident/names.ts';
import { shortHash } from '../src/incident/plan/plan.ts';
import { sayPlan } from '../src/incident/plan/in-words.ts';
import { declinedAlready, SeenHash } from '../src/incident/plan/seen.ts';
import { neededText } from '../src/incident/words.ts';

export const decline = defineCommand({
  verb: 'decline',
  usage: '[why]',
  help: 'Says no to the plan, as one of the two approvers; approvals for it no longer count.',
  kind: 'decides',
  who: 'approver',
  about: 'open-incident',
  input: z.object({
    hash: SeenHash.optional().register(fields, { label: 'Plan', look: 'hidden' }),
    why: neededText(1000).register(fields, {
      label: 'Why not?',
      hint: 'What would have to be different, so that you could approve?',
      look: 'text',
    }),
  }),
  words: (_words, said) => ({ why: said[0]?.onward }),
  form: {
    title: 'Decline the plan',
    submit: 'Decline',
    help: ({ incident: { plan } }) =>
      plan === undefined
        ? {}
        : { intro: sayPlan(plan.plan, plan.hash), presets: { hash: plan.hash } },
  },
  decide: ({ incident, target, person, input }) => {
    const running = mayBegin(incident, target);
    if (running !== null) return running;
    const plan = planAtHand(incident, target, input.hash);
    if (plan.kind === 'refusal') return plan;
    const before = declinedAlready(incident);
    if (before !== null) return before;
    const role = ApprovalRole.parse(approvalRolesOf(target, person.id)[0]);
    return decided(
      [event('plan-declined', { role, hash: plan.hash, why: input.why })],
      `You have declined the plan \`${shortHash(plan.hash)}\`. Nothing runs. \`/rollback approve\` takes it back; \`/rollback plan to=…\` makes another.`,
      'plan',
    );
  },
});
