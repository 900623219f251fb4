import { z } from 'zod';
import type { AskedInside, FormHelp } from '../src/define-command.ts';
import { decided, defineCommand, fields } from '../src/define-command.ts';
import { event } from '../src/incident/events.ts';
import type { Incident } from '../src/incident/incident.ts';
import { ROLE_TITLES, RoleName } from '../src/incident/names.ts';
import { levelOf } from '../src/incident/flow/timers.ts';
import { peopleIn } from '../src/incident/phrases.ts';
import { refuse } from '../src/incident/refusal.ts';
import { counted } from '../src/incident/text.ts';
import { nameMeant, optionalText } from '../src/incident/words.ts';

/** Twice within this is somebody pressing twice, or two people with one thought. */
const PAUSE_SECONDS = 30;

const Input = z.object({
  role: RoleName.register(fields, { label: 'Who is needed?', look: 'choice' }),
  reason: optionalText(500).register(fields, {
    label: 'What for?',
    hint: 'They read it on a locked phone.',
    look: 'line',
  }),
});

const PLATFORM = 'platform';

export const page = defineCommand({
  verb: 'page',
  usage: '<on_call|dba|platform_lead> [reason]',
  help: 'Calls the people of a role outside Slack.',
  kind: 'decides',
  who: 'member',
  about: 'open-incident',
  input: Input,
  words: ([word, ...rest], said) => {
    if (word === undefined) return {};
    const role = nameMeant(word, [...RoleName.options, PLATFORM]);
    if (role === undefined) return { unexpected: [word, ...rest].join(' ') };
    return { role: role === PLATFORM ? 'platform_lead' : role, reason: said[1]?.onward };
  },
  form: { title: 'Call somebody', submit: 'Call', help: formHelp },
  decide: ({ incident, target, now, input }) => {
    const { role } = input;
    const title = ROLE_TITLES[role];
    if (target.roles[role]?.page === undefined) {
      const people = peopleIn(target, role);
      return refuse('nobody-to-page', { role: title, target: target.name, people }, 'role');
    }
    const secondsAgo = sinceLastPage(incident, role, now);
    if (secondsAgo < PAUSE_SECONDS) {
      const seconds = String(secondsAgo);
      return refuse(
        'just-paged',
        { role: title, target: target.name, seconds, word: role },
        'role',
      );
    }
    const level = levelOf(incident, role);
    const reason = input.reason ?? `${target.name}: ${incident.sentence}`;
    return decided(
      [event('page-asked', { page: incident.pages.length + 1, role, level, reason })],
      `The ${title} (${peopleIn(target, role)}) is being called: call ${level} in ${incident.id}. \`/rollback status\` tells what the pager answered.`,
    );
  },
});

function sinceLastPage(incident: Incident, role: RoleName, now: Date): number {
  const last = incident.pages.findLast((one) => one.role === role);
  if (last === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.round((now.getTime() - Date.parse(last.at)) / 1000));
}

function formHelp({ target }: AskedInside<unknown>): FormHelp {
  return {
    choices: {
      role: RoleName.options.map((role) => ({
        value: role,
        label: ROLE_TITLES[role],
        about:
          target.roles[role]?.page === undefined
            ? 'No page address is set'
            : counted(target.roles[role].people.length, 'person', 'people'),
      })),
    },
  };
}
