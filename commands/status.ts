import { z } from 'zod';
import type { Asked } from '../src/define-command.ts';
import { answered, defineCommand } from '../src/define-command.ts';
import type { Incident } from '../src/incident/incident.ts';
import { sayNoChannel } from '../src/incident/phrases.ts';
import { mayRead, sayPrivate } from '../src/incident/privacy.ts';
import { standing } from '../src/incident/standing/standing.ts';
import { moment } from '../src/incident/text.ts';

export const status = defineCommand({
  verb: 'status',
  usage: '[INC-n]',
  help: 'Tells what is true now, what is next and who is awaited; without an incident, lists those that are open.',
  kind: 'answers',
  about: 'maybe-incident',
  input: z.object({}),
  answer: (asked) => {
    const { incident } = asked;
    return incident === null
      ? answered(openList(asked))
      : answered(lineOf(asked, incident), 'status');
  },
});

/** Every open incident in a line of its own. */
export function openList(asked: Asked<unknown>): string {
  if (asked.open.length === 0) return 'No incident is open. `/rollback start` opens one.';
  return asked.open.map((one) => `• ${lineOf(asked, one)}`).join('\n');
}

function lineOf(asked: Asked<unknown>, incident: Incident): string {
  const { targets, now, person, saidIn } = asked;
  const { id, target: name, openedAt, channel } = incident;
  const place = channel.state === 'open' ? `, in #${channel.name}` : '';
  const head = `${id} for ${name}, since ${moment(openedAt)}${place}`;
  const target = targets.find((one) => one.name === name);
  if (target === undefined) return `${head}. Its target is no longer configured.`;
  if (!mayRead({ incident, target, person: person.id, saidIn })) return sayPrivate(incident);
  return [`${head}. ${standing(incident, target, now).headline}`, sayNoChannel(incident)]
    .filter((one) => one !== '')
    .join('\n');
}
