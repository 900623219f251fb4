/** The checklist as it stands in the channel. */
import type { Message } from '../slack/state.ts';
import { objectAt, textAt } from '../slack/json.ts';
import type { StandInSlack } from '../slack/slack.ts';
import { plainText } from './plain.ts';
import type { Terminal } from './terminal.ts';

/** Of the rollback safety checklist. */
export const SECTIONS = 12;

const SECTION = /^(\d{1,2})\. (.+): (done|\d+ of \d+)$/;
/** Of all sections together. */
export const ITEMS = 40;
const ITEM = /^([✓✗☐–◦]) (\d+\.\d+) (.*)$/;

export interface Section {
  readonly number: number;
  readonly title: string;
  readonly state: string;
  readonly message: Message;
}

export function isSection({ text }: Message): boolean {
  return SECTION.test(text);
}

export function readSection(message: Message): Section | null {
  const [, number, title, state] = SECTION.exec(message.text) ?? [];
  if (number === undefined || title === undefined || state === undefined) return null;
  return { number: Number(number), title, state, message };
}

export function sectionsIn(slack: StandInSlack, channel: string): readonly Section[] {
  return slack
    .messages(channel)
    .flatMap((message) => readSection(message) ?? [])
    .toSorted((one, other) => one.number - other.number);
}

export interface Item {
  readonly id: string;
  readonly mark: string;
  readonly words: string;
  readonly state: string;
}

/** The items of a section, by their numbers. */
export function itemsOf(slack: StandInSlack, { message }: Section): readonly Item[] {
  return linesOf(slack, message)
    .flatMap((line) => {
      const [, mark, id, words] = ITEM.exec(line) ?? [];
      if (mark === undefined || id === undefined || words === undefined) return [];
      return [{ id, mark, words: wordsOf(words), state: stateOf(mark, words) }];
    })
    .toSorted((one, other) => one.id.localeCompare(other.id));
}

export function printSections(
  slack: StandInSlack,
  sections: readonly Section[],
  terminal: Terminal,
): void {
  for (const section of sections) {
    const { number, title, state } = section;
    terminal.row(`${String(number).padStart(2)}. ${title}`, state);
    for (const item of itemsOf(slack, section)) {
      terminal.row(`    ${item.mark} ${item.id} ${item.words}`, item.state);
    }
  }
}

function linesOf(slack: StandInSlack, { blocks = [] }: Message): readonly string[] {
  return blocks.flatMap((block) => {
    const text = textAt(objectAt(block, 'text'), 'text') ?? '';
    return plainText(slack, text).split('\n');
  });
}

/** The item's own words, without what was found or said. */
function wordsOf(words: string): string {
  return words.split(/: | · /)[0] ?? words;
}

function stateOf(mark: string, words: string): string {
  if (mark === '✗') return 'not so';
  if (mark === '☐') return 'open';
  if (mark === '–') return 'does not apply';
  if (mark === '◦') return 'a preview';
  const [, by] = / · answered by (\S+)/.exec(words) ?? [];
  return by === undefined ? 'proven' : `answered by ${by}`;
}
