import { z } from 'zod';
import { Sha256 } from './names.ts';

export const ItemId = z.string().regex(/^(1[0-2]|[1-9])\.[0-9]+$/);
export type ItemId = z.infer<typeof ItemId>;

/** One checklist item proven by a job, or what the job found when it is no proof. */
export const Evidence = z.object({
  item: ItemId,
  /** `proven`: it is so. `not-applicable`: and why. `found`: a fact that helps a person to answer. `refuted`: it is not so. */
  verdict: z.enum(['proven', 'not-applicable', 'found', 'refuted']),
  /** One or two plain sentences for the checklist. */
  says: z.string().max(600),
  /** Over what was read or printed, when there is such output. */
  digest: Sha256.optional(),
});
export type Evidence = z.infer<typeof Evidence>;
