/** Who you are and where you can go. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { isUnread, waiting } from '../world/news.ts';
import type { Channel } from '../world/workspace.ts';
import { channelTitle, isMember } from '../world/workspace.ts';
import { peopleList } from './people.ts';
import type { Look } from './surfaces.ts';

function row(channel: Channel, look: Look): Drawn {
  const { page, workspace, acts } = look;
  const { id, kind } = channel;
  const isOpen = page.route.channel === id;
  const rings = !isOpen && waiting(page, workspace, workspace.me.id)?.channel === id;
  const isNew = !isOpen && isUnread(page, workspace, id);
  const classes = ['room', isOpen ? 'is-open' : '', isNew || rings ? 'is-new' : ''];
  return h(
    'li',
    { key: id },
    h(
      'button',
      {
        type: 'button',
        class: classes.filter((one) => one !== '').join(' '),
        'aria-current': isOpen ? 'page' : undefined,
        onclick: () => acts.go({ channel: id }),
      },
      h(
        'span',
        { class: 'room-name' },
        kind === 'im' ? '' : kind === 'private' ? '◦ ' : '# ',
        channelTitle(channel),
      ),
      (isNew || rings) &&
        h('span', {
          class: rings ? 'dot is-loud' : 'dot',
          title: rings ? 'You are mentioned' : 'Unread',
        }),
    ),
  );
}

function rooms(title: string, channels: readonly Channel[], look: Look): Child {
  if (channels.length === 0) return null;
  return h(
    'section',
    { class: 'rooms', key: title },
    h('h2', {}, title),
    h(
      'ul',
      {},
      channels.map((one) => row(one, look)),
    ),
  );
}

export function sidebar(look: Look): Drawn {
  const { page, workspace, acts } = look;
  const { channels, me } = workspace;
  const live = channels.filter((one) => !one.isArchived && one.kind !== 'im');
  return h(
    'nav',
    {
      class: page.isListOpen ? 'sidebar is-open' : 'sidebar',
      key: 'sidebar',
      'aria-label': 'People and channels',
    },
    h(
      'div',
      { class: 'sidebar-head only-phone' },
      h('span', {}, 'People and channels'),
      h(
        'button',
        {
          class: 'icon',
          type: 'button',
          'aria-label': 'Close the list',
          onclick: () => acts.showList(false),
        },
        '×',
      ),
    ),
    peopleList(look),
    rooms(
      'Channels',
      live.filter((one) => isMember(one, me.id)),
      look,
    ),
    rooms(
      'You are not in',
      live.filter((one) => !isMember(one, me.id)),
      look,
    ),
    rooms(
      'Direct',
      channels.filter((one) => one.kind === 'im'),
      look,
    ),
    rooms(
      'Archived',
      channels.filter((one) => one.isArchived),
      look,
    ),
  );
}
