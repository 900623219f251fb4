/** Calls somebody outside Slack, and says what the provider answered: no more than is known. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import { ROLE_TITLES, RoleName } from '../src/incident/names.ts';
import { sha256 } from '../src/incident/plan/plan.ts';

export const page = defineJob({
  name: 'page',
  // The provider knows a repeated call by its key and rings once.
  again: 'safe',
  timeoutMs: 2 * 60_000,
  input: z.object({
    role: RoleName,
    level: z.number().int(),
    reason: z.string(),
    dedupKey: z.string(),
  }),
  doors: ['paging'],

  async run({ role, level, reason, dedupKey }, { paging }, context) {
    const { incident, target } = context;
    const item = ITEMS.contacts;
    const address = target.roles[role]?.page;
    if (address === undefined) {
      const says = `No page address is set for the ${ROLE_TITLES[role]}: call them yourself.`;
      return { outcome: 'failed', says, evidence: [{ item, verdict: 'refuted', says }] };
    }
    const answer = await paging.page({
      address,
      dedupKey,
      summary: `${incident.id} ${target.name} (${target.environment}): ${incident.sentence}`.slice(
        0,
        1_000,
      ),
      source: `backout/${target.name}`,
      severity: 'critical',
      details: { incident: incident.id, target: target.name, role, level: String(level), reason },
      signal: context.signal,
    });
    const says = `${ROLE_TITLES[role]}: ${answer.says}`;
    return {
      outcome: answer.accepted ? 'succeeded' : 'failed',
      says,
      result: { job: 'page', accepted: answer.accepted, says: answer.says },
      evidence: [
        {
          item,
          verdict: answer.accepted ? 'proven' : 'refuted',
          says: says.slice(0, 600),
          digest: sha256(answer.says),
        },
      ],
    };
  },
});
