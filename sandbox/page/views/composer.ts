/** The box to write in. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Place } from '../world/page.ts';
import { placeKey } from '../world/page.ts';
import type { Channel } from '../world/workspace.ts';
import { channelTitle, isMember } from '../world/workspace.ts';
import type { Look } from './surfaces.ts';

const LINES_MAX = 8;
const WORDS = [
  ['', 'what you can do now'],
  ['start', 'begin a rollback'],
  ['status', 'where it stands'],
  ['help', 'every word'],
] as const;

function commandHints(text: string, place: Place, { workspace, acts }: Look): Child {
  if (!text.startsWith('/') || place.thread !== null) return null;
  const offered = workspace.commands.flatMap((command) =>
    WORDS.map(([word, what]) => ({ whole: `${command} ${word}`.trim(), what })),
  );
  const fitting = offered.filter(({ whole }) => whole.startsWith(text) && whole !== text);
  if (fitting.length === 0) return null;
  return h(
    'ul',
    { class: 'command-hints', 'aria-label': 'Commands' },
    fitting.map(({ whole, what }) =>
      h(
        'li',
        { key: whole },
        h(
          'button',
          {
            type: 'button',
            onclick() {
              acts.write(place, whole);
              focusComposer(place);
            },
          },
          h('code', {}, whole),
          h('span', { class: 'quiet' }, what),
        ),
      ),
    ),
  );
}

function composerId(place: Place): string {
  return `write-${placeKey(place).replaceAll(/\W/g, '-')}`;
}

export function focusComposer(place: Place): void {
  document.getElementById(composerId(place))?.focus();
}

function box(place: Place, hint: string, look: Look): Drawn {
  const { page, acts } = look;
  const key = placeKey(place);
  const text = page.texts[key] ?? '';
  const send = (event: Event): void => {
    event.preventDefault();
    acts.send(place);
  };
  return h(
    'form',
    { class: 'write', onsubmit: send },
    h('textarea', {
      id: composerId(place),
      key,
      rows: Math.min(text.split('\n').length, LINES_MAX),
      value: text,
      placeholder: hint,
      'aria-label': hint,
      autocomplete: 'off',
      autocapitalize: 'off',
      enterkeyhint: 'send',
      oninput({ currentTarget }) {
        if (!(currentTarget instanceof HTMLTextAreaElement)) return;
        acts.write(place, currentTarget.value);
      },
      onkeydown(event) {
        if (!(event instanceof KeyboardEvent)) return;
        if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) send(event);
      },
    }),
    h(
      'button',
      { class: 'button is-primary', type: 'submit', disabled: text.trim() === '' },
      'Send',
    ),
  );
}

/** Where this person cannot write, why, and what to do instead. */
function closed(channel: Channel, { workspace, acts }: Look): Child {
  if (channel.isArchived) return h('p', { class: 'closed' }, 'This channel is archived.');
  if (isMember(channel, workspace.me.id)) return null;
  return h(
    'p',
    { class: 'closed' },
    `${workspace.me.realName} is not in this channel. `,
    h(
      'button',
      { class: 'button is-primary', type: 'button', onclick: () => acts.join(channel.id) },
      `Join #${channelTitle(channel)}`,
    ),
  );
}

export function composer(channel: Channel, place: Place, look: Look): Drawn {
  const { page, workspace } = look;
  const key = placeKey(place);
  const why = closed(channel, look);
  const refusal = page.refusals[key] ?? '';
  const [command] = workspace.commands;
  const hint =
    place.thread !== null
      ? 'Reply in this thread'
      : command === undefined
        ? 'Write a message'
        : `Write, or type ${command}`;
  return h(
    'div',
    { class: 'composer', key },
    refusal !== '' && h('p', { class: 'refusal', role: 'alert' }, refusal),
    why ?? [commandHints(page.texts[key] ?? '', place, look), box(place, hint, look)],
  );
}
