/** One message for each operation, in the thread of its section, kept up to date until its final line. */
import type { Evidence } from '../../incident/facts/evidence.ts';
import type { Operation } from '../../incident/incident.ts';
import { isOver } from '../../incident/incident.ts';
import { shortHash } from '../../incident/plan/plan.ts';
import { moment, sayDuration } from '../../incident/text.ts';
import { workOf } from '../../incident/flow/work.ts';
import type { Drawing, Scene } from './drawing.ts';
import { lines, small } from './parts.ts';
import { sayProgress } from './progress.ts';
import { fenced, fitting, quotedText, rendered } from './render.ts';
import { sectionKey } from './sections.ts';

const TAIL_MAX = 2500;
const SAYS_MAX = 1200;
const PROOF_MAX = 420;
const PROOFS_MAX = 6;

export function drawThreads(scene: Scene): readonly Drawing[] {
  return scene.incident.operations.map((one) => drawOperation(scene, one));
}

function operationKey(operation: Operation): string {
  return `op:${operation.id}`;
}

function drawOperation(scene: Scene, operation: Operation): Drawing {
  const { title, section } = workOf(operation);
  const state = sayState(operation);
  const tail = operation.tail ?? scene.tails[operation.id] ?? '';
  return {
    key: operationKey(operation),
    kind: 'thread',
    where: { threadOf: sectionKey(section) },
    text: `${title}: ${state}`,
    blocks: [
      ...lines([`*${title}* · ${state}`, howFar(scene, operation)]),
      ...lines([says(operation), ...answersTo(scene, operation)]),
      ...lines(operation.evidence.slice(0, PROOFS_MAX).map(proof)),
      ...lines([tail.trim() === '' ? '' : fenced(tail, TAIL_MAX)]),
      ...small([rendered(times(operation), scene.people, 'name')]),
    ],
  };
}

const STATES: Readonly<Record<Operation['state'], string>> = {
  queued: 'waiting for a worker',
  running: 'under way',
  lost: 'unknown: its worker died, looking what happened',
  succeeded: '✓ done',
  failed: '✗ did not work',
  stopped: 'stopped',
};

function sayState({ state }: Operation): string {
  return STATES[state];
}

function howFar({ progress }: Scene, operation: Operation): string {
  const known = progress[operation.id];
  return operation.state === 'running' && known !== undefined ? sayProgress(known) : '';
}

function says(operation: Operation): string {
  const found = operation.foundOut === true ? ' (Its worker died; this was found by looking.)' : '';
  return operation.says === undefined
    ? ''
    : fitting(`${quotedText(operation.says)}${found}`, SAYS_MAX);
}

/** Who answered a call, as the pager told it. */
function answersTo({ incident, people }: Scene, { step }: Operation): readonly string[] {
  const page = incident.pages.find((one) => `page-${one.page}` === step);
  return (page?.answers ?? []).map(({ what, by, at }) => {
    const who = by === undefined ? '' : ` by ${quotedText(by)}`;
    return `*${quotedText(what)}${who}*, ${rendered(moment(at), people, 'name')}`;
  });
}

const VERDICTS: Readonly<Record<Evidence['verdict'], string>> = {
  proven: '✓ proven',
  'not-applicable': '– does not apply',
  found: 'found',
  refuted: '✗ it is not so',
};

function proof({ item, verdict, says: words, digest }: Evidence): string {
  const hash = digest === undefined ? '' : ` · \`${shortHash(digest)}\``;
  return fitting(`${VERDICTS[verdict]} *${item}*: ${quotedText(words)}${hash}`, PROOF_MAX);
}

function times({ id, queuedAt, startedAt, endedAt, ...operation }: Operation): string {
  if (startedAt === undefined) return `${id} · asked for ${moment(queuedAt)}`;
  if (endedAt === undefined || !isOver({ id, queuedAt, ...operation })) {
    return `${id} · began ${moment(startedAt)}`;
  }
  const took = sayDuration(Date.parse(endedAt) - Date.parse(startedAt));
  return `${id} · ended ${moment(endedAt)} after ${took}`;
}
