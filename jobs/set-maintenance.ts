/** Puts the services into maintenance mode and out of it, by the team's own command. */
import { z } from 'zod';
import { defineJob } from '../src/define-job.ts';
import { ITEMS } from '../src/incident/facts/evidence.ts';
import { sha256 } from '../src/incident/plan/plan.ts';

export const setMaintenance = defineJob({
  name: 'set-maintenance',
  again: 'safe',
  timeoutMs: 5 * 60_000,
  input: z.object({ wanted: z.enum(['on', 'off']) }),
  doors: ['services'],

  async run({ wanted }, { services }, context) {
    const item = ITEMS.maintenance;
    if (context.target.maintenance === undefined) {
      const says = 'No maintenance command is configured for this target.';
      return {
        outcome: 'succeeded',
        says,
        result: { job: 'set-maintenance', wanted, configured: false },
        evidence: [{ item, verdict: 'not-applicable', says }],
      };
    }
    const { ok, tail } = await services.maintenance(wanted, context);
    if (!ok) {
      const says =
        wanted === 'on'
          ? 'Maintenance mode could not be switched on: its command failed. Nothing was stopped.'
          : 'Maintenance mode is STILL ON: the command that switches it off failed. Users see the maintenance page until it is off.';
      return { outcome: 'failed', says, evidence: [{ item, verdict: 'refuted', says }], tail };
    }
    const says = `Maintenance mode is ${wanted}: its command ended well.`;
    return {
      outcome: 'succeeded',
      says,
      result: { job: 'set-maintenance', wanted, configured: true },
      // That it is off proves nothing of its having been on.
      evidence: [
        { item, verdict: wanted === 'on' ? 'proven' : 'found', says, digest: sha256(tail) },
      ],
      tail,
    };
  },
});
