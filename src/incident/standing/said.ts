/** What is true of an attempt to roll back, one sentence each. */
import { rowOf } from '../reports/dirty.ts';
import type { Incident, Operation } from '../incident.ts';
import { isOver } from '../incident.ts';
import { sayVersion } from '../names.ts';
import type { RunStep, RunView } from '../flow/run.ts';
import { resumedBy } from '../flow/run.ts';
import type { Target } from '../target.ts';
import { asIs, cutTo, listed } from '../text.ts';

export interface Attempt {
  readonly incident: Incident;
  readonly target: Target;
  readonly view: RunView;
}

/** How tools begin the line that says what went wrong: `pq: …`, `error: …`, `ERROR: …`. */
const TROUBLE = /^(?:pq|error|fatal|panic)\b|\berror:/i;

/** It stays on until somebody does something, and users see it. */
export function maintenanceSaid({ maintenance }: RunView): readonly string[] {
  if (maintenance === 'on') return ['*Maintenance is ON*: users are still kept out.'];
  return maintenance === 'unknown'
    ? ['*Maintenance may be ON*: how switching it ended is not known.']
    : [];
}

/** The line that decides, of what the tool printed before the down failed; the rest is in the thread. */
export function toolSaid(view: RunView): readonly string[] {
  const down = operationOf(view, 'run-down');
  if (down === undefined || !isOver(down) || down.state === 'succeeded') return [];
  const lines = (down.tail ?? '')
    .split('\n')
    .map((one) => one.trim())
    .filter((one) => one !== '');
  const line = lines.findLast((one) => TROUBLE.test(one)) ?? lines.at(-1);
  return line === undefined
    ? []
    : [`The tool said: ${asIs(cutTo(line.replaceAll('`', "'"), 200))}`];
}

export function putBackServices(view: RunView): readonly string[] {
  if (view.services === 'untouched') return ['The services were never stopped.'];
  return backSaid(view);
}

export function reached(incident: Incident, view: RunView): string {
  const plan = incident.plans.find((one) => one.hash === view.run.hash)?.plan;
  return plan === undefined ? '' : ` to ${sayVersion(plan.to)}`;
}

export function databaseSaid({ incident, view }: Attempt): readonly string[] {
  const down = operationOf(view, 'run-down');
  if (down === undefined || down.state === 'queued') return ['The database is unchanged.'];
  if (!isOver(down)) return ['How far it has come is not known yet.'];
  switch (view.database) {
    case 'unchanged':
      return ['The database is unchanged.'];
    case 'rolled-back':
      return [`The database is rolled back${reached(incident, view)}.`];
    case 'unknown':
      return [`What the database is now is unknown. ${asIs(rowOf(incident)?.says ?? '')}`.trim()];
  }
}

export function servicesSaid({ target: { services }, view }: Attempt): readonly string[] {
  const names = listed(services.map((one) => one.name));
  if (services.length === 0) return [];
  switch (view.services) {
    case 'untouched':
      return [];
    case 'stopped':
      return [`Stopped by us: ${names}.`];
    case 'partly-back':
      return [`*Not every service is back*: ${notBack(view) || names}.`];
    case 'back-same':
    case 'back-previous':
      return backSaid(view);
  }
}

/** By what was told to each: not every service has a command for the version before. */
function backSaid(view: RunView): readonly string[] {
  const { services } = resumedBy(view.operations)?.result ?? { services: [] };
  if (services.length === 0) return ['No service was running before, so none was started.'];
  const switched = services.filter((one) => one.switched).map((one) => one.service);
  const kept = services.filter((one) => !one.switched).map((one) => one.service);
  return [
    ...(switched.length === 0 ? [] : [`Back in the previous version: ${listed(switched)}.`]),
    ...(kept.length === 0 ? [] : [`Back in the version they had: ${listed(kept)}.`]),
  ];
}

function notBack(view: RunView): string {
  const { services } = resumedBy(view.operations)?.result ?? { services: [] };
  return listed(services.filter((one) => !one.ok).map((one) => one.service));
}

export function operationOf(view: RunView, step: RunStep): Operation | undefined {
  return view.operations.findLast((one) => one.step === step);
}
