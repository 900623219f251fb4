/** What Slack would draw, as plain text: for a terminal. */
import type { KnownBlock } from '@slack/types';
import { z } from 'zod';
import type { People } from './views/drawing.ts';
import type { Shown } from './views/parts.ts';
import { rendered } from './views/render.ts';

export interface PlainOptions {
  readonly people: People;
  /** How the command is called here, instead of `/rollback`. */
  readonly command: string;
}

/** Text of ours, with `{person:…}` and `{time:…}` in it. */
export function plainText(text: string, { people, command }: PlainOptions): string {
  const named = Object.fromEntries(
    Object.entries(people).map(([id, { name }]) => [id, { name, slack: [] }]),
  );
  return plainMrkdwn(rendered(text, named, 'name'), command);
}

/** The blocks, one below the other; a button becomes the words that it stands for. */
export function plainShown(shown: Shown, command: string): string {
  return shown.blocks
    .flatMap((block) => textsOf(block, command))
    .map((text) => plainMrkdwn(text, command))
    .filter((text) => text !== '')
    .join('\n');
}

function textsOf(block: KnownBlock, command: string): readonly string[] {
  switch (block.type) {
    case 'header':
      return [`\n${block.text.text}`];
    case 'section':
      return block.text === undefined ? [] : [block.text.text];
    case 'context':
      return block.elements.flatMap((one) => ('text' in one ? [one.text] : []));
    case 'actions':
      return block.elements.flatMap((one) =>
        one.type === 'button' ? [`→ \`${wordsOf(one, command)}\` (${one.text.text})`] : [],
      );
    default:
      return [];
  }
}

const Carried = z.object({ incident: z.string().optional(), target: z.string().optional() });

function wordsOf(
  button: { readonly action_id?: string | undefined; readonly value?: string | undefined },
  command: string,
): string {
  const [verb = ''] = (button.action_id ?? '').split(':');
  const value: unknown = JSON.parse(button.value ?? '{}');
  const { incident, target } = Carried.parse(value);
  return [command, verb, incident ?? target ?? ''].join(' ').trim();
}

/** Code between fences stays as it is, moved in. */
function plainMrkdwn(text: string, command: string): string {
  return text
    .split('```')
    .map((part, index) =>
      index % 2 === 1
        ? `\n${unescaped(part).trim().replaceAll(/^/gm, '    ')}\n`
        : unescaped(plainLine(part, command)),
    )
    .join('')
    .trimEnd();
}

function plainLine(text: string, command: string): string {
  return text
    .replaceAll(/<!date\^(\d+)\^[^|>]*(?:\|[^>]*)?>/g, (_whole, at: string) =>
      localTime(Number(at)),
    )
    .replaceAll(/<([@#])([A-Z0-9]+)(?:\|[^>]*)?>/g, '$1$2')
    .replaceAll(/<((?:https?|mailto):[^|>]+)\|([^>]*)>/g, '$2 ($1)')
    .replaceAll(/<((?:https?|mailto):[^|>]+)>/g, '$1')
    .replaceAll(/(?<=^|[\s(“])\*(?=\S)([^*\n]*\S)\*(?=$|[\s.,:;!?)”])/gm, '$1')
    .replaceAll('`/rollback', `\`${command}`);
}

const CLOCK = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

function localTime(seconds: number): string {
  return CLOCK.format(new Date(seconds * 1000));
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
