/** Forms and questions: each takes the whole attention until it is answered. */
import { blocks } from '../blocks/blocks.ts';
import type { Attributes, Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { mrkdwn, plainText } from '../text/mrkdwn.ts';
import { objectAt, textAt, wordsAt } from '../world/json.ts';
import type { Asking } from '../world/page.ts';
import type { Form } from '../world/workspace.ts';
import type { Look } from './surfaces.ts';
import { surfaceOf } from './surfaces.ts';

function open(node: HTMLDialogElement): void {
  node.showModal();
  // On a phone, a field with the focus would cover half of the form with the keyboard.
  const isTouched = matchMedia('(hover: none)').matches;
  const first = isTouched ? 'h2' : '.form-body :is(input, textarea, select), .is-plain';
  node.querySelector<HTMLElement>(first)?.focus();
}

/** Browsers keep the focus inside, and give it back afterwards. */
function dialog(
  given: { readonly key: string; readonly look: string; readonly leave: () => void },
  ...children: Child[]
): Drawn {
  const attributes: Attributes = {
    key: given.key,
    class: given.look,
    'aria-labelledby': `${given.key}-title`,
    onmounted({ currentTarget }) {
      if (currentTarget instanceof HTMLDialogElement) open(currentTarget);
    },
    oncancel(event) {
      event.preventDefault();
      given.leave();
    },
  };
  return h('dialog', attributes, ...children);
}

export function form(given: Form, look: Look): Drawn {
  const { page, acts } = look;
  const { id, title, submit, close, blocks: asked } = given;
  const isBusy = page.busy.includes(id);
  const notice = page.formTrouble?.viewId === id ? page.formTrouble.notice : '';
  const leave = (): void => acts.closeForm(id);
  const send = (event: Event): void => {
    event.preventDefault();
    if (submit !== null) acts.submit(id);
  };
  return dialog(
    { key: id, look: 'form', leave },
    h(
      'form',
      { novalidate: true, onsubmit: send },
      h(
        'header',
        {},
        h('h2', { id: `${id}-title`, tabindex: -1 }, plainText(title)),
        h('button', { class: 'icon', type: 'button', 'aria-label': 'Close', onclick: leave }, '×'),
      ),
      h(
        'div',
        { class: 'form-body' },
        notice !== '' && h('p', { class: 'error', role: 'alert', key: 'notice' }, notice),
        blocks(asked, surfaceOf(look, { kind: 'form', viewId: id })),
      ),
      h(
        'footer',
        {},
        h('button', { class: 'button is-plain', type: 'button', onclick: leave }, plainText(close)),
        submit !== null &&
          h(
            'button',
            {
              class: isBusy ? 'button is-primary is-busy' : 'button is-primary',
              type: 'submit',
              'aria-busy': isBusy ? 'true' : undefined,
            },
            plainText(submit),
          ),
      ),
    ),
  );
}

/** The question that some buttons ask before they do anything. */
export function question({ confirm }: Asking, { acts, names }: Look): Drawn {
  const text = objectAt(confirm, 'text');
  const words = textAt(text, 'text') ?? '';
  const isMrkdwn = textAt(text, 'type') === 'mrkdwn';
  const style = textAt(confirm, 'style') ?? 'primary';
  return dialog(
    { key: 'question', look: 'question', leave: () => acts.answer(false) },
    h('h2', { id: 'question-title', tabindex: -1 }, plainText(wordsAt(confirm, 'title'))),
    h('div', { class: 'text' }, isMrkdwn ? mrkdwn(words, names) : plainText(words)),
    h(
      'footer',
      {},
      h(
        'button',
        { class: 'button is-plain', type: 'button', onclick: () => acts.answer(false) },
        plainText(wordsAt(confirm, 'deny')),
      ),
      h(
        'button',
        { class: `button is-${style}`, type: 'button', onclick: () => acts.answer(true) },
        plainText(wordsAt(confirm, 'confirm')),
      ),
    ),
  );
}
