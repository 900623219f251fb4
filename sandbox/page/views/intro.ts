/** What a newcomer reads first. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Channel } from '../world/workspace.ts';
import { focusComposer } from './composer.ts';
import type { Look } from './surfaces.ts';

export function intro(channel: Channel, { page, workspace, acts }: Look): Child {
  const command = `${workspace.commands[0] ?? '/rollback'} start`;
  const place = { channel: channel.id, thread: null };
  const isDemo = page.demo !== null;
  return h(
    'section',
    { class: 'intro', key: 'intro' },
    h('h2', {}, isDemo ? 'A migration broke a database. Take it back.' : 'Take a migration back.'),
    h(
      'p',
      {},
      'This page stands in for Slack.',
      isDemo && ' The database, the services, the traffic and the rollback are real.',
    ),
    h(
      'ol',
      {},
      h(
        'li',
        {},
        'Type ',
        h('code', {}, command),
        ' below. ',
        h(
          'button',
          {
            type: 'button',
            class: 'button is-primary',
            onclick() {
              acts.write(place, command);
              focusComposer(place);
            },
          },
          'Type it for me',
        ),
      ),
      h(
        'li',
        {},
        'Two people have to approve. Play both: change who ',
        h('strong', {}, 'you are'),
        h('span', { class: 'only-phone-inline' }, ' at the top right.'),
        h('span', { class: 'not-phone' }, ' on the left.'),
      ),
      isDemo &&
        h('li', {}, 'Rather look first? Press ', h('strong', {}, 'Watch it being done'), '.'),
    ),
  );
}
