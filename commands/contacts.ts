import { z } from 'zod';
import { answered, defineCommand } from '../src/define-command.ts';
import { ROLE_TITLES, RoleName } from '../src/incident/names.ts';
import { peopleIn } from '../src/incident/phrases.ts';
import type { Target } from '../src/incident/target.ts';

export const contacts = defineCommand({
  verb: 'contacts',
  usage: '[target|INC-n]',
  help: 'Shows who answers for the database, and how each is called.',
  kind: 'answers',
  about: 'maybe-incident',
  input: z.object({}),
  answer: ({ incident, target, targets }) => {
    if (incident !== null && target !== null) {
      return answered(`Who answers for ${target.name}:`, 'contacts');
    }
    const shown = target === null ? targets : [target];
    return answered(shown.map(contactsOf).join('\n\n'));
  },
});

function contactsOf(target: Target): string {
  const roles = RoleName.options.map((role) => {
    const way = WAYS[target.roles[role]?.page?.kind ?? 'none'];
    return `• ${ROLE_TITLES[role]}: ${peopleIn(target, role)} (${way})`;
  });
  return [`Who answers for ${target.name}:`, ...roles].join('\n');
}

const WAYS = {
  pagerduty: 'called by PagerDuty',
  webhook: 'called by a webhook',
  none: 'no page address is set',
} as const;
