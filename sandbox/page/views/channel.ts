/** The open channel: what it is about, the pinned card, messages, and the box to write in. */
import type { Child, Drawn } from '../draw/element.ts';
import { h, wordsOf } from '../draw/element.ts';
import { isAtBottom, scrollToEnd, showMessage } from '../draw/scroll.ts';
import { mrkdwn } from '../text/mrkdwn.ts';
import type { Channel, Message } from '../world/workspace.ts';
import { channelMessages, channelTitle, isUntouched } from '../world/workspace.ts';
import { composer } from './composer.ts';
import { intro } from './intro.ts';
import { body } from './message.ts';
import { messages } from './messages.ts';
import { identity } from './people.ts';
import type { Look } from './surfaces.ts';

function head(channel: Channel, look: Look): Drawn {
  const { acts } = look;
  return h(
    'header',
    { class: 'channel-head' },
    h(
      'button',
      {
        class: 'icon only-phone',
        type: 'button',
        'aria-label': 'Channels and people',
        onclick: () => acts.showList(true),
      },
      '☰',
    ),
    h(
      'div',
      { class: 'channel-title' },
      h('h1', {}, channel.kind === 'im' ? '' : '# ', channelTitle(channel)),
      channel.topic !== '' && h('p', { class: 'quiet' }, mrkdwn(channel.topic, look.names)),
    ),
    identity(look),
  );
}

/** The newest pinned message in one line, and as a whole when it is opened. */
function pinned(channel: Channel, all: readonly Message[], look: Look): Child {
  const { page, acts } = look;
  const found = all.findLast(({ ts }) => channel.pinned.includes(ts));
  if (found === undefined) return null;
  // The card is what is true now: it stands open where there is room for it, and while the story is told.
  const isRoomy = matchMedia('(min-width: 761px) and (min-height: 700px)').matches;
  const isCardOpen = page.isCardOpen ?? (isRoomy || page.demo?.story === 'playing');
  return h(
    'section',
    { class: 'pinned', key: 'pinned', 'aria-label': 'Pinned' },
    h(
      'button',
      {
        class: 'pinned-line',
        type: 'button',
        'aria-expanded': isCardOpen ? 'true' : 'false',
        onclick: () => acts.showCard(!isCardOpen),
      },
      h('span', { class: 'pin', 'aria-hidden': 'true' }),
      h('span', { class: 'pinned-text' }, wordsOf(mrkdwn(found.text, look.names))),
      h('span', { class: 'quiet' }, isCardOpen ? 'Hide' : 'Show'),
    ),
    isCardOpen &&
      h(
        'div',
        { class: 'pinned-body' },
        body(found, channel.id, look),
        h(
          'button',
          { class: 'plain-link', type: 'button', onclick: () => showMessage(found.ts) },
          'Show it in the channel',
        ),
      ),
  );
}

export function channelView(channel: Channel, look: Look): Drawn {
  const { page, workspace, acts } = look;
  const all = channelMessages(workspace, channel.id);
  const isFirst = workspace.channels[0]?.id === channel.id;
  const scroll = `channel ${workspace.me.id} ${channel.id}`;
  const watch = ({ currentTarget }: Event): void => {
    if (currentTarget instanceof HTMLElement) acts.readBack(!isAtBottom(currentTarget));
  };
  return h(
    'main',
    { class: 'channel', key: 'channel' },
    head(channel, look),
    pinned(channel, workspace.messages[channel.id] ?? [], look),
    h(
      'div',
      {
        class: 'scroll',
        'data-scroll': scroll,
        onscroll: watch,
        tabindex: 0,
        role: 'log',
        'aria-label': 'Messages',
      },
      h(
        'div',
        { class: 'messages' },
        isFirst && !isUntouched(workspace) && intro(channel, look),
        all.length === 0 &&
          !isFirst &&
          h('p', { class: 'empty', key: 'empty' }, 'Nothing has been said here yet.'),
        messages(all, { channel: channel.id, isInThread: false }, look),
        // Lists open at their end: as long as nothing has begun, this is what a newcomer sees first.
        isFirst && isUntouched(workspace) && intro(channel, look),
      ),
    ),
    page.isReadingBack &&
      h(
        'button',
        { class: 'to-end', type: 'button', onclick: () => scrollToEnd(scroll) },
        'To the newest ↓',
      ),
    composer(channel, { channel: channel.id, thread: null }, look),
  );
}
