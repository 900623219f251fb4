/** What needs a person: new messages with a mention, because updates ring no phone. */
import { standingApprovals } from '../../incident/plan/approvals.ts';
import type { Incident, Setback } from '../../incident/incident.ts';
import { isOpen, latestResult } from '../../incident/incident.ts';
import type { PersonId } from '../../incident/names.ts';
import { sayVersion } from '../../incident/names.ts';
import { planDifferences, shortHash } from '../../incident/plan/plan.ts';
import { saidYes } from '../../incident/standing/before.ts';
import type { Standing } from '../../incident/standing/standing.ts';
import { standing } from '../../incident/standing/standing.ts';
import { asIs, listed, mention } from '../../incident/text.ts';
import { ask, asStanding } from './ask.ts';
import { sayAwaited } from './card.ts';
import type { Drawing, Scene } from './drawing.ts';
import { planLines } from './plan.ts';
import { previewBlocks } from './preview.ts';
import { drawTroubles } from './troubles.ts';

/** Of all files together, in the message that rings. */
const SQL_MAX = 1_500;

export function drawAsks(scene: Scene): readonly Drawing[] {
  const stands = standing(scene.incident, scene.target, scene.now);
  const asks = [
    ...scene.incident.plans.flatMap((_plan, index) => planAsks(scene, stands, index)),
    ...scene.incident.setbacks.map((one, index) => setbackAsk(scene, one, { index, stands })),
    ...drawTroubles(scene, stands),
    ...doneAsk(scene, stands),
  ];
  return scene.target.privateChannel
    ? [...asks, ...asks.map((one) => callFromHome(scene, one))]
    : asks;
}

/** A private incident without a channel of its own rings from the home channel, which reads no word of it. */
function callFromHome(scene: Scene, { key, rings }: Drawing): Drawing {
  const { id, channel, openedBy } = scene.incident;
  const people = rings === undefined || rings.length === 0 ? [openedBy] : rings;
  const call = ask(scene, {
    key: `call:${key}`,
    holds: rings !== undefined && channel.state === 'failed',
    people,
    now: [
      `${listed([...new Set(people)].map(mention))}: *${id}* needs you. \`/rollback status ${id}\` tells what, to you alone.`,
    ],
    moves: [],
    afterwards: `*${id}* needed somebody, and was called from here.`,
  });
  return { ...call, where: 'home' };
}

/** What is left after the run is for people, and an update of the card rings nobody. */
function doneAsk(scene: Scene, stands: Standing): readonly Drawing[] {
  const { incident, target } = scene;
  const isDone = stands.stage === 'rolled-back';
  if (!isDone && (stands.stage !== 'closed' || incident.runs.length === 0)) return [];
  const people = [...new Set([incident.openedBy, ...(target.roles.on_call?.people ?? [])])];
  return [
    ask(scene, {
      key: 'ask:done',
      holds: isDone,
      people,
      now: [`${listed(people.map(mention))}:`, ...asStanding(stands)],
      moves: stands.moves,
      afterwards: `The run had ended, and people were asked for the rest. ${stands.headline}`,
    }),
  ];
}

const BEFORE_RUN: readonly Standing['stage'][] = [
  'preparing',
  'blocked',
  'awaiting-approval',
  'approved',
  'put-back',
];

type Made = Incident['plans'][number];

/** Asked anew each time that approvals for the same plan were lost or used up. */
function planAsks(scene: Scene, stands: Standing, index: number): readonly Drawing[] {
  const { incident } = scene;
  const made = incident.plans[index];
  if (made === undefined) return [];
  const isNewest = index === incident.plans.length - 1;
  const times = losses(incident, made, stands) + 1;
  return Array.from({ length: times }, (_one, time) =>
    planAsk(scene, {
      stands,
      made,
      key: `ask:plan-${index + 1}${time === 0 ? '' : `.${time + 1}`}`,
      isCurrent: isNewest && time === times - 1,
      before: time === 0 ? incident.plans[index - 1] : undefined,
    }),
  );
}

/** How often approvals for this plan were given and came to nothing. */
function losses(incident: Incident, { hash, at }: Made, { stage }: Standing): number {
  const expired = incident.approvals.filter((one) => one.hash === hash && one.state === 'expired');
  const isOfThis = (one: Incident['runs'][number]): boolean =>
    one.hash === hash && one.startedAt >= at;
  const isNewestOver = BEFORE_RUN.includes(stage);
  const runs = incident.runs.filter(
    (one, index) => isOfThis(one) && (isNewestOver || index < incident.runs.length - 1),
  );
  const isAbortedBefore = incident.abortedAt !== undefined && incident.runs.length === 0;
  return expired.length + runs.length + (isAbortedBefore ? 1 : 0);
}

