import { z } from 'zod';
import type { AskedInside, Decided } from '../src/define-command.ts';
import { answered, decided, defineCommand } from '../src/define-command.ts';
import type { EventData } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import type { Facts } from '../src/incident/facts/facts.ts';
import { mayBegin, mayDecide, notRunning } from '../src/incident/plan/gates.ts';
import type { Incident } from '../src/incident/incident.ts';
import { isOver, latest, latestResult } from '../src/incident/incident.ts';
import { compareVersions, sayVersion, Version } from '../src/incident/names.ts';
import { courseOf, prospectOf } from '../src/incident/plan/prospect.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listed, listedUpTo } from '../src/incident/text.ts';
import { pairOf } from '../src/incident/words.ts';

const Input = z.object({
  /** A button can carry only text. */
  again: z.union([z.literal(true), z.literal('true')]).optional(),
  to: Version.nullable().optional(),
  nothing: z.array(Version).max(100).optional(),
});
type Heard = AskedInside<z.infer<typeof Input>>;

export const plan = defineCommand({
  verb: 'plan',
  usage: '[again] [to=<version>|to=none] [nothing=<version>,…|nothing=none]',
  help: 'Shows the plan; reads the database again, or chooses how far down and which versions need nothing undone.',
  kind: 'decides',
  who: 'anyone',
  about: 'open-incident',
  input: Input,
  words: readWords,
  decide: (asked) => {
    const { again, to, nothing } = asked.input;
    if (again === undefined && to === undefined && nothing === undefined) return showPlan(asked);
    return mayDecide('team', asked) ?? change(asked);
  },
});

function readWords(words: readonly string[]): Readonly<Record<string, unknown>> {
  const unexpected: string[] = [];
  const input: Record<string, unknown> = {};
  for (const said of words) {
    const word = said.toLowerCase();
    const [name, value] = pairOf(word) ?? [];
    const version = Version.safeParse(value);
    const versions = z.array(Version).safeParse(value?.split(','));
    if (word === 'again') input['again'] = true;
    else if (name === 'to' && (version.success || value === 'none')) {
      input['to'] = version.data ?? null;
    } else if (name === 'nothing' && (versions.success || value === 'none')) {
      input['nothing'] = versions.data ?? [];
    } else unexpected.push(said);
  }
  return unexpected.length === 0 ? input : { ...input, unexpected: unexpected.join(' ') };
}

function showPlan({ incident, target }: Heard): Decided {
  const prospect = prospectOf(incident, target);
  switch (prospect.state) {
    case 'waiting':
      return answered(`The plan waits for ${listed(prospect.for)}.`, 'plan');
    case 'blocked':
      return answered(
        ['There is no plan:', ...prospect.blocks.map((one) => `• ${one.say} ${one.next}`)].join(
          '\n',
        ),
        'plan',
      );
    case 'ready':
      return answered(`The plan of ${incident.id}:`, 'plan');
  }
}

function change(asked: Heard): Decided {
  const { incident, target, input } = asked;
  const running = notRunning(incident, target);
  if (running !== null) {
    return input.again !== undefined ? running : refuse('too-late-to-change');
  }
  if (input.again !== undefined && isAssessing(incident)) return refuse('assessing');
  const course = courseChosen(asked);
  if (course.kind === 'refusal') return course;
  const events = [
    ...(course.chosen === null ? [] : [event('course-chosen', course.chosen)]),
    ...(input.again !== undefined
      ? [event('assessment-asked', { round: incident.rounds.assess + 1 })]
      : []),
  ];
  return decided(events, sayChange(asked, course.chosen), 'plan');
}

function isAssessing(incident: Incident): boolean {
  const newest = latest(incident, 'assess');
  return newest === undefined || newest.round !== incident.rounds.assess || !isOver(newest);
}

type Chosen =
  | { readonly kind: 'chosen'; readonly chosen: EventData<'course-chosen'> | null }
  | Refusal;

function courseChosen({ incident, target, input }: Heard): Chosen {
  const { to, nothing } = input;
  if (to === undefined && nothing === undefined) return { kind: 'chosen', chosen: null };
  if (mayBegin(incident, target) !== null) return refuse('too-late-to-change');
  const facts = latestResult(incident, 'assess')?.facts;
  if (facts === undefined) return refuse('no-plan', { why: 'the database must be read first.' });
  const refused = to === undefined ? null : refusedTo(to, facts);
  if (refused !== null) return refused;

  const nothingToUndo =
    nothing === undefined || nothing.length === 0
      ? nothing
      : [...new Set([...incident.course.nothingToUndo, ...nothing])];
  const chosen = {
    ...(to === undefined ? {} : { to }),
    ...(nothingToUndo === undefined ? {} : { nothingToUndo }),
  };
  const after = { ...incident, course: { ...incident.course, ...chosen } };
  for (const version of nothing ?? []) {
    const misnamed = refusedNothing(version, after, facts);
    if (misnamed !== null) return misnamed;
  }
  return { kind: 'chosen', chosen };
}

function refusedTo(to: Version | null, { version, folder }: Facts): Refusal | null {
  if (to === null) return null;
  const versions = folder.migrations.map((one) => one.version);
  // Older than those that are kept: the plan says why it does not go that far.
  const isOlder = folder.below !== undefined && compareVersions(to, folder.below) <= 0;
  if (!versions.includes(to) && !isOlder) {
    return refuse('unknown-version', {
      version: to,
      versions: listedUpTo(versions.toReversed(), 8),
    });
  }
  const isBelow = version.state === 'at' && compareVersions(to, version.version) < 0;
  if (isBelow) return null;
  const from = sayVersion(version.state === 'at' ? version.version : null);
  return refuse('not-down', { from, to });
}

function refusedNothing(version: Version, after: Incident, facts: Facts): Refusal | null {
  const course = courseOf(after, facts);
  if (course.state === 'blocked' || !course.undone.includes(version)) {
    return refuse('nothing-undone', { version });
  }
  const doesNothing = facts.folder.problems.some(
    (one) =>
      one.version === version &&
      one.direction === 'down' &&
      ['missing', 'empty', 'only-comments'].includes(one.kind),
  );
  return doesNothing ? null : refuse('down-file-there', { version });
}

function sayChange({ input }: Heard, chosen: EventData<'course-chosen'> | null): string {
  const { nothingToUndo = [] } = chosen ?? {};
  const said = [
    ...(chosen?.to === undefined ? [] : [`The rollback is to go to ${sayGoal(chosen.to)}.`]),
    ...(nothingToUndo.length === 0
      ? []
      : [`Agreed to need nothing: ${listedUpTo(nothingToUndo, 8)}; two people approve that.`]),
    ...(input.nothing?.length === 0 ? ['Every version is undone by its down file.'] : []),
    ...(input.again !== undefined ? ['The database is being read again.'] : []),
  ];
  return `${said.join(' ')} If the plan changes, approvals given before no longer count.`;
}

function sayGoal(to: Version | null): string {
  return to === null ? sayVersion(to) : `version ${to}`;
}
