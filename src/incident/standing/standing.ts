/** Where an incident stands: what is true now, what is next, who is awaited, and what can be done. */
import { missingRoles, standingApprovals } from '../plan/approvals.ts';
import { isAfterwards, openForPeople, sayItems } from '../checklist/checklist.ts';
import { isBeforeRun, preparationStanding } from './before.ts';
import { runStanding } from './run.ts';
import type { Incident, Operation } from '../incident.ts';
import { isOpen, isOver, isResultOf } from '../incident.ts';
import type { PersonId, RoleName } from '../names.ts';
import { viewRun } from '../flow/run.ts';
import type { Target } from '../target.ts';
import { mention } from '../text.ts';

type StageWord =
  | 'preparing'
  | 'blocked'
  | 'awaiting-approval'
  | 'approved'
  | 'running'
  | 'restoring'
  | 'needs-a-person'
  | 'put-back'
  | 'rolled-back'
  | 'closed';

/** A verb that matters now, with the input that its button carries. */
export interface Move {
  readonly verb: string;
  readonly label: string;
  readonly style: 'primary' | 'danger' | 'plain';
  readonly input: Readonly<Record<string, string | boolean>>;
  /** What one tap does that is not to be done by accident; asked about before it is done. */
  readonly confirm?: string;
}

export interface Awaited {
  readonly role: RoleName | null;
  readonly people: readonly PersonId[];
  readonly what: string;
}

/** Texts may hold `{person:…}` and `{time:…}`. */
export interface Standing {
  readonly stage: StageWord;
  /** What is true now. */
  readonly headline: string;
  /** More that is true and matters: what stands in the way, what was lost, what was put back. */
  readonly more: readonly string[];
  /** What happens next, by itself or by somebody. */
  readonly next: string;
  readonly awaited: readonly Awaited[];
  /** `until` is null while the services have not been seen healthy. */
  readonly outage: { readonly since: string; readonly until: string | null };
  /** What aborting would cost now; null when there is nothing to abort. */
  readonly abortCost: string | null;
  /** At most two. */
  readonly moves: readonly Move[];
}

/** The part that depends on the stage. */
export type StageStanding = Omit<Standing, 'outage'>;

export function standing(incident: Incident, target: Target, now: Date): Standing {
  return { ...stageOf(incident, target, now), outage: outageOf(incident) };
}

function stageOf(incident: Incident, target: Target, now: Date): StageStanding {
  if (!isOpen(incident)) return closedStanding(incident, target);
  const view = viewRun(incident, target);
  if (view === null || isBeforeRun(incident, view)) {
    const attempt = view === null ? [] : [`Attempt ${view.run.round} was put back.`];
    return preparationStanding({ incident, target, now, earlier: attempt });
  }
  return runStanding({
    incident,
    target,
    view,
    missing: missingRoles(incident, now),
    given: standingApprovals(incident, now),
  });
}

const OUTCOMES: Readonly<Record<NonNullable<Incident['closed']>['outcome'], string>> = {
  'rolled-back': 'rolled back',
  'fixed-another-way': 'fixed another way',
  abandoned: 'abandoned',
};

export function sayOutcome(outcome: NonNullable<Incident['closed']>['outcome']): string {
  return OUTCOMES[outcome];
}

function closedStanding(incident: Incident, target: Target): StageStanding {
  const { closed } = incident;
  const who = closed?.by.kind === 'person' ? ` by ${mention(closed.by.person)}` : '';
  return {
    stage: 'closed',
    headline: `Closed${who}: ${closed === undefined ? 'over' : sayOutcome(closed.outcome)}.`,
    more: closed?.reason === undefined ? [] : [closed.reason],
    next: `${sayPostMortem(incident)}${stillWorthDoing(incident, target)}`,
    awaited: [],
    abortCost: null,
    moves: [],
  };
}

/** Without a channel of its own, and private, it may have been put nowhere in Slack. */
function sayPostMortem({ id, channel }: Incident): string {
  return channel.state === 'open' || channel.state === 'archived'
    ? 'The post-mortem is in its channel.'
    : `\`/rollback history ${id}\` tells what happened; \`npm run backout -- report-link ${id}\` leads to its report.`;
}

/** What can still be answered, while the channel is there. */
function stillWorthDoing(incident: Incident, target: Target): string {
  if (incident.channel.state === 'archived') return '';
  const open = openForPeople(incident, target, 'close').filter((one) => isAfterwards(one));
  return open.length === 0 ? '' : ` Still worth doing: ${sayItems(open)}.`;
}

/** From the opening until the services were seen healthy and users were let in again, or the end. */
export function outageOf(incident: Incident): Standing['outage'] {
  const since = incident.openedAt;
  const closedAt = incident.closed?.at ?? null;
  const healthy = incident.operations.findLast(
    (one) => one.step === 'check-services' && isOver(one),
  );
  if (healthy?.state !== 'succeeded' || healthy.endedAt === undefined) {
    return { since, until: closedAt };
  }
  const letIn = letInAgain(incident, healthy.round);
  if (letIn === null) return { since, until: closedAt };
  return { since, until: letIn > healthy.endedAt ? letIn : healthy.endedAt };
}

/** Since when no maintenance keeps users out; null while one does. */
function letInAgain(incident: Incident, round: number): string | null {
  const newest = (step: 'maintenance-on' | 'maintenance-off'): Operation | undefined =>
    incident.operations.findLast((one) => one.step === step && one.round === round);
  const on = newest('maintenance-on');
  if (on === undefined) return incident.openedAt;
  if (isResultOf('set-maintenance', on.result) && !on.result.configured) {
    return incident.openedAt;
  }
  const off = newest('maintenance-off');
  return off?.state === 'succeeded' ? (off.endedAt ?? null) : null;
}
