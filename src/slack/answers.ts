/** What one person is told, in words. */
import type { KnownBlock } from '@slack/types';
import type { Outcome } from '../handle.ts';
import type { Refusal } from '../incident/refusal.ts';
import type { Command } from '../define-command.ts';
import type { People } from './views/drawing.ts';
import type { Shown } from './views/parts.ts';
import { fitting, rendered } from './views/render.ts';

const SECTION_LENGTH_MAX = 2_900;
/** Slack refuses messages whose blocks hold more than about 13,200 characters together. */
const WHOLE_LENGTH_MAX = 11_000;
const FALLBACK_LENGTH_MAX = 2_000;
const BLOCKS_MAX = 50;
const ERROR_LENGTH_MAX = 400;

/** An answer with what is shown below it. Names, not mentions: nobody's phone rings because somebody asked. */
export function answerOf(text: string, people: People, below: Shown | null = null): Shown {
  const drawn = fitting(rendered(text, people, 'name'), WHOLE_LENGTH_MAX);
  const sections = paragraphs(drawn).map((part): KnownBlock => {
    return { type: 'section', text: { type: 'mrkdwn', text: part, verbatim: true } };
  });
  return {
    text: fitting(drawn, FALLBACK_LENGTH_MAX) || '…',
    blocks: [...sections, ...(below?.blocks ?? [])].slice(0, BLOCKS_MAX),
  };
}

/** First what is so, then what to do. */
export function sayRefusal({ say, next }: Refusal): string {
  return `${say}\n${next}`;
}

/** Under a field of a form, where Slack draws nothing: no mentions, no code, no times of our own making. */
export function sayPlainly(text: string, people: People): string {
  const names = text.replaceAll(
    /\{person:([^{}\s]+)\}/g,
    (_whole, id: string) => people[id]?.name ?? id.replace('slack:', ''),
  );
  const times = names.replaceAll(
    /\{time:([^{}\s]+)\}/g,
    (_whole, at: string) => `${at.slice(0, 16).replace('T', ' ')} UTC`,
  );
  return fitting(times.replaceAll('`', '').replaceAll('\n', ' '), ERROR_LENGTH_MAX);
}

/** Problems with what was typed, where there is no form to show them in. */
export function sayProblems(
  problems: Readonly<Record<string, string>>,
  command: Command | undefined,
): string {
  const said = Object.entries(problems).map(([field, problem]) => `\`${field}\`: ${problem}`);
  const usage = command === undefined ? '' : `\nType it as ${sayUsage(command)}`;
  return `${said.join('\n')}${usage}`;
}

export function sayUsage({ verb, usage }: Pick<Command, 'verb' | 'usage'>): string {
  return `\`${`/rollback ${verb} ${usage}`.trim()}\`.`;
}

/** The words of an outcome that is no form. */
export function wordsOf(
  outcome: Exclude<Outcome, { kind: 'form' }>,
  command: Command | undefined,
): string {
  switch (outcome.kind) {
    case 'reply':
      return outcome.reply.text;
    case 'refusal':
    case 'unconfirmed':
      return sayRefusal(outcome.refusal);
    case 'problems':
      return sayProblems(outcome.problems, command);
  }
}

/** Pieces that fit into a block, cut between lines; a fence that is cut goes on in the next piece. */
function paragraphs(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const line of text.split('\n')) {
    const fits = fitting(line, SECTION_LENGTH_MAX - 10);
    if (part.length + fits.length + 8 > SECTION_LENGTH_MAX) {
      const isOpen = (part.match(/```/g)?.length ?? 0) % 2 === 1;
      parts.push(isOpen ? `${part}\n\`\`\`` : part);
      part = isOpen ? `\`\`\`\n${fits}` : fits;
    } else {
      part = part === '' ? fits : `${part}\n${fits}`;
    }
  }
  return [...parts, part].filter((one) => one.trim() !== '');
}
