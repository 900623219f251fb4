import type { PlanHash } from './names.ts';
import { sayVersion } from './names.ts';
import type { Plan } from './plan.ts';
import { shortHash } from './plan.ts';
import { listedUpTo } from './text.ts';

const NAMES_MAX = 8;

/** What two people approve, short enough for the head of a form. */
export function sayPlan(plan: Plan, hash: PlanHash): string {
  const files = plan.files.map((one) => `\`${one.file}\``);
  return [
    `Plan \`${shortHash(hash)}\`: \`${plan.database}\` from version ${plan.from} to ${sayVersion(plan.to)}.`,
    `Runs, in this order: ${listedUpTo(files, NAMES_MAX)}.`,
    ...(plan.nothingToUndo.length === 0
      ? []
      : [`Agreed to need nothing: ${listedUpTo(plan.nothingToUndo, NAMES_MAX)}.`]),
    plan.services.length === 0
      ? 'No service is stopped for it.'
      : `Stopped meanwhile: ${listedUpTo(plan.services, NAMES_MAX)}.`,
  ].join('\n');
}
