/** In a section's thread: its commands with the incident's own values, for whoever has to go on by hand. */
import type { KnownBlock } from '@slack/types';
import type { ItemState, SectionState } from '../../incident/checklist/checklist.ts';
import { BEFORE_COMMANDS, COMMANDS } from '../../incident/checklist/commands.ts';
import type { ReadyCommand } from '../../incident/checklist/command-values.ts';
import { psqlFor, whyNoConnection } from '../../incident/checklist/command-values.ts';
import type { Incident } from '../../incident/incident.ts';
import type { Drawing } from './drawing.ts';
import { lines, small } from './parts.ts';
import { escaped } from './render.ts';

const FENCE_MAX = 2_900;
/** Slack adds up the text of all blocks of a message. */
const MESSAGE_MAX = 10_000;
const BLOCKS_MAX = 48;
/** Of one section. */
const MESSAGES_MAX = 6;

/** What stays together in one message, and how it goes on in the next. */
interface Piece {
  readonly blocks: readonly KnownBlock[];
  /** Said first, where it does not follow what it belongs to. */
  readonly again: string;
}

/** `threadOf` is the message of the section. */
export function drawByHand(
  incident: Incident,
  section: SectionState,
  threadOf: string,
): readonly Drawing[] {
  const ids: readonly string[] = section.items.map((one) => one.item.id);
  if (!COMMANDS.some((one) => ids.includes(one.item))) return [];
  const messages = section.items.some((one) => one.commands.length > 0)
    ? packed([intro(incident, section), ...section.items.flatMap(piecesOf)])
    : [];
  return Array.from({ length: MESSAGES_MAX }, (_one, at) => {
    const blocks = messages[at];
    return {
      key: at === 0 ? `by-hand-${section.section}` : `by-hand-${section.section}-${at + 1}`,
      kind: 'aside',
      where: { threadOf },
      text: `By hand: section ${section.section}`,
      blocks: [...(blocks ?? lines(['*By hand*: nothing is left to paste from this message.']))],
      // Commands that no longer hold must not stay where they were.
      ...(blocks === undefined ? { over: true } : {}),
    };
  });
}

function intro(incident: Incident, { items }: SectionState): Piece {
  const hasSql = items.some((one) => one.commands.some(({ language }) => language === 'sql'));
  const psql = hasSql ? psqlFor(incident) : null;
  const missing = whyNoConnection(incident);
  return {
    blocks: [
      ...lines([
        `*By hand*, if ever needed. ${BEFORE_COMMANDS}`,
        missing === null ? '' : `*${escaped(missing)}*`,
      ]),
      ...(psql === null
        ? []
        : [...lines(['This opens the `psql` for the SQL below:']), ...lines([fence(psql)])]),
    ],
    again: '',
  };
}

function piecesOf({ item, commands }: ItemState): readonly Piece[] {
  return commands.flatMap((command) => {
    const { language, when, differs } = command;
    const said = [
      language === 'sql' ? ' (in `psql`)' : '',
      when === undefined ? '' : `: _${escaped(when)}_`,
    ].join('');
    const head = `*${item.id}* ${item.words}${said}`;
    const parts = fencesOf(command);
    return parts.map((part, at) => ({
      blocks: [
        ...lines([at === 0 ? head : '']),
        ...lines([part]),
        ...(at === parts.length - 1 ? small([escaped(differs ?? '')]) : []),
      ],
      again: at === 0 ? '' : `${head} _(goes on)_`,
    }));
  });
}

/** Whole commands only: half of one, pasted, may be worse than none. */
function fencesOf({ commands }: ReadyCommand): readonly string[] {
  const fences: string[] = [];
  let open: readonly string[] = [];
  const close = (): void => {
    if (open.length > 0) fences.push(fence(open.join('\n')));
    open = [];
  };
  for (const command of commands) {
    if (!canBeShown(command)) {
      close();
      fences.push(sayUnshown(command));
      continue;
    }
    if (fence([...open, command].join('\n')).length > FENCE_MAX) close();
    open = [...open, command];
  }
  close();
  return fences;
}

function fence(text: string): string {
  return `\`\`\`\n${escaped(text)}\n\`\`\``;
}

/** A fence cannot hold a fence, and a message has an end. */
function canBeShown(command: string): boolean {
  return !command.includes('```') && fence(command).length <= FENCE_MAX;
}

function sayUnshown(command: string): string {
  return `*One command is not shown*: its ${command.length.toLocaleString('en-US')} characters do not fit into a message whole. It is made of what stands in backout.yaml and in \`/rollback plan\`.`;
}

/** One after the other into as few messages as hold them. */
function packed(pieces: readonly Piece[]): readonly (readonly KnownBlock[])[] {
  const messages: (readonly KnownBlock[])[] = [];
  let open: readonly KnownBlock[] = [];
  for (const { blocks, again } of pieces) {
    if (open.length === 0 || fits([...open, ...blocks])) {
      open = [...open, ...blocks];
      continue;
    }
    messages.push(open);
    open = [...lines([again]), ...blocks];
  }
  const all = [...messages, open];
  if (all.length <= MESSAGES_MAX) return all;
  return [...all.slice(0, MESSAGES_MAX - 1), [...(all[MESSAGES_MAX - 1] ?? []), ...lines([MORE])]];
}

const MORE =
  '*There are more commands than fit here.* The others stand in backout.yaml and in `/rollback plan`.';

function fits(blocks: readonly KnownBlock[]): boolean {
  const sum = blocks.reduce((before, one) => before + JSON.stringify(one).length, 0);
  return blocks.length <= BLOCKS_MAX && sum <= MESSAGE_MAX;
}
