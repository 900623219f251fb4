/** What can be typed in a terminal and is no verb: for CI, for auditors, for scripts. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { TerminalConfig } from '../config.ts';
import { readFileAlone } from '../config.ts';
import { Fault } from '../doors.ts';
import { IncidentId } from '../incident/names.ts';
import { refuse } from '../incident/refusal.ts';
import type { Target } from '../incident/target.ts';
import { counted, mention, moment } from '../incident/text.ts';
import { targetMeant } from '../incident/words.ts';
import { readFolder } from '../migrations/files.ts';
import { sayRefusal } from '../slack/answers.ts';
import { plainText } from '../slack/plain.ts';
import type { Audit } from '../store/audit.ts';
import { exportEvents, verifyEvents, verifyExport } from '../store/audit.ts';
import type { StoreConnection } from '../store/connect.ts';
import { openIncidents, readIncident } from '../store/incidents.ts';
import { reportKey, signReportLink } from '../web/report-link.ts';
import type { Ending } from './ending.ts';
import { COMMAND } from './verb.ts';

/** How long a link that is signed here opens its page. */
const LINK_DAYS = 7;

export const WORDS = [
  {
    word: 'check',
    usage: '',
    help: 'For CI: checks backout.yaml and the migrations of every target. Needs no database. With an item after it, it is the verb.',
  },
  {
    word: 'lock',
    usage: '<target>',
    help: 'For deployments: exits 0 when no rollback of the database is open, 1 when one is, 2 when nobody knows.',
  },
  {
    word: 'report-link',
    usage: '<INC-n>',
    help: `Prints the path of an incident’s page, for whoever has it, for ${LINK_DAYS} days.`,
  },
  {
    word: 'export-audit',
    usage: '',
    help: 'Prints the whole history, a JSON line for each event.',
  },
  {
    word: 'verify-audit',
    usage: '[file]',
    help: 'Recomputes every hash of the history, or of an export, which needs no store; prints the head of each stream.',
  },
] as const;

/** The file and the migrations of every target; needs no database. */
export async function checkForCi(): Promise<Ending> {
  const { path, targets, warnings } = readFileAlone();
  const found = await Promise.all(targets.map(checkTarget));
  const isSound = found.every((one) => one.problems.length === 0);
  const lines = found.flatMap(({ line, problems }) => [
    line,
    ...problems.map((problem) => `  - ${problem}`),
  ]);
  return {
    exit: isSound ? 'ok' : 'no',
    text: [`${path} is valid.`, ...warnings.map((one) => `  (${one})`), ...lines].join('\n'),
  };
}

async function checkTarget({ name, migrations, validation }: Target): Promise<{
  readonly line: string;
  readonly problems: readonly string[];
}> {
  const missing =
    validation === undefined || existsSync(validation)
      ? []
      : [`The validation file \`${validation}\` is not there.`];
  try {
    const folder = await readFolder(migrations.path);
    const problems = [...folder.problems.map((one) => one.say), ...missing];
    const count = counted(folder.migrations.length, 'migration');
    const sound = problems.length === 0 ? ', nothing to mend' : '';
    return { line: `${name}: ${count} in ${migrations.path}${sound}.`, problems };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { line: `${name}: nothing could be read.`, problems: [error.say, ...missing] };
  }
}

export async function verifyAudit(store: StoreConnection): Promise<Ending> {
  return auditEnding(await verifyEvents(store));
}

export async function exportAudit(store: StoreConnection): Promise<Ending> {
  return { exit: 'ok', text: await exportEvents(store) };
}

/** Of an export: needs no store. */
export async function verifyFile(path: string): Promise<Ending> {
  try {
    return auditEnding(verifyExport(await readFile(path, 'utf8')));
  } catch {
    return { exit: 'usage', text: `${path} cannot be read.` };
  }
}

function auditEnding({ events, heads, breaks }: Audit): Ending {
  if (breaks.length > 0) {
    const text = [
      'The history was changed, or part of it is missing. It breaks at (stream, number):',
      ...breaks.map((one) => `  - ${one}`),
      ...heads,
    ].join('\n');
    return { exit: 'no', text };
  }
  const found = `${counted(events, 'event')} in ${counted(heads.length, 'stream')}`;
  return {
    exit: 'ok',
    text: [`Every link of the history holds: ${found}.`, ...heads].join('\n'),
    aside:
      'No event was changed by itself. Whoever owns the tables could still have written a stream anew or taken it away as a whole: compare these heads with those that you kept elsewhere.',
  };
}

export async function lockOf(
  said: string,
  { config, store }: { readonly config: TerminalConfig; readonly store: StoreConnection },
): Promise<Ending> {
  const target = targetMeant(said, config.targets)?.name;
  if (target === undefined) {
    const known = config.targets.map((one) => one.name).join(', ');
    return { exit: 'usage', text: `There is no target called ${said}. Known: ${known}.` };
  }
  const open = (await openIncidents(store)).find((one) => one.target === target);
  if (open === undefined) return { exit: 'ok', text: `${target} is free.` };
  const text = `${target} is locked: ${open.id}, opened by ${mention(open.openedBy)} at ${moment(open.openedAt)}.`;
  return { exit: 'no', text: plainText(text, { people: config.people, command: COMMAND }) };
}

export async function reportLink(
  said: string,
  { config, store }: { readonly config: TerminalConfig; readonly store: StoreConnection },
): Promise<Ending> {
  if (config.slackBotToken === undefined) {
    return {
      exit: 'usage',
      text: 'A link is signed with a key made from SLACK_BOT_TOKEN, as the bot has it: set it here too.',
    };
  }
  const id = IncidentId.safeParse(said.toUpperCase());
  const read = id.success ? await readIncident(store, id.data) : null;
  if (read === null) {
    const refusal = sayRefusal(refuse('unknown-incident', { incident: said }));
    return { exit: 'no', text: plainText(refusal, { people: {}, command: COMMAND }) };
  }
  const expiresAt = new Date(Date.now() + LINK_DAYS * 86_400_000);
  const key = reportKey(config.slackBotToken);
  return {
    exit: 'ok',
    text: signReportLink({ id: read.incident.id, expiresAt }, key),
    aside: `Put the address of your bot before it. It opens for ${LINK_DAYS} days.`,
  };
}
