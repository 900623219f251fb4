/** A thread beside its channel; on a phone, in its place. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Channel } from '../world/workspace.ts';
import { channelTitle, threadMessages } from '../world/workspace.ts';
import { composer } from './composer.ts';
import { messages } from './messages.ts';
import { identity } from './people.ts';
import type { Look } from './surfaces.ts';

export function threadView(channel: Channel, look: Look): Child {
  const { page, workspace, acts } = look;
  const { thread } = page.route;
  if (thread === null) return null;
  const all = threadMessages(workspace, channel.id, thread);
  const close = (): void => acts.go({ thread: null });
  return h(
    'aside',
    {
      class: 'thread',
      key: 'thread',
      'aria-label': 'Thread',
      onkeydown(event) {
        if (event instanceof KeyboardEvent && event.key === 'Escape') close();
      },
    },
    h(
      'header',
      { class: 'channel-head' },
      h(
        'button',
        {
          class: 'icon only-phone',
          type: 'button',
          'aria-label': 'Back to the channel',
          onclick: close,
        },
        '‹',
      ),
      h(
        'div',
        { class: 'channel-title' },
        h('h2', {}, 'Thread'),
        h('p', { class: 'quiet' }, `in #${channelTitle(channel)}`),
      ),
      identity(look),
      h(
        'button',
        {
          class: 'icon not-phone',
          type: 'button',
          'aria-label': 'Close the thread',
          onclick: close,
        },
        '×',
      ),
    ),
    h(
      'div',
      {
        class: 'scroll',
        'data-scroll': `thread ${thread}`,
        tabindex: 0,
        role: 'log',
        'aria-label': 'Replies',
      },
      h(
        'div',
        { class: 'messages' },
        messages(all, { channel: channel.id, isInThread: true }, look),
      ),
    ),
    composer(channel, { channel: channel.id, thread }, look),
  );
}
