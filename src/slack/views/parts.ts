/** The few blocks that our messages are made of, each within Slack's limits. */
import type { ActionsBlock, Button, ContextBlock, KnownBlock, SectionBlock } from '@slack/types';
import type { Move } from '../../incident/standing.ts';
import { fitting } from './render.ts';

const SECTION_LENGTH_MAX = 3000;
const HEADER_LENGTH_MAX = 150;
const BUTTON_LENGTH_MAX = 75;
const BUTTONS_MAX = 25;
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
  };
}

export function shown(text: string, blocks: readonly KnownBlock[]): Shown {
  return { text: fitting(text, FALLBACK_LENGTH_MAX), blocks: [...blocks] };
}
