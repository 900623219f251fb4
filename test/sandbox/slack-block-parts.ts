import { blockProblems, viewProblems } from '../../sandbox/slack/blocks/payload.ts';
import { printed } from '../../sandbox/slack/blocks/shape.ts';
import type { JsonObject } from '../../sandbox/slack/json.ts';

export const plain = (text: string): JsonObject => ({ type: 'plain_text', text });
export const mrkdwn = (text: string): JsonObject => ({ type: 'mrkdwn', text });
export const section = (text: string): JsonObject => ({ type: 'section', text: mrkdwn(text) });
export const button = (more: JsonObject = {}): JsonObject => ({
  type: 'button',
  action_id: 'go',
  text: plain('Go'),
  ...more,
});
export const actions = (...elements: readonly JsonObject[]): JsonObject => ({
  type: 'actions',
  elements,
});
export const option = (value: string): JsonObject => ({ text: plain(value || 'x'), value });
export const input = (element: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'input',
  label: plain('Label'),
  element,
  ...more,
});
export const typed = (more: JsonObject = {}): JsonObject => ({
  type: 'plain_text_input',
  action_id: 'text',
  ...more,
});
export const choose = (more: JsonObject = {}): JsonObject => ({
  type: 'static_select',
  action_id: 'choice',
  options: [option('auth')],
  ...more,
});
export const times = <T>(count: number, make: (index: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, index) => make(index));

export function inMessage(...blocks: readonly JsonObject[]): readonly string[] {
  return blockProblems(blocks, { surface: 'message', pointer: '/blocks' }).map(printed);
}

export function inModal(blocks: readonly JsonObject[], more: JsonObject = {}): readonly string[] {
  const view = { type: 'modal', title: plain('Title'), submit: plain('Send'), blocks, ...more };
  return viewProblems(view).map(printed);
}
