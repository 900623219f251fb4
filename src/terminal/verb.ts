/** The verbs of `/rollback`, said in a terminal: the same door, the same rules, the same words. */
import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { commands } from '../../commands/index.ts';
import type { TerminalConfig } from '../config.ts';
import type { Command, Person } from '../define-command.ts';
import type { Outcome } from '../handle.ts';
import { openDesk } from '../handle.ts';
import type { Refusal } from '../incident/refusal.ts';
import type { Word } from '../incident/words.ts';
import type { Log } from '../log.ts';
import { sayProblems, sayRefusal } from '../slack/answers.ts';
import { askedFields } from '../slack/fields.ts';
import { plainShown, plainText } from '../slack/plain.ts';
import { openShows } from '../slack/scenes.ts';
import type { StoreConnection } from '../store/connect.ts';
import type { Ending } from './ending.ts';

/** How everything is typed here. */
export const COMMAND = 'npm run backout --';

export interface Said {
  readonly verb: string;
  readonly words: readonly string[];
}

export async function sayVerb(
  { verb, words }: Said,
  given: { readonly config: TerminalConfig; readonly store: StoreConnection; readonly log: Log },
): Promise<Ending> {
  const { config, store, log } = given;
  const { targets } = config;
  const people = Object.fromEntries(
    Object.entries(config.people).map(([id, one]) => [id, one.name]),
  );
  const { handle } = openDesk({ store, commands, targets, people, log });
  const person = speaker(config);
  const outcome = await handle({
    id: `terminal/${randomUUID()}`,
    person,
    verb,
    words: wordsOf(words),
  });
  const plain = (text: string): string =>
    plainText(text, { people: config.people, command: COMMAND });
  if (outcome.kind === 'reply') return { exit: 'ok', text: await replyOf(outcome, given, plain) };
  const ending = refusedEnding(outcome, plain);
  return person.standing === 'member' || ending.exit !== 'no'
    ? ending
    : { ...ending, aside: sayUnlisted(person) };
}

/** The shell has split them, and taken its own quotes off. */
function wordsOf(words: readonly string[]): readonly Word[] {
  return words.map((word, at) => {
    // `--all-done` is what hands type in a terminal.
    const text = word.replace(/^--(?=[a-z])/, '');
    return { text, typed: text, onward: words.slice(at).join(' ') };
  });
}

async function replyOf(
  { reply, incident }: Extract<Outcome, { kind: 'reply' }>,
  given: { readonly config: TerminalConfig; readonly store: StoreConnection },
  plain: (text: string) => string,
): Promise<string> {
  const { config, store } = given;
  const { people, targets } = config;
  const shown = await openShows({ store, targets, people })(reply.show ?? 'nothing', incident);
  const below = shown === null ? [] : [plainShown(shown, COMMAND)];
  return [plain(reply.text), ...below].join('\n');
}

/** Whoever is logged in on this machine; who is not listed may read. */
function speaker({ people }: TerminalConfig): Person {
  const user = osUser();
  const listed = Object.entries(people).find(([, one]) => one.osUser === user);
  return listed === undefined
    ? { id: `os:${user}`, name: user, standing: 'unknown' }
    : { id: listed[0], name: listed[1].name, standing: 'member' };
}

function osUser(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a number that has no name.
    return String(process.getuid?.() ?? 'unknown');
  }
}

function sayUnlisted({ name }: Person): string {
  return `You are ${name} on this machine, and nobody in backout.yaml has \`os_user: ${name}\`: you may read, and decide nothing.`;
}

const USAGE_CODES: readonly Refusal['code'][] = ['bad-input', 'unknown-verb'];

function refusedEnding(
  outcome: Exclude<Outcome, { kind: 'reply' }>,
  plain: (text: string) => string,
): Ending {
  switch (outcome.kind) {
    case 'refusal': {
      const { refusal } = outcome;
      const isUsage = USAGE_CODES.includes(refusal.code);
      const exit = isUsage ? 'usage' : refusal.code === 'broken' ? 'unsure' : 'no';
      return { exit, text: plain(sayRefusal(refusal)) };
    }
    case 'unconfirmed':
      return { exit: 'unsure', text: plain(sayRefusal(outcome.refusal)) };
    case 'problems':
      return { exit: 'usage', text: plain(sayProblems(outcome.problems, undefined)) };
    case 'form': {
      const command = commands.find((one) => one.verb === outcome.verb);
      const text = command === undefined ? '' : sayForm(command, outcome.help);
      return { exit: 'usage', text: plain(text) };
    }
  }
}

/** What a form would ask, and how it is typed instead. */
function sayForm(command: Command, help: Extract<Outcome, { kind: 'form' }>['help']): string {
  const asked = askedFields(command.input, help).flatMap(({ look, choices }) => [
    `${look.label}${look.hint === undefined ? '' : ` ${look.hint}`}`,
    ...choices.map(
      ({ value, label, about }) =>
        `    ${label.startsWith(value) ? label : `${value}: ${label}`}${about === undefined ? '' : ` (${about})`}`,
    ),
  ]);
  const usage = `\`/rollback ${`${command.verb} ${command.usage}`.trim()}\``;
  return [`This needs more words: ${usage}`, help.intro ?? '', ...asked]
    .filter((line) => line !== '')
    .join('\n');
}
