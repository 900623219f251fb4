/** One message: who, when, what, and what hangs on it. */
import { blocks } from '../blocks/blocks.ts';
import type { Child, Drawn } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { clock, momentOf, wholeMoment } from '../text/dates.ts';
import { emoji } from '../text/emoji.ts';
import { mrkdwn } from '../text/mrkdwn.ts';
import { objectsAt, textAt } from '../world/json.ts';
import { isThreadUnread, mentions } from '../world/news.ts';
import type { Message } from '../world/workspace.ts';
import { avatar } from './avatar.ts';
import { file } from './file.ts';
import type { Look } from './surfaces.ts';
import { surfaceOf } from './surfaces.ts';

/** The message's blocks, or its text where it has none. */
export function body(message: Message, channel: string, look: Look): Child {
  const { ts, isPrivate, attachments } = message;
  const surface = surfaceOf(look, { kind: 'message', channel, ts, isPrivate });
  const drawn = (given: Message['blocks'], text: string): Child =>
    given.length > 0
      ? blocks(given, surface)
      : text !== '' && h('div', { class: 'text' }, mrkdwn(text, look.names));
  return [
    drawn(message.blocks, message.text),
    attachments.map((one) =>
      h('div', { class: 'attachment' }, drawn(objectsAt(one, 'blocks'), textAt(one, 'text') ?? '')),
    ),
  ];
}

function threadLink(message: Message, channel: string, look: Look): Child {
  const { page, workspace, acts } = look;
  const { ts, replies, latestReply } = message;
  const open = (): void => acts.go({ channel, thread: ts });
  if (replies === 0) {
    const by = message.user === workspace.bot ? 'reply to-app' : 'reply';
    return h('button', { class: by, type: 'button', onclick: open }, 'Reply in thread');
  }
  const isNew = isThreadUnread(page, workspace, { channel, thread: ts });
  return h(
    'button',
    { class: isNew ? 'thread-link is-new' : 'thread-link', type: 'button', onclick: open },
    isNew && h('span', { class: 'dot', title: 'New replies' }),
    replies === 1 ? '1 reply' : `${replies} replies`,
    h('span', { class: 'quiet' }, `last ${clock(momentOf(latestReply))}`),
  );
}

function reactions({ reactions: given }: Message): Child {
  if (given.length === 0) return null;
  return h(
    'div',
    { class: 'reactions' },
    given.map(({ name, count }) =>
      h('span', { class: 'reaction', title: name }, `${emoji(name) ?? `:${name}:`} ${count}`),
    ),
  );
}

function notice(message: Message, { names }: Look): Drawn {
  const who = names.people[message.user] ?? '';
  const text = mrkdwn(message.text, names);
  const isNamed = message.text.includes(`<@${message.user}`);
  return h(
    'article',
    { class: 'message is-notice', key: message.ts, 'data-ts': message.ts },
    h('div', { class: 'text' }, !isNamed && `${who} `, text),
  );
}

export interface MessageLook {
  readonly channel: string;
  /** The one before is by the same person, a moment ago. */
  readonly goesOn: boolean;
  readonly isInThread: boolean;
}

const NOTICE = /^(?:channel|group)_/;

function header(message: Message, look: Look): Child {
  const { user, ts, isEdited } = message;
  const { workspace, names } = look;
  const at = momentOf(ts);
  return h(
    'header',
    {},
    h('span', { class: 'author' }, names.people[user] ?? 'Somebody'),
    user === workspace.bot && h('span', { class: 'badge' }, 'app'),
    h('time', { title: wholeMoment(at), datetime: at.toISOString() }, clock(at)),
    isEdited && user !== workspace.bot && h('span', { class: 'quiet' }, '(edited)'),
  );
}

export function drawMessage(given: Message, how: MessageLook, look: Look): Drawn {
  if (NOTICE.test(given.subtype)) return notice(given, look);
  const { workspace, acts } = look;
  const { ts, user, isPrivate, files } = given;
  const rings = !isPrivate && mentions(given, workspace.me.id);
  const classes = [
    'message',
    isPrivate ? 'is-private' : '',
    how.goesOn && !isPrivate ? 'goes-on' : '',
    rings ? 'rings' : '',
    user === workspace.bot ? 'by-app' : '',
  ];
  return h(
    'article',
    { class: classes.filter((one) => one !== '').join(' '), key: ts, 'data-ts': ts },
    h('div', { class: 'gutter' }, avatar(workspace, user)),
    h(
      'div',
      { class: 'content' },
      isPrivate &&
        h(
          'div',
          { class: 'only-you' },
          h('span', {}, 'Only you see this'),
          h(
            'button',
            { type: 'button', class: 'plain-link', onclick: () => acts.dismiss(ts) },
            'Put away',
          ),
        ),
      header(given, look),
      body(given, how.channel, look),
      files.map((one) => file(one, look)),
      reactions(given),
      !how.isInThread && !isPrivate && threadLink(given, how.channel, look),
    ),
  );
}
