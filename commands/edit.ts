import { z } from 'zod';
import type { AskedInside, Choice, FormHelp } from '../src/define-command.ts';
import { answered, decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import { appliedOf } from '../src/incident/facts/applied.ts';
import type { EventData } from '../src/incident/events.ts';
import { Detail, event } from '../src/incident/events.ts';
import { mayBegin } from '../src/incident/plan/gates.ts';
import type { Incident } from '../src/incident/incident.ts';
import { latestResult } from '../src/incident/incident.ts';
import { Version } from '../src/incident/names.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listedUpTo } from '../src/incident/text.ts';
import type { Word } from '../src/incident/words.ts';
import { optionalText, pairOf } from '../src/incident/words.ts';

const VERSIONS_MAX = 20;

const Input = z.object({
  sentence: optionalText(500).register(fields, {
    label: 'What is wrong?',
    look: 'line',
    required: true,
  }),
  impact: optionalText(2000).register(fields, { label: 'Who notices what?', look: 'text' }),
  suspectedVersion: Version.optional().register(fields, {
    label: 'Which migration is suspected?',
    hint: 'It and everything applied after it is going to be undone.',
    look: 'choice',
  }),
  whyNotFixForward: optionalText(2000).register(fields, {
    label: 'Why not fix forward?',
    look: 'text',
  }),
  /** What was there when the form was opened: of these, what comes back empty was emptied. */
  shown: z.array(Detail).optional().register(fields, { label: 'Shown', look: 'hidden' }),
});
type Heard = AskedInside<z.infer<typeof Input>>;

const FIELD_WORDS: ReadonlyMap<string, Detail | 'sentence'> = new Map([
  ['sentence', 'sentence'],
  ['impact', 'impact'],
  ['suspected', 'suspectedVersion'],
  ['why', 'whyNotFixForward'],
]);

export const edit = defineCommand({
  verb: 'edit',
  usage: '[sentence="…"] [impact="…"] [suspected=<version>] [why="…"]',
  help: 'Changes what was said at the start: what is wrong, who notices, which migration, why not fix forward. `impact=` takes it back.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: Input,
  words: readWords,
  form: { title: 'Edit the incident', submit: 'Save', help: formHelp },
  decide: (asked) => {
    const { incident, target, input } = asked;
    if (Object.values(input).every((one) => one === undefined)) return needsForm(formHelp(asked));
    const changed = changesOf(asked);
    if (Object.keys(changed).length === 0) return answered(`Nothing in ${incident.id} changed.`);
    const { suspectedVersion: suspected } = changed;
    const isOther =
      suspected !== undefined || changed.cleared?.includes('suspectedVersion') === true;
    if (!isOther) return decided([event('details-edited', changed)], 'Saved.', 'status');

    if (mayBegin(incident, target) !== null) return refuse('too-late-to-change');
    if (suspected === undefined) {
      return decided(
        [event('details-edited', changed)],
        'Saved. No migration is suspected by name any more: the newest one is going to be undone; if the plan changes, approvals given before no longer count.',
        'status',
      );
    }
    const known = appliedVersions(incident);
    if (known.length > 0 && !known.some((one) => one.value === suspected)) {
      const versions = listedUpTo(
        known.map((one) => one.value),
        8,
      );
      return refuse('unknown-version', { version: suspected, versions }, 'suspectedVersion');
    }
    return decided(
      [event('details-edited', changed)],
      `Saved. Version ${suspected} and everything applied after it is going to be undone; if the plan changes, approvals given before no longer count.`,
      'status',
    );
  },
});

/** `impact="half of all logins"`; with nothing behind the sign, what was said is taken back. */
function readWords(
  words: readonly string[],
  said: readonly Word[],
): Readonly<Record<string, unknown>> {
  const input: Record<string, unknown> = {};
  const shown: string[] = [];
  const unexpected: string[] = [];
  for (const [at, word] of words.entries()) {
    const [name = '', value = ''] = pairOf(said[at]?.typed ?? word) ?? pairOf(word) ?? [];
    const field = FIELD_WORDS.get(name);
    if (field !== undefined && value !== '') input[field] = value;
    else if (field !== undefined && field !== 'sentence') shown.push(field);
    else unexpected.push(word);
  }
  if (unexpected.length > 0) return { unexpected: unexpected.join(' ') };
  return shown.length === 0 ? input : { ...input, shown };
}

/** Only what differs: words that stay keep their author. */
function changesOf({ incident, input }: Heard): EventData<'details-edited'> {
  const before: Heard['input'] = { ...incident.details, sentence: incident.sentence };
  const { sentence, impact, suspectedVersion, whyNotFixForward, shown = [] } = input;
  const cleared = shown.filter((one) => input[one] === undefined && before[one] !== undefined);
  return {
    ...(cleared.length === 0 ? {} : { cleared }),
    ...(sentence === undefined || sentence === before.sentence ? {} : { sentence }),
    ...(impact === undefined || impact === before.impact ? {} : { impact }),
    ...(suspectedVersion === undefined || suspectedVersion === before.suspectedVersion
      ? {}
      : { suspectedVersion }),
    ...(whyNotFixForward === undefined || whyNotFixForward === before.whyNotFixForward
      ? {}
      : { whyNotFixForward }),
  };
}

/** Newest first. */
function appliedVersions(incident: Incident): readonly Choice[] {
  const facts = latestResult(incident, 'assess')?.facts;
  if (facts === undefined) return [];
  return appliedOf(facts.version, facts.folder.migrations).map(({ version, name }) => ({
    value: version,
    label: `${version} ${name}`,
  }));
}

function formHelp({ incident }: AskedInside<unknown>): FormHelp {
  const versions = appliedVersions(incident).slice(0, VERSIONS_MAX);
  const { impact, suspectedVersion, whyNotFixForward } = incident.details;
  const suspected = versions.find((one) => one.value === suspectedVersion);
  return {
    choices: { suspectedVersion: versions },
    presets: {
      sentence: incident.sentence,
      ...(impact === undefined ? {} : { impact }),
      ...(whyNotFixForward === undefined ? {} : { whyNotFixForward }),
      ...(suspected === undefined ? {} : { suspectedVersion: suspected.value }),
      shown: [
        ...(impact === undefined ? [] : ['impact']),
        ...(whyNotFixForward === undefined ? [] : ['whyNotFixForward']),
        ...(suspected === undefined ? [] : ['suspectedVersion']),
      ],
    },
    without: versions.length === 0 ? ['suspectedVersion'] : [],
  };
}
