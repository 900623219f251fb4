/** The post-mortem as a Markdown file: what happened, from the events alone. Times are UTC. */
import type { ItemState } from '../checklist/checklist.ts';
import { checklistOf } from '../checklist/checklist.ts';
import type { Event } from '../events.ts';
import type { Incident } from '../incident.ts';
import { latestResult } from '../incident.ts';
import type { PersonId } from '../names.ts';
import { ROLE_TITLES, sayVersion } from '../names.ts';
import { shortHash } from '../plan/plan.ts';
import { outageOf, sayOutcome } from '../standing/standing.ts';
import type { Target } from '../target.ts';
import { listed, mention, sayDuration, saySize } from '../text.ts';
import { timelineOf } from './timeline.ts';

interface PostMortem {
  readonly incident: Incident;
  readonly target: Target;
  readonly events: readonly Event[];
  /** How people are called. */
  readonly people: Readonly<Record<PersonId, string>>;
  readonly now: Date;
}

export function postMortemOf(given: PostMortem): string {
  const { incident, target } = given;
  const sections = [
    `# ${incident.id}: rollback of ${target.name} (${target.environment})`,
    summary(given),
    whatWasDone(given),
    checklist(given),
    pages(given),
    notes(given),
    followUps(given),
    timeline(given),
    PREVENTION,
  ];
  return `${sections.filter((one) => one !== '').join('\n\n')}\n`;
}

/** `INC-3-post-mortem.md` */
export function postMortemName(incident: Incident): string {
  return `${incident.id}-post-mortem.md`;
}

function summary(given: PostMortem): string {
  const { incident, now } = given;
  const { since, until } = outageOf(incident);
  const end = until ?? now.toISOString();
  const { impact, whyNotFixForward } = incident.details;
  const { closed } = incident;
  return table(
    ['What', ''],
    [
      ['What was wrong', incident.sentence],
      ['Impact', impact ?? 'not said'],
      ['Why not fix forward', whyNotFixForward ?? 'not said'],
      ['Opened', `${sayTime(incident.openedAt)} by ${nameOf(given, incident.openedBy)}`],
      [
        'Outage',
        `${sayDuration(Date.parse(end) - Date.parse(since))}, from ${sayTime(since)} to ${until === null ? 'now: the services have not been seen healthy' : sayTime(until)}`,
      ],
      [
        'Outcome',
        closed === undefined
          ? 'still open'
          : `${sayOutcome(closed.outcome)}, ${sayTime(closed.at)}, by ${said(given, closed.by.kind === 'person' ? mention(closed.by.person) : 'Backout')}${closed.reason === undefined ? '' : `: ${closed.reason}`}`,
      ],
    ],
  );
}

function whatWasDone(given: PostMortem): string {
  const { incident } = given;
  const backup = latestResult(incident, 'back-up')?.backup;
  const runs = incident.runs.map((run) => {
    const plan = incident.plans.find((one) => one.hash === run.hash)?.plan;
    const way = plan === undefined ? '' : ` from ${plan.from} to ${sayVersion(plan.to)}`;
    const down = incident.operations.findLast(
      (one) => one.step === 'run-down' && one.round === run.round,
    );
    const approvers = listed(run.approvers.map((one) => nameOf(given, one)));
    return `- Attempt ${run.round}${way}, ${sayTime(run.startedAt)}: plan \`${shortHash(run.hash)}\`, approved by ${approvers}. ${oneLine(down?.says ?? 'The database was not reached.')}`;
  });
  const files = (incident.plan?.plan.files ?? []).map(
    ({ file, sha256 }) => `- \`${file}\` ${sha256 === null ? '(no file)' : `\`${sha256}\``}`,
  );
  return [
    '## What was done',
    runs.length === 0 ? 'No rollback was run.' : runs.join('\n'),
    ...(files.length === 0 ? [] : ['Down files of the last plan:', files.join('\n')]),
    backup === undefined
      ? 'There is no backup.'
      : `Backup: \`${backup.folder}\`, ${saySize(backup.sizeBytes)}, version ${sayVersion(backup.version)}, manifest \`${backup.manifestSha256}\`.`,
  ].join('\n\n');
}

