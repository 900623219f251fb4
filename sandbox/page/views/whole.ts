/** The whole page. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Acts } from '../world/acts.ts';
import type { Page } from '../world/page.ts';
import { band } from './band.ts';
import { channelView } from './channel.ts';
import { form, question } from './dialogs.ts';
import { sidebar } from './sidebar.ts';
import type { Look } from './surfaces.ts';
import { namesOf } from './surfaces.ts';
import { threadView } from './thread.ts';
import { toasts } from './toasts.ts';

function lost({ link }: Page): Child {
  if (link !== 'lost') return null;
  return h(
    'p',
    { class: 'lost', key: 'lost', role: 'alert' },
    'The sandbox does not answer. Is ',
    h('code', {}, 'npm run demo'),
    ' still running? This page tries again by itself.',
  );
}

export function wholePage(page: Page, acts: Acts): Child {
  const { workspace } = page;
  if (workspace === null) {
    return [lost(page), h('p', { class: 'waiting' }, 'Opening the workspace…')];
  }
  const look: Look = { page, workspace, acts, names: namesOf(workspace, acts) };
  const channel = workspace.channels.find(({ id }) => id === page.route.channel);
  return [
    lost(page),
    band(page, acts),
    h(
      'div',
      {
        class: page.route.thread === null ? 'rooms-and-words' : 'rooms-and-words has-thread',
        key: 'rooms',
      },
      sidebar(look),
      page.isListOpen &&
        h('div', {
          class: 'curtain only-phone',
          key: 'curtain',
          onclick: () => acts.showList(false),
        }),
      channel === undefined
        ? h(
            'main',
            { class: 'channel', key: 'none' },
            h(
              'p',
              { class: 'empty' },
              `${workspace.me.realName} sees no channel here. Be somebody else.`,
            ),
          )
        : [channelView(channel, look), threadView(channel, look)],
    ),
    workspace.form !== null && form(workspace.form, look),
    page.asking !== null && question(page.asking, look),
    toasts(look),
  ];
}
