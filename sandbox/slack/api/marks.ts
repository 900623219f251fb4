import { z } from 'zod';
import { findMessage } from '../messages.ts';
import type { Channel, Message, Workspace } from '../state.ts';
import { changeChannel, changed, nextId, nowSeconds } from '../workspace.ts';
import { enterChannel, isMember, seeChannel, seeMessage } from './access.ts';
import type { Step } from './answer.ts';
import { fail, found, ok, refused } from './answer.ts';
import { defineMethod, text } from './define.ts';

const PINS_MAX = 100;
const BOOKMARKS_MAX = 100;
const TITLE_LENGTH_MAX = 256;
const LINK_LENGTH_MAX = 2048;
const EMOJI_ON_MESSAGE_MAX = 23;

interface Marked {
  readonly channel: Channel;
  readonly message: Message;
}

function marked(workspace: Workspace, id: string, timestamp: string | undefined): Step<Marked> {
  const seen = seeChannel(workspace, id);
  if (!seen.ok) return seen;
  if (timestamp === undefined) return refused('no_item_specified');
  if (!/^\d{10}\.\d{6}$/.test(timestamp)) return refused('bad_timestamp');
  if (!isMember(workspace, seen.found)) return refused('not_in_channel');
  const message = seeMessage(workspace, seen.found, timestamp);
  return message.ok ? found({ channel: seen.found, message: message.found }) : message;
}

const pinsAdd = defineMethod({
  name: 'pins.add',
  tier: 2,
  scopes: ['pins:write'],
  args: z.object({ channel: text, timestamp: text.optional() }),
  run(workspace, { channel: id, timestamp }) {
    const target = marked(workspace, id, timestamp);
    if (!target.ok) return target.answer;
    const { channel, message } = target.found;
    if (channel.isArchived) return fail('is_archived');
    if (message.subtype?.startsWith('channel_') === true) return fail('not_pinnable');
    if (channel.pins.some(({ ts }) => ts === message.ts)) return fail('already_pinned');
    if (channel.pins.length >= PINS_MAX) return fail('too_many_pins');
    const by = workspace.app.botUserId;
    const pin = { ts: message.ts, by, created: nowSeconds(workspace) };
    changeChannel(workspace, channel, { pins: [...channel.pins, pin] });
    workspace.onEvent(
      { type: 'pin_added', user: by, channel_id: id, item: { type: 'message', channel: id } },
      { subscription: 'pin_added', channel: id },
    );
    return ok();
  },
});

const pinsRemove = defineMethod({
  name: 'pins.remove',
  tier: 2,
  scopes: ['pins:write'],
  args: z.object({ channel: text, timestamp: text.optional() }),
  run(workspace, { channel: id, timestamp }) {
    const target = marked(workspace, id, timestamp);
    if (!target.ok) return target.answer;
    const { channel, message } = target.found;
    if (!channel.pins.some(({ ts }) => ts === message.ts)) return fail('no_pin');
    changeChannel(workspace, channel, { pins: channel.pins.filter(({ ts }) => ts !== message.ts) });
    return ok();
  },
});

const pinsList = defineMethod({
  name: 'pins.list',
  tier: 2,
  scopes: ['pins:read'],
  jsonBody: false,
  args: z.object({ channel: text }),
  run(workspace, { channel: id }) {
    const seen = seeChannel(workspace, id);
    if (!seen.ok) return seen.answer;
    const items = seen.found.pins.flatMap(({ ts, by, created }) => {
      const message = findMessage(workspace, id, ts);
      if (message === undefined) return [];
      return [{ type: 'message', created, created_by: by, channel: id, message: message }];
    });
    return ok({ items });
  },
});

const bookmarksAdd = defineMethod({
  name: 'bookmarks.add',
  tier: 2,
  scopes: ['bookmarks:write'],
  args: z.object({
    channel_id: text,
    title: text.max(TITLE_LENGTH_MAX, `must be less than ${TITLE_LENGTH_MAX + 1} characters`),
    type: text,
    link: text
      .max(LINK_LENGTH_MAX, `must be less than ${LINK_LENGTH_MAX + 1} characters`)
      .optional(),
    emoji: text.optional(),
  }),
  run(workspace, { channel_id: id, title, type, link = '', emoji = '' }) {
    const entered = enterChannel(workspace, id);
    if (!entered.ok) return entered.answer;
    if (type !== 'link') return fail('invalid_bookmark_type');
    if (!/^https?:\/\//.test(link)) return fail('invalid_link');
    if (emoji !== '' && !/^:[^:\s]+:$/.test(emoji)) return fail('invalid_emoji');
    const { bookmarks } = entered.found;
    if (bookmarks.length >= BOOKMARKS_MAX) return fail('too_many_bookmarks');
    const bookmark = {
      id: nextId(workspace, 'Bk'),
      channel_id: id,
      title,
      type,
      link,
      emoji,
      date_created: nowSeconds(workspace),
      date_updated: 0,
      last_updated_by_user_id: workspace.app.botUserId,
      last_updated_by_team_id: workspace.team.id,
    };
    changeChannel(workspace, entered.found, { bookmarks: [...bookmarks, bookmark] });
    return ok({ bookmark });
  },
});

function react(workspace: Workspace, { channel, message }: Marked, name: string): void {
  const user = workspace.app.botUserId;
  const others = (message.reactions ?? []).filter((reaction) => reaction.name !== name);
  const users = message.reactions?.find((reaction) => reaction.name === name)?.users ?? [];
  const reaction = { name, users: [...users, user], count: users.length + 1 };
  const next: Message = { ...message, reactions: [...others, reaction] };
  const messages = workspace.messages.get(channel.id) ?? [];
  // A reaction is no edit: the message's history of forms stays as it is.
  workspace.messages.set(
    channel.id,
    messages.map((one) => (one.ts === message.ts ? next : one)),
  );
  changed(workspace);
}

const reactionsAdd = defineMethod({
  name: 'reactions.add',
  tier: 3,
  scopes: ['reactions:write'],
  args: z.object({ channel: text, timestamp: text, name: text }),
  run(workspace, { channel: id, timestamp, name }) {
    const target = marked(workspace, id, timestamp);
    if (!target.ok) return target.answer;
    if (target.found.channel.isArchived) return fail('is_archived');
    if (!/^[a-z0-9_+'-]+(?:::skin-tone-[2-6])?$/.test(name)) return fail('invalid_name');
    const reactions = target.found.message.reactions ?? [];
    const same = reactions.find((reaction) => reaction.name === name);
    if (same?.users.includes(workspace.app.botUserId) === true) return fail('already_reacted');
    if (same === undefined && reactions.length >= EMOJI_ON_MESSAGE_MAX) {
      return fail('too_many_emoji');
    }
    react(workspace, target.found, name);
    return ok();
  },
});

export const markMethods = [pinsAdd, pinsRemove, pinsList, bookmarksAdd, reactionsAdd] as const;
