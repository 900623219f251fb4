/** Where an incident stands once its run has ended: what is left is for people. */
import { openForPeople, sayItems } from '../checklist/checklist.ts';
import { ITEMS } from '../facts/evidence.ts';
import type { Incident } from '../incident.ts';
import { areServicesIll } from '../flow/run.ts';
import { move } from './before.ts';
import type { Attempt } from './said.ts';
import { reached, servicesSaid } from './said.ts';
import type { StageStanding } from './standing.ts';
import type { Target } from '../target.ts';

export function doneStanding(attempt: Attempt): StageStanding {
  const { incident, target, view } = attempt;
  const isIll = areServicesIll(view);
  const done = `the database is rolled back${reached(incident, view)}`;
  return {
    stage: 'rolled-back',
    headline:
      view.database !== 'rolled-back'
        ? 'The services are back. The database was not rolled back.'
        : isIll
          ? `The services are back and were *NOT found healthy*; ${done}.`
          : `Done: ${done} and the services are back.`,
    more: isIll ? servicesSaid(attempt) : [],
    next: `${isIll ? 'Look after the services. ' : ''}${whatIsLeft(incident, target)}`,
    awaited: [],
    abortCost: null,
    moves: [move(incident, 'close', 'Close', 'primary')],
  };
}

/** What only people can say, by what is open now. */
function whatIsLeft(incident: Incident, target: Target): string {
  const open = openForPeople(incident, target, 'close');
  if (open.length === 0) return 'Everything is answered: close.';
  const isWatched = open.some((one) => one.item.id === ITEMS.errorLogs);
  return `${isWatched ? 'Watch the error logs. ' : ''}Open for people: ${sayItems(open)}. Then close.`;
}