function checklist(given: PostMortem): string {
  const { incident, target } = given;
  const rows = checklistOf(incident, target).flatMap((section) =>
    section.items.map((one) => [
      one.item.id,
      one.item.words,
      STATES[one.standing.state],
      said(given, standingSaid(given, one)),
    ]),
  );
  return [
    '## Checklist',
    '*Proven* was found by a job; *answered* is somebody’s word.',
    table(['', 'Item', 'State', 'What, when, who'], rows),
  ].join('\n\n');
}

const STATES: Readonly<Record<ItemState['standing']['state'], string>> = {
  proven: 'proven',
  refuted: 'NOT so',
  answered: 'answered',
  'does-not-apply': 'does not apply',
  preview: 'a preview, not a proof',
  open: 'open',
};

function standingSaid(given: PostMortem, { standing, answer }: ItemState): string {
  const beside =
    answer === undefined
      ? ''
      : ` (${nameOf(given, answer.by)}, ${sayTime(answer.at)}: ${answer.note ?? answer.answer})`;
  switch (standing.state) {
    case 'proven':
    case 'refuted': {
      const digest = standing.digest === undefined ? '' : `, \`${standing.digest}\``;
      return `${standing.says} ${sayTime(standing.at)}${digest}${beside}`;
    }
    case 'answered':
      return `${nameOf(given, standing.by)}, ${sayTime(standing.at)}${standing.note === undefined ? '' : `: ${standing.note}`}`;
    case 'does-not-apply':
      return `${standing.why}${standing.by === undefined ? '' : ` (${nameOf(given, standing.by)})`}${beside}`;
    case 'preview':
      return `${standing.says} ${sayTime(standing.at)}`;
    case 'open':
      return '';
  }
}

function pages(given: PostMortem): string {
  const rows = given.incident.pages.map((page) => {
    const call = given.incident.operations.find((one) => one.step === `page-${page.page}`);
    const answers = page.answers.map(
      ({ what, by, at }) => `${what}${by === undefined ? '' : ` by ${by}`} ${sayTime(at)}`,
    );
    return [
      sayTime(page.at),
      ROLE_TITLES[page.role],
      page.reason,
      [call?.says ?? 'not sent', ...answers].join('; '),
    ];
  });
  return rows.length === 0
    ? ''
    : ['## Pages', table(['When', 'Who', 'Why', 'What is known of it'], rows)].join('\n\n');
}

function notes(given: PostMortem): string {
  const found = given.incident.notes.map(
    ({ text, by, at }) =>
      `- ${sayTime(at)}, ${said(given, by.kind === 'person' ? mention(by.person) : 'Backout')}: ${oneLine(text)}`,
  );
  return found.length === 0 ? '' : ['## Notes', found.join('\n')].join('\n\n');
}

const FOLLOW_UPS = 12;

function followUps({ incident, target }: PostMortem): string {
  const items =
    checklistOf(incident, target).find((one) => one.section === FOLLOW_UPS)?.items ?? [];
  const found = items.map(({ item, standing }) => {
    const isDone = standing.state !== 'open';
    const note = standing.state === 'answered' ? (standing.note ?? 'done') : '';
    return `- [${isDone ? 'x' : ' '}] ${item.words}${note === '' ? '' : `: ${oneLine(note)}`}`;
  });
  return ['## Follow-ups', found.join('\n')].join('\n\n');
}

function timeline(given: PostMortem): string {
  const rows = timelineOf(given.events).map(({ at, who, what }) => [
    sayTime(at),
    said(given, who),
    said(given, what),
  ]);
  return ['## Timeline', table(['When', 'Who', 'What'], rows)].join('\n\n');
}

const PREVENTION =
  '## So that it does not happen again\n\n`/rollback help prevention` has the list: test each rollback on data like production’s, ship code that works with both schemas, review every down file like the up file.';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((one) => oneLine(one).replaceAll('|', String.raw`\|`)).join(' | ')} |`;
  return [line(head), `|${' --- |'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

function sayTime(at: string): string {
  return at.replace(/^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2}).*$/, '$1 $2Z');
}

function nameOf({ people }: PostMortem, person: PersonId): string {
  return people[person] ?? person;
}

/** A file mentions nobody: tokens become names and times. */
function said(given: PostMortem, text: string): string {
  return text.replaceAll(/\{(person|time):([^{}\s]+)\}/g, (_whole, kind: string, value: string) =>
    kind === 'time' ? sayTime(value) : nameOf(given, value),
  );
}
