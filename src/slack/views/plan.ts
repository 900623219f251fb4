/** What is planned, to be read before it is approved. A preview, and said so. */
import { latestResult } from '../../incident/incident.ts';
import type { PlanHash } from '../../incident/names.ts';
import { sayVersion } from '../../incident/names.ts';
import type { Plan } from '../../incident/plan/plan.ts';
import { shortHash } from '../../incident/plan/plan.ts';
import type { Facts } from '../../incident/facts/facts.ts';
import { foreignTransactions, sayTransaction } from '../../incident/facts/open-transactions.ts';
import { prospectOf } from '../../incident/plan/prospect.ts';
import { missingRoles } from '../../incident/plan/approvals.ts';
import { approvalMoves } from '../../incident/standing/before.ts';
import { standing } from '../../incident/standing/standing.ts';
import { asIs, counted, listed, listedUpTo, sayDuration, saySize } from '../../incident/text.ts';
import { sayAwaited, truth, whatToDo } from './card.ts';
import type { Scene } from './drawing.ts';
import type { Shown } from './parts.ts';
import { buttons, heading, lines, shown, small } from './parts.ts';
import { previewBlocks } from './preview.ts';
import { fitting, rendered } from './render.ts';

const FILES_MAX = 8;
const SQL_MAX = 2_400;
const TEXT_MAX = 900;
const TRANSACTIONS_MAX = 3;

export function planView(scene: Scene): Shown {
  const { incident, target, people, now } = scene;
  const stands = standing(incident, target, now);
  const prospect = prospectOf(incident, target);
  const draw = (text: string): string => fitting(rendered(text, people), TEXT_MAX);
  if (incident.plan === undefined || prospect.state !== 'ready') {
    const texts = [...truth(stands), ...whatToDo(stands)].map(draw);
    return shown(texts.join('\n'), [...lines(texts), ...buttons(stands.moves)]);
  }
  const { plan, hash } = incident.plan;
  const facts = latestResult(incident, 'assess')?.facts;
  const texts = planLines(plan, hash).map(draw);
  const isAwaited = stands.moves.some((one) => one.verb === 'approve');
  return shown(texts.join('\n'), [
    heading(`${incident.id} · plan ${shortHash(hash)}`),
    ...lines(texts),
    ...lines([...sizesSaid(scene, facts), ...transactionsSaid(scene, facts)].map(draw)),
    ...previewBlocks(plan, facts, { sqlMax: SQL_MAX }),
    ...lines([
      '*This is a preview, not a proof.* What would be lost is unknown: read the files.',
      ...policySaid(plan),
    ]),
    ...lines(stands.awaited.map((one) => draw(sayAwaited(one)))),
    ...buttons(isAwaited ? approvalMoves(incident, target, missingRoles(incident, now)) : []),
    ...small([
      `Approvals are for exactly \`${shortHash(hash)}\`. If anything of it changes, they are void.`,
    ]),
  ]);
}

/** From, to, files, backup, services: enough to say yes or no to. */
export function planLines(plan: Plan, hash: PlanHash): readonly string[] {
  const files = plan.files.map(({ file, version, sha256 }) => {
    if (plan.nothingToUndo.includes(version)) return `• ${version}: nothing to undo, as you said`;
    const digest = sha256 === null ? 'no file' : `\`${shortHash(sha256)}\``;
    return `• \`${asIs(file)}\` ${digest}`;
  });
  const others = files.length - FILES_MAX;
  return [
    `*Roll back* \`${asIs(plan.database)}\` from *${plan.from}* to *${sayVersion(plan.to)}*, plan \`${shortHash(hash)}\`:`,
    ...files.slice(0, FILES_MAX),
    ...(others > 0 ? [`• and ${counted(others, 'more file')}`] : []),
    plan.backupManifest === null
      ? '*No backup.*'
      : `Backup \`${shortHash(plan.backupManifest)}\`, read back in full.`,
    plan.services.length === 0
      ? 'No service is stopped: none is configured.'
      : `Stops and brings back: ${listedUpTo(plan.services.map(asIs), FILES_MAX)}.`,
  ];
}

function sizesSaid({ incident }: Scene, facts: Facts | undefined): readonly string[] {
  const backup = latestResult(incident, 'back-up')?.backup;
  const database =
    facts === undefined
      ? []
      : [
          `The database holds ${counted(facts.tables.length, 'table')}, ${saySize(facts.sizeBytes)}.`,
        ];
  const taken =
    backup === undefined
      ? []
      : [`The backup took ${sayDuration(backup.tookMs)} and holds ${saySize(backup.sizeBytes)}.`];
  return [...database, ...taken];
}

/** A down waits for their locks: they are named before anybody says yes. */
function transactionsSaid(
  { target: { services } }: Scene,
  facts: Facts | undefined,
): readonly string[] {
  const open = facts === undefined ? [] : foreignTransactions(facts.activity, services);
  if (open.length === 0) return [];
  return [`*Open transactions:* ${asIs(listedUpTo(open.map(sayTransaction), TRANSACTIONS_MAX))}.`];
}

function policySaid({ policy }: Plan): readonly string[] {
  const tool = policy.tool === 'built-in' ? 'the built-in runner' : 'golang-migrate';
  return [
    `By ${tool}; waits at most ${sayDuration(policy.lockTimeoutMs)} for a lock and ${sayDuration(policy.statementTimeoutMs)} for a statement.`,
    `Two approvals, good for ${policy.approvalTtlMinutes} min; ${policy.start === 'on_approval' ? 'the second starts it' : 'then somebody starts it by hand'}. Needed first: ${listed(policy.require) || 'nothing'}.`,
  ];
}
