import { z } from 'zod';
import type { AskedInside } from '../src/define-command.ts';
import { decided, defineCommand, fields } from '../src/define-command.ts';
import { bothKeys, missingRoles } from '../src/incident/plan/approvals.ts';
import { mayBegin, notBusyElsewhere, planAtHand } from '../src/incident/plan/gates.ts';
import type { PlanHash } from '../src/incident/names.ts';
import { mayStart, runStarted } from '../src/incident/flow/starting.ts';
import { peopleIn, rolesSaid } from '../src/incident/phrases.ts';
import { declinedAlready, SeenHash } from '../src/incident/plan/seen.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listed } from '../src/incident/text.ts';

export const run = defineCommand({
  verb: 'run',
  usage: '[plan hash]',
  help: 'Starts the approved plan, where the second approval has not started it already.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: z.object({
    hash: SeenHash.optional().register(fields, { label: 'Plan', look: 'hidden' }),
  }),
  words: ([hash, ...rest]) => {
    if (hash === undefined) return {};
    const isHash = SeenHash.safeParse(hash.toLowerCase()).success;
    if (isHash && rest.length === 0) return { hash: hash.toLowerCase() };
    return { unexpected: [...(isHash ? [] : [hash]), ...rest].join(' ') };
  },
  decide: (asked) => {
    const { incident, target, now, input } = asked;
    const closed = mayBegin(incident, target);
    if (closed !== null) return closed;
    const plan = planAtHand(incident, target, input.hash);
    if (plan.kind === 'refusal') return plan;
    const busy = notBusyElsewhere({ ...asked, plan: plan.plan });
    if (busy !== null) return busy;
    const keys = bothKeys(incident, plan.hash, now);
    if (keys === null) return declinedAlready(incident) ?? keyMissing(asked, plan.hash);
    if (!mayStart(incident, target)) return refuse('no-plan', { why: 'it does not fit any more.' });
    return decided(
      [runStarted(incident, keys)],
      'The rollback starts now. `/rollback abort` stops it.',
      'status',
    );
  },
});

function keyMissing({ incident, target, now }: AskedInside<unknown>, hash: PlanHash): Refusal {
  const missing = missingRoles(incident, now);
  const hasExpired = incident.approvals.some(
    (one) => one.hash === hash && one.state !== 'voided' && missing.includes(one.role),
  );
  if (hasExpired) return refuse('approval-expired');
  return refuse('not-approved', {
    missing: `the ${rolesSaid(missing)}`,
    people: listed(missing.map((role) => peopleIn(target, role))),
  });
}
