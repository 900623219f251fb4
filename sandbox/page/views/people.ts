/** Who you are, and how to be somebody else: one person can play all. */
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { othersWaiting, waiting } from '../world/news.ts';
import type { Person } from '../world/workspace.ts';
import { players } from '../world/workspace.ts';
import { avatar } from './avatar.ts';
import type { Look } from './surfaces.ts';

const KINDS: Readonly<Record<string, string>> = {
  guest: 'guest',
  stranger: 'from another company',
};

/** What a person is there for, as far as it is known. */
function roleOf({ id, kind }: Person, { page }: Look): string {
  return page.demo?.roles[id] ?? KINDS[kind] ?? '';
}

/** Whoever is being asked for begins where that is. */
function become(person: string, { page, workspace, acts }: Look): void {
  acts.become(person, waiting(page, workspace, person) ?? undefined);
}

/** Everybody in a list, one press away. */
export function peopleList(look: Look): Drawn {
  const { page, workspace } = look;
  const others = othersWaiting(page, workspace);
  return h(
    'section',
    { class: 'people', 'aria-label': 'You are' },
    h('h2', {}, 'You are'),
    h(
      'ul',
      {},
      players(workspace).map((person) => {
        const isMe = person.id === workspace.me.id;
        const waits = others.includes(person.id);
        return h(
          'li',
          { key: person.id },
          h(
            'button',
            {
              type: 'button',
              class: isMe ? 'person is-me' : 'person',
              'aria-pressed': isMe ? 'true' : 'false',
              'data-person': person.id,
              onclick: () => become(person.id, look),
            },
            avatar(workspace, person.id),
            h(
              'span',
              { class: 'person-name' },
              person.realName,
              h('small', {}, roleOf(person, look)),
            ),
            waits && h('span', { class: 'dot is-loud', title: 'Is being asked for' }),
          ),
        );
      }),
    ),
  );
}

/** The same where there is no room for a list. */
export function identity(look: Look): Child {
  const { page, workspace } = look;
  const others = othersWaiting(page, workspace);
  return h(
    'label',
    { class: 'identity only-phone' },
    h('span', { class: 'identity-you' }, 'You are'),
    h(
      'select',
      {
        value: workspace.me.id,
        'aria-label': 'You are',
        onchange({ currentTarget }) {
          if (currentTarget instanceof HTMLSelectElement) become(currentTarget.value, look);
        },
      },
      players(workspace).map((person) => {
        const role = roleOf(person, look);
        const waits = others.includes(person.id) ? ' — is being asked for' : '';
        const [firstName = person.realName] = person.realName.split(' ');
        const name = `${firstName}${role === '' ? '' : ` · ${role}`}${waits}`;
        return h('option', { key: person.id, value: person.id }, name);
      }),
    ),
    others.length > 0 &&
      h('span', { class: 'dot is-loud', title: 'Somebody else is being asked for' }),
  );
}
