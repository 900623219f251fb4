/** `npm run backout -- <verb> …`: the same verbs without Slack, and a few words for scripts. */
import { commands } from '../commands/index.ts';
import type { TerminalConfig } from './config.ts';
import { ConfigProblems, readTerminalConfig } from './config.ts';
import { refuse } from './incident/refusal.ts';
import type { Log } from './log.ts';
import { describeError } from './log.ts';
import { sayRefusal } from './slack/answers.ts';
import { plainText } from './slack/plain.ts';
import { readWords } from './slack/words.ts';
import type { StoreConnection } from './store/connect.ts';
import type { Ending } from './terminal/ending.ts';
import { EXIT_CODES } from './terminal/ending.ts';
import { withStore } from './terminal/store.ts';
import { COMMAND, sayVerb } from './terminal/verb.ts';
import {
  checkForCi,
  exportAudit,
  lockOf,
  reportLink,
  verifyAudit,
  verifyFile,
  WORDS,
} from './terminal/words.ts';

async function answer(args: readonly string[]): Promise<Ending> {
  const [first = '', ...words] = args;
  if (first === 'check' && words.length === 0) return checkForCi();
  const [file] = words;
  if (first === 'verify-audit' && file !== undefined && words.length === 1) return verifyFile(file);
  const said = meant(first);
  if (said.kind === 'unknown') {
    const refusal = refuse('unknown-verb', { said: said.said, nearest: said.nearest });
    return { exit: 'usage', text: plainly(sayRefusal(refusal)) };
  }
  const { word } = said;
  const own = WORDS.find((one) => one.word === word);
  if (
    own !== undefined &&
    own.word !== 'check' &&
    words.length !== (own.usage.startsWith('<') ? 1 : 0)
  ) {
    return { exit: 'usage', text: `Type it as \`${`${COMMAND} ${word} ${own.usage}`.trim()}\`.` };
  }
  const config = readTerminalConfig();
  const ending = await withStore(config, (store) => say({ word, words }, { config, store }));
  // For a deployment, a store that does not answer is one more way of not knowing.
  return word === 'lock' && ending.exit === 'unsure' ? { ...ending, exit: 'usage' } : ending;
}

async function say(
  { word, words }: { readonly word: string; readonly words: readonly string[] },
  given: { readonly config: TerminalConfig; readonly store: StoreConnection },
): Promise<Ending> {
  const [about = ''] = words;
  switch (word) {
    case 'lock':
      return lockOf(about, given);
    case 'report-link':
      return reportLink(about, given);
    case 'export-audit':
      return exportAudit(given.store);
    case 'verify-audit':
      return verifyAudit(given.store);
    default: {
      const ending = await sayVerb({ verb: word, words }, { ...given, log });
      const isWholeHelp = word === 'help' && words.length === 0;
      return isWholeHelp ? { ...ending, text: `${ending.text}\n${helpHere()}` } : ending;
    }
  }
}

type Meant =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'unknown'; readonly said: string; readonly nearest: string };

function meant(first: string): Meant {
  if (first === '-h' || first === '--help') return { kind: 'word', word: 'help' };
  const known = [...commands.map((one) => one.verb), ...WORDS.map((one) => one.word)];
  const read = readWords(first, known);
  if (read.kind === 'bare') return { kind: 'word', word: 'panel' };
  return read.kind === 'verb' ? { kind: 'word', word: read.verb } : read;
}

function helpHere(): string {
  const lines = WORDS.map(
    ({ word, usage, help }) => `• \`${`${COMMAND} ${word} ${usage}`.trim()}\`: ${help}`,
  );
  return ['In a terminal, also:', ...lines].join('\n');
}

function plainly(text: string): string {
  return plainText(text, { people: {}, command: COMMAND });
}

/** What is printed is the answer; only what broke is worth a line beside it. */
const log: Log = {
  info: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  error: (about, message) => console.error(message, JSON.stringify(about)),
  child: () => log,
};

function print({ exit, text, aside }: Ending): void {
  if (exit === 'ok' || exit === 'no') console.log(text);
  else console.error(text);
  if (aside !== undefined) console.error(aside);
  process.exitCode = EXIT_CODES[exit];
}

answer(process.argv.slice(2)).then(print, (error: unknown) => {
  if (error instanceof ConfigProblems) {
    print({ exit: 'usage', text: error.message });
    return;
  }
  log.error({ error: describeError(error) }, 'Something in Backout itself went wrong.');
  process.exitCode = EXIT_CODES.unsure;
});
