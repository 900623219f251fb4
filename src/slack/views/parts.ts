/** The few blocks that our messages are made of, each within Slack's limits. */
import type {
  ActionsBlock,
  Button,
  ContextBlock,
  KnownBlock,
  PlainTextElement,
  SectionBlock,
} from '@slack/types';
import type { Move } from '../../incident/standing/standing.ts';
import { cutTo } from '../../incident/text.ts';
import { fitting } from './render.ts';

const SECTION_LENGTH_MAX = 3000;
const HEADER_LENGTH_MAX = 150;
const BUTTON_LENGTH_MAX = 75;
const BUTTONS_MAX = 25;
const CONFIRM_TITLE_MAX = 100;
const CONFIRM_TEXT_MAX = 300;
const CONFIRM_BUTTON_MAX = 30;
const CONTEXT_MAX = 10;
const FALLBACK_LENGTH_MAX = 2000;

/** What is shown to one person or to all: text for notifications, blocks for eyes. */
export interface Shown {
  readonly text: string;
  readonly blocks: KnownBlock[];
}

export function heading(text: string): KnownBlock {
  const fits = text.length <= HEADER_LENGTH_MAX ? text : `${text.slice(0, HEADER_LENGTH_MAX - 2)}…`;
  return { type: 'header', text: { type: 'plain_text', text: fits, emoji: false } };
}

/** Lines that are empty are left out; no lines, no block. `lengthMax` is of the drawn text. */
export function lines(
  texts: readonly string[],
  options: { readonly beside?: Button; readonly lengthMax?: number } = {},
): readonly SectionBlock[] {
  const text = texts.filter((one) => one.trim() !== '').join('\n');
  if (text === '') return [];
  const { beside, lengthMax = SECTION_LENGTH_MAX } = options;
  return [
    {
      type: 'section',
      text: { type: 'mrkdwn', text: fitting(text, lengthMax), verbatim: true },
      ...(beside === undefined ? {} : { accessory: beside }),
    },
  ];
}

/** Small print. */
export function small(texts: readonly string[], lengthMax = 1000): readonly ContextBlock[] {
  const kept = texts.filter((one) => one.trim() !== '').slice(0, CONTEXT_MAX);
  if (kept.length === 0) return [];
  return [
    {
      type: 'context',
      elements: kept.map((text) => ({
        type: 'mrkdwn',
        text: fitting(text, lengthMax),
        verbatim: true,
      })),
    },
  ];
}

export function buttons(moves: readonly Move[]): readonly ActionsBlock[] {
  if (moves.length === 0) return [];
  return [{ type: 'actions', elements: moves.slice(0, BUTTONS_MAX).map((one) => button(one)) }];
}

/** `action_id` begins with the verb; the value is a small JSON of the verb's input. */
export function button(move: Move, suffix = ''): Button {
  return {
    type: 'button',
    action_id: `${move.verb}${suffix}`,
    text: { type: 'plain_text', text: move.label.slice(0, BUTTON_LENGTH_MAX), emoji: false },
    value: JSON.stringify(move.input),
    ...(move.style === 'plain' ? {} : { style: move.style }),
    ...(move.confirm === undefined ? {} : { confirm: asked(move, move.confirm) }),
  };
}

function asked({ label, style }: Move, text: string): NonNullable<Button['confirm']> {
  const plain = (words: string, max: number): PlainTextElement => ({
    type: 'plain_text',
    text: cutTo(words, max),
    emoji: false,
  });
  return {
    title: plain(`${label}?`, CONFIRM_TITLE_MAX),
    text: plain(text, CONFIRM_TEXT_MAX),
    confirm: plain(label, CONFIRM_BUTTON_MAX),
    deny: plain('Not now', CONFIRM_BUTTON_MAX),
    ...(style === 'plain' ? {} : { style }),
  };
}

export function shown(text: string, blocks: readonly KnownBlock[]): Shown {
  return { text: fitting(text, FALLBACK_LENGTH_MAX), blocks: [...blocks] };
}
