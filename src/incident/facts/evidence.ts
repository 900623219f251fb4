import { z } from 'zod';
import { Sha256 } from '../names.ts';

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

/** The names by which jobs, verbs and views call an item. */
export const ITEMS = {
  error: '1.1',
  causingVersion: '1.2',
  impact: '1.3',
  fixForward: '1.4',
  dataModified: '2.1',
  dataLost: '2.2',
  dependentData: '2.3',
  exportNeeded: '2.4',
  services: '3.1',
  caches: '3.2',
  endpoints: '3.3',
  scheduledJobs: '3.4',
  backup: '4.1',
  export: '4.2',
  currentVersion: '4.3',
  notify: '5.1',
  maintenance: '5.2',
  workersStopped: '5.3',
  scaledDown: '5.4',
  preview: '6.1',
  down: '6.2',
  verification: '6.3',
  restoreData: '7.1',
  validation: '8.1',
  leftovers: '8.2',
  constraints: '8.3',
  previousVersion: '9.1',
  health: '9.2',
  smoke: '9.3',
  errorLogs: '9.4',
  slowQueries: '10.1',
  indexes: '10.2',
  dirtyState: '11.1',
  manualRecovery: '11.2',
  contacts: '11.3',
  whatWentWrong: '12.1',
  migrationTests: '12.2',
  procedures: '12.3',
  postMortem: '12.4',
  monitoring: '12.5',
} as const satisfies Readonly<Record<string, ItemId>>;
export type KnownItem = (typeof ITEMS)[keyof typeof ITEMS];
