import { z } from 'zod';
import type { AskedInside, Choice, FormHelp } from '../src/define-command.ts';
import { answered, decided, defineCommand, fields, needsForm } from '../src/define-command.ts';
import type { EventData } from '../src/incident/events.ts';
import { event } from '../src/incident/events.ts';
import { mayBegin } from '../src/incident/gates.ts';
import type { Incident } from '../src/incident/incident.ts';
import { latestResult } from '../src/incident/incident.ts';
import { compareVersions, Version } from '../src/incident/names.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listedUpTo } from '../src/incident/text.ts';
import { optionalText, pairOf } from '../src/incident/words.ts';

const VERSIONS_MAX = 20;

const Input = z.object({
  sentence: optionalText(500).register(fields, { label: 'What is wrong?', look: 'line' }),
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
});
type Heard = AskedInside<z.infer<typeof Input>>;

const FIELD_WORDS: ReadonlyMap<string, keyof z.infer<typeof Input>> = new Map([
  ['sentence', 'sentence'],
  ['impact', 'impact'],
  ['suspected', 'suspectedVersion'],
  ['why', 'whyNotFixForward'],
]);

export const edit = defineCommand({
  verb: 'edit',
  usage: '[sentence="…"] [impact="…"] [suspected=<version>] [why="…"]',
  help: 'Changes what was said at the start: what is wrong, who notices, which migration, why not fix forward.',
  kind: 'decides',
  who: 'team',
  about: 'open-incident',
  input: Input,
  words: (words) => {
    const input: Record<string, unknown> = {};
    const unexpected: string[] = [];
    for (const word of words) {
      const [name = '', value] = pairOf(word) ?? [];
      const field = FIELD_WORDS.get(name);
      if (field === undefined) unexpected.push(word);
      else input[field] = value;
    }
    return unexpected.length === 0 ? input : { unexpected: unexpected.join(' ') };
  },
  form: { title: 'Edit the incident', submit: 'Save', help: formHelp },
  decide: (asked) => {
    const { incident, target, input } = asked;
    if (Object.values(input).every((one) => one === undefined)) return needsForm(formHelp(asked));
    const changed = changesOf(asked);
    if (Object.keys(changed).length === 0) return answered(`Nothing in ${incident.id} changed.`);
    const { suspectedVersion: suspected } = changed;
    if (suspected === undefined)
      return decided([event('details-edited', changed)], 'Saved.', 'status');

    if (mayBegin(incident, target) !== null) return refuse('too-late-to-change');
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

/** Only what differs: words that stay keep their author. */
function changesOf({ incident, input }: Heard): EventData<'details-edited'> {
  const before: Heard['input'] = { ...incident.details, sentence: incident.sentence };
  const { sentence, impact, suspectedVersion, whyNotFixForward } = input;
  return {
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
  if (facts === undefined || facts.version.state === 'none') return [];
  const { version: current } = facts.version;
  return facts.folder.migrations
    .filter((one) => compareVersions(one.version, current) <= 0)
    .toReversed()
    .map(({ version, name }) => ({ value: version, label: `${version} ${name}` }));
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
    },
    without: versions.length === 0 ? ['suspectedVersion'] : [],
  };
}
