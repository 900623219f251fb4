import type { Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Toast } from '../world/page.ts';
import type { Look } from './surfaces.ts';

function toast({ id, kind, words, place }: Toast, { acts }: Look): Drawn {
  return h(
    'li',
    { key: id, class: `toast is-${kind}` },
    h('span', {}, words),
    place !== null &&
      h(
        'button',
        {
          class: 'button is-plain',
          type: 'button',
          onclick() {
            acts.go(place);
            acts.endToast(id);
          },
        },
        'Go there',
      ),
    h(
      'button',
      { class: 'icon', type: 'button', 'aria-label': 'Put away', onclick: () => acts.endToast(id) },
      '×',
    ),
  );
}

/** Short notices of what happens elsewhere. */
export function toasts(look: Look): Drawn {
  return h(
    'ul',
    { class: 'toasts', key: 'toasts', role: 'status', 'aria-live': 'polite' },
    look.page.toasts.map((one) => toast(one, look)),
  );
}
