import { z } from 'zod';
import type { Answer, Command } from '../src/define-command.ts';
import { answered, defineCommand } from '../src/define-command.ts';
import type { Refusal } from '../src/incident/refusal.ts';
import { refuse } from '../src/incident/refusal.ts';
import { listed } from '../src/incident/text.ts';
import { nameMeant } from '../src/incident/words.ts';

/** Something to read that is no verb: `help scenarios`. */
export interface Topic {
  readonly topic: string;
  readonly about: string;
  readonly text: string;
}

/** Help on whatever is in the list, this verb included. */
export function helpOn(given: {
  readonly commands: () => readonly Command[];
  readonly topics: readonly Topic[];
}): Command {
  const { commands, topics } = given;
  return defineCommand({
    verb: 'help',
    usage: ['[verb', ...topics.map((one) => one.topic)].join('|').concat(']'),
    help: 'Lists what can be said, or tells more about one of them.',
    kind: 'answers',
    about: 'no-incident',
    input: z.object({ about: z.string().optional() }),
    words: ([about, ...rest]) => {
      if (about === undefined) return {};
      return rest.length === 0 ? { about } : { unexpected: rest.join(' ') };
    },
    answer: ({ input }) => {
      const listedVerbs = commands().filter((one) => !one.hidden);
      return input.about === undefined
        ? answered(overview(listedVerbs, topics))
        : helpAbout(input.about, listedVerbs, topics);
    },
  });
}

function overview(commands: readonly Command[], topics: readonly Topic[]): string {
  return [
    'What can be said:',
    ...commands.map((one) => `• ${sayUsage(one)}: ${one.help}`),
    ...topics.map((one) => `• \`/rollback help ${one.topic}\`: ${one.about}`),
    'The safe way: start, approve, approve, close. Everything between happens by itself.',
  ].join('\n');
}

function helpAbout(
  about: string,
  commands: readonly Command[],
  topics: readonly Topic[],
): Answer | Refusal {
  const known = [...commands.map((one) => one.verb), ...topics.map((one) => one.topic)];
  const meant = nameMeant(about, known);
  const topic = topics.find((one) => one.topic === meant);
  if (topic !== undefined) return answered(topic.text);
  const command = commands.find((one) => one.verb === meant);
  if (command !== undefined) {
    return answered(`${sayUsage(command)}\n${command.help}\n${WHO_MAY[command.who]}`);
  }
  return refuse('bad-input', {
    problem: `There is no help about that. Known: ${listed(known)}.`,
    usage: 'help',
  });
}

function sayUsage({ verb, usage }: Command): string {
  return `\`${['/rollback', verb, usage].join(' ').trim()}\``;
}

const WHO_MAY = {
  anyone: 'Anyone may ask.',
  member: 'Every full member of the workspace may say it.',
  team: 'The people of the target and whoever opened the incident may say it.',
  approver: 'The people who hold one of the two keys may say it.',
} as const;
