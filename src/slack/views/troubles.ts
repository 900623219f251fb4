/** A message for each operation that failed, and for each of which nobody knows how it ended. */
import type { Incident, Operation } from '../../incident/incident.ts';
import { isOpen } from '../../incident/incident.ts';
import type { PersonId } from '../../incident/names.ts';
import { isRunStep } from '../../incident/flow/run.ts';
import type { Move, Standing } from '../../incident/standing/standing.ts';
import type { Target } from '../../incident/target.ts';
import { asIs, listed, mention } from '../../incident/text.ts';
import { workOf } from '../../incident/flow/work.ts';
import { ask, asStanding } from './ask.ts';
import type { Drawing, Scene } from './drawing.ts';

export function drawTroubles(scene: Scene, stands: Standing): readonly Drawing[] {
  return scene.incident.operations.flatMap((one) => [
    ...failure(scene, stands, one),
    ...unknown(scene, one),
  ]);
}

/** The reconciler looks by itself; a person is told because everything waits for what it finds. */
function unknown(scene: Scene, operation: Operation): readonly Drawing[] {
  const { incident, target } = scene;
  const wasLost = operation.state === 'lost';
  if (!wasLost && operation.foundOut !== true) return [];
  const { title } = workOf(operation);
  return [
    ask(scene, {
      key: `ask:unknown:${operation.id}`,
      holds: wasLost && isOpen(incident),
      people: onCall(incident, target),
      now: [
        `${names(onCall(incident, target))}: “${title}” lost its worker. How it ended is *unknown*, not failed.`,
        'It is being looked up in the database and the services. Nothing is repeated until that is known.',
      ],
      moves: [call(incident)],
      afterwards: `“${title}” had lost its worker. What was found: ${asIs(operation.says ?? 'nothing yet')}`,
    }),
  ];
}

function failure(scene: Scene, stands: Standing, operation: Operation): readonly Drawing[] {
  const { incident, target } = scene;
  const isStuck = operation.state === 'stopped' && isStuckAt(stands, incident, operation);
  if (operation.state !== 'failed' && !isStuck) return [];
  const { title } = workOf(operation);
  const why = asIs(operation.says ?? 'no reason was given');
  const isPage = operation.step.startsWith('page-');
  const people = isPage
    ? onCall(incident, target)
    : [...stands.awaited.flatMap((one) => one.people), ...onCall(incident, target)];
  const body = isPage
    ? [whyPage(scene, operation), 'Call them yourself; Slack alone may not wake anybody.']
    : asStanding(stands).filter((one) => !one.includes(why.replaceAll(/\s+/g, ' ')));
  return [
    ask(scene, {
      key: `ask:failed:${operation.id}`,
      holds: isOpen(incident) && isNewest(incident, operation) && isStillSo(stands, operation),
      people,
      now: [`${names(people)}: *${headline(operation, title)}* ${why}`, ...body],
      moves: isPage ? [call(incident)] : stands.moves,
      afterwards: `“${title}” did not work: ${why}`,
    }),
  ];
}

/** Services that are not back are said loudest. */
function headline(operation: Operation, title: string): string {
  if (operation.step === 'resume-services') return 'The services are NOT back.';
  if (operation.step === 'check-services') return 'The services are NOT healthy.';
  if (operation.step === 'maintenance-off') return 'Maintenance mode is STILL ON.';
  return `“${title}” did not work.`;
}

function isNewest(incident: Incident, operation: Operation): boolean {
  const newest = incident.operations.findLast((one) => one.step === operation.step);
  const isOfThisRun = !isRunStep(operation.step) || operation.round === incident.runs.length;
  return newest?.id === operation.id && isOfThisRun;
}

function isStillSo(stands: Standing, operation: Operation): boolean {
  if (operation.step.startsWith('page-')) return true;
  if (!isRunStep(operation.step)) return stands.stage === 'blocked';
  return ['needs-a-person', 'restoring', 'put-back'].includes(stands.stage);
}

function isStuckAt(stands: Standing, incident: Incident, operation: Operation): boolean {
  return (
    stands.stage === 'needs-a-person' && isRunStep(operation.step) && isNewest(incident, operation)
  );
}

function whyPage({ incident, target }: Scene, operation: Operation): string {
  const page = incident.pages.find((one) => `page-${one.page}` === operation.step);
  const people = page === undefined ? [] : (target.roles[page.role]?.people ?? []);
  return people.length === 0 ? '' : `It was for ${listed(people.map(mention), 'or')}.`;
}

function onCall(incident: Incident, target: Target): readonly PersonId[] {
  return [incident.openedBy, ...(target.roles.on_call?.people ?? [])];
}

function names(people: readonly PersonId[]): string {
  return listed([...new Set(people)].map(mention));
}

function call(incident: Incident): Move {
  return { verb: 'page', label: 'Call somebody', style: 'plain', input: { incident: incident.id } };
}
