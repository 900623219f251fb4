/** Every job. Worker registration, titles and metrics labels are read from here. */
import type { Job } from '../src/define-job.ts';
import { assess } from './assess.ts';
import { backUp } from './back-up.ts';
import { checkPerformance } from './check-performance.ts';
import { checkServices } from './check-services.ts';
import { page } from './page.ts';
import { pauseWriters } from './pause-writers.ts';
import { resumeServices } from './resume-services.ts';
import { runDown } from './run-down.ts';
import { setMaintenance } from './set-maintenance.ts';
import { verify } from './verify.ts';

export const jobs: readonly Job[] = [
  assess,
  backUp,
  setMaintenance,
  pauseWriters,
  runDown,
  verify,
  resumeServices,
  checkServices,
  checkPerformance,
  page,
];
