/** When a run may begin, and that it has begun. */
import { bothKeys } from '../plan/approvals.ts';
import type { NewEvent } from '../events.ts';
import { event } from '../events.ts';
import type { Incident } from '../incident.ts';
import { hashPlan } from '../plan/plan.ts';
import { prospectOf } from '../plan/prospect.ts';
import { viewRun } from './run.ts';
import type { Target } from '../target.ts';

export function isRunning(incident: Incident, target: Target): boolean {
  const phase = viewRun(incident, target)?.phase.phase;
  return phase === 'under-way' || phase === 'restoring';
}

/** The second approval starts the run, once for each pair of approvals. */
export function startOfRun(incident: Incident, target: Target, now: Date): readonly NewEvent[] {
  const { plan } = incident;
  if (plan === undefined || target.policy.start !== 'on_approval' || !mayStart(incident, target))
    return [];
  const keys = bothKeys(incident, plan.hash, now);
  if (keys === null || wasUsed(incident, keys)) return [];
  return [runStarted(incident, keys)];
}

type Keys = NonNullable<ReturnType<typeof bothKeys>>;

/** Both keys were there already when the last run began: a person says `run` to use them again. */
function wasUsed(incident: Incident, keys: Keys): boolean {
  const last = incident.runs.at(-1);
  return last !== undefined && keys.every((one) => one.at <= last.startedAt);
}

export function runStarted(incident: Incident, keys: Keys): NewEvent {
  const [onCall, dba] = keys;
  return event('run-started', {
    round: incident.runs.length + 1,
    hash: onCall.hash,
    approvers: [onCall.by, dba.by],
  });
}

/** A run may begin when none is under way, none needs a person, and the plan is today's. */
export function mayStart(incident: Incident, target: Target): boolean {
  const phase = viewRun(incident, target)?.phase.phase;
  const isFree = phase === undefined || phase === 'put-back';
  const prospect = prospectOf(incident, target);
  return isFree && prospect.state === 'ready' && hashPlan(prospect.plan) === incident.plan?.hash;
}
