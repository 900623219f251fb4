import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import type { Names } from './names.ts';

const SAFE = /^(?:https?:\/\/|mailto:)/i;

/** A link, or only its words where the address could do something else than open. */
export function link(url: string, ...words: Child[]): Child {
  const shown = words.length === 0 ? [url] : words;
  if (!SAFE.test(url)) return shown;
  return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, ...shown);
}

export function mention(userId: string, names: Names): Drawn {
  const isMe = userId === names.me;
  const name = names.people[userId] ?? userId;
  return h('span', { class: isMe ? 'mention is-me' : 'mention' }, `@${name}`);
}

export function channelLink(channelId: string, names: Names): Drawn {
  const name = names.channels[channelId];
  if (name === undefined) return h('span', { class: 'mention' }, '#a channel you are not in');
  const open = (): void => names.open(channelId);
  return h('button', { class: 'mention channel-link', type: 'button', onclick: open }, `#${name}`);
}