function planAsk(
  scene: Scene,
  given: {
    readonly stands: Standing;
    readonly made: Made;
    readonly key: string;
    readonly isCurrent: boolean;
    readonly before: Made | undefined;
  },
): Drawing {
  const { stands, made, key, isCurrent, before } = given;
  const { incident, target, now } = scene;
  const isAwaiting = stands.stage === 'awaiting-approval' || stands.stage === 'put-back';
  const differences = before === undefined ? [] : planDifferences(before.plan, made.plan);
  const changed = differences.length === 0 ? [] : [`Changed: ${listed(differences)}.`];
  return ask(scene, {
    key,
    holds: isCurrent && isAwaiting && stands.awaited.length > 0,
    people: stands.awaited.flatMap((one) => one.people),
    now: [
      ...stands.awaited.map(sayAwaited),
      ...planLines(made.plan, made.hash),
      ...changed,
      ...standingApprovals(incident, now).map(saidYes),
      target.policy.start === 'on_approval'
        ? 'The second approval starts the run.'
        : 'It starts when somebody presses *Run*.',
    ],
    details: previewBlocks(made.plan, latestResult(incident, 'assess')?.facts, { sqlMax: SQL_MAX }),
    moves: stands.moves,
    afterwards: `The plan \`${shortHash(made.hash)}\` (${made.plan.from} to ${sayVersion(made.plan.to)}) ${isCurrent ? whatBecame(scene, stands, made) : 'was asked about here; there is a newer question or a newer plan.'}`,
  });
}

function whatBecame({ incident, now }: Scene, stands: Standing, made: Made): string {
  const run = incident.runs.findLast((one) => one.hash === made.hash);
  const approvers = run?.approvers ?? standingApprovals(incident, now).map((one) => one.by);
  if (approvers.length > 1) return `was approved by ${listed(approvers.map(mention))}.`;
  if (stands.stage === 'closed') return 'was not run: the incident is closed.';
  return incident.declined?.hash === made.hash ? 'was declined.' : 'is not awaiting anybody.';
}

function setbackAsk(
  scene: Scene,
  setback: Setback,
  { index, stands }: { readonly index: number; readonly stands: Standing },
): Drawing {
  const { incident } = scene;
  const key = `ask:setback-${index + 1}`;
  const isNewest = index === incident.setbacks.length - 1;
  const hash = shortHash(setback.hash);
  if (setback.kind === 'declined') {
    const who = setback.by.kind === 'person' ? mention(setback.by.person) : 'Backout';
    const why = asIs(setback.why);
    return ask(scene, {
      key,
      holds: isNewest && isOpen(incident) && incident.declined?.hash === setback.hash,
      people: concerned(incident, setback),
      now: [
        `${listed(concerned(incident, setback).map(mention))}: ${who} declined the plan \`${hash}\`: ${why}`,
        'Nothing has been changed. Talk about it, change the plan, or close.',
      ],
      moves: [planMove(incident)],
      afterwards: `${who} declined the plan \`${hash}\`: ${why}`,
    });
  }
  const fields = asIs(listed(setback.fields));
  const isSame = incident.plan?.hash === setback.hash;
  return ask(scene, {
    key,
    holds: isNewest && isOpen(incident) && incident.voided?.at === setback.at,
    people: concerned(incident, setback),
    now: [
      `${listed(concerned(incident, setback).map(mention))}: approvals of the plan \`${hash}\` no longer hold.`,
      `${isSame ? 'Because' : 'This changed'}: ${fields.replace(/[.]$/, '')}.`,
      whatThen(stands, isSame),
    ],
    moves: [planMove(incident)],
    afterwards: `Approvals of the plan \`${hash}\` were lost${isSame ? '' : ', because this changed'}: ${fields.replace(/[.]$/, '')}.`,
  });
}

/** There is not always a new plan to be read. */
function whatThen({ moves }: Standing, isSame: boolean): string {
  if (!isSame) return 'Read the new plan, then approve that one.';
  return moves.some((one) => one.verb === 'approve')
    ? 'The plan is the same as before: approve it again.'
    : 'The plan is the same as before, and waits until that is set right.';
}

/** Whoever opened the incident and whoever had said yes. */
function concerned(incident: Incident, { hash }: Setback): readonly PersonId[] {
  const approvers = incident.approvals.filter((one) => one.hash === hash).map((one) => one.by);
  return [...new Set([incident.openedBy, ...approvers])];
}

function planMove(incident: Incident): Standing['moves'][number] {
  return {
    verb: 'plan',
    label: 'Show the plan',
    style: 'plain',
    input: { incident: incident.id },
  };
}
