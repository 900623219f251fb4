/** What each step is called before people, and in which section of the checklist it reports. */
import type { Operation } from '../incident.ts';

export interface Work {
  readonly title: string;
  readonly section: number;
}

const WORKS: Readonly<Record<string, Work>> = {
  assess: { title: 'Read the database and the migrations', section: 1 },
  'back-up': { title: 'Back up the database', section: 4 },
  'maintenance-on': { title: 'Switch maintenance mode on', section: 5 },
  'pause-writers': { title: 'Stop the services and prove that nobody writes', section: 5 },
  'run-down': { title: 'Roll the database back', section: 6 },
  verify: { title: 'Verify the database', section: 8 },
  'resume-services': { title: 'Bring the services back', section: 9 },
  'check-services': { title: 'Check the services', section: 9 },
  'check-performance': { title: 'Check queries and indexes', section: 10 },
  /** The job behind both. */
  'set-maintenance': { title: 'Switch maintenance mode on or off', section: 5 },
  'maintenance-off': { title: 'Switch maintenance mode off', section: 9 },
};
const PAGE: Work = { title: 'Call people', section: 11 };

export function workOf({ step }: Pick<Operation, 'step'>): Work {
  const known = WORKS[step];
  if (known !== undefined) return known;
  return step.startsWith('page') ? PAGE : { title: step, section: 11 };
}

/** What an abort tells to stop. The rest puts things back, or looks. */
export const STOPPED_BY_ABORT: readonly string[] = [
  'assess',
  'back-up',
  'maintenance-on',
  'pause-writers',
  'run-down',
];
