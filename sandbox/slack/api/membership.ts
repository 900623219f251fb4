import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import { addNotice } from '../messages.ts';
import type { Channel, Workspace } from '../state.ts';
import { changeChannel, directMessages, newChannel } from '../workspace.ts';
import {
  INVITE,
  MANAGE,
  READ,
  allOf,
  enterChannel,
  isMember,
  openError,
  seeChannel,
} from './access.ts';
import type { Answer } from './answer.ts';
import { fail, ok } from './answer.ts';
import { channelObject } from './channels.ts';
import { defineMethod, flag, integer, text } from './define.ts';
import { nextCursor, page } from './pages.ts';

const INVITED_MAX = 100;
const OPENED_MAX = 8;

/** Adds people to a channel and says so in it. */
export function join(
  workspace: Workspace,
  channel: Channel,
  joining: { readonly users: readonly string[]; readonly inviter?: string },
): Channel {
  const joined = changeChannel(workspace, channel, {
    members: [...new Set([...channel.members, ...joining.users])],
  });
  for (const user of joining.users) {
    addNotice(workspace, joined, {
      subtype: channel.kind === 'private' ? 'group_join' : 'channel_join',
      user,
      text: `<@${user}> has joined the channel`,
    });
    workspace.onEvent(
      {
        type: 'member_joined_channel',
        user,
        channel: channel.id,
        channel_type: channel.kind === 'private' ? 'G' : 'C',
        team: workspace.team.id,
        ...(joining.inviter !== undefined && { inviter: joining.inviter }),
      },
      { subscription: 'member_joined_channel', channel: channel.id },
    );
  }
  return joined;
}

export function leaveChannel(workspace: Workspace, channel: Channel, user: string): Channel {
  const left = changeChannel(workspace, channel, {
    members: channel.members.filter((member) => member !== user),
  });
  addNotice(workspace, left, {
    subtype: channel.kind === 'private' ? 'group_leave' : 'channel_leave',
    user,
    text: `<@${user}> has left the channel`,
  });
  return left;
}

function inviteError(workspace: Workspace, channel: Channel, id: string): string | undefined {
  const user = workspace.users.get(id);
  if (id === workspace.app.botUserId) return 'cant_invite_self';
  if (user === undefined || user.kind === 'stranger') return 'user_not_found';
  if (channel.members.includes(id)) return 'already_in_channel';
  return user.kind === 'deactivated' ? 'cant_invite' : undefined;
}

const invite = defineMethod({
  name: 'conversations.invite',
  tier: 3,
  scopes: allOf(INVITE),
  args: z.object({ channel: text, users: text, force: flag.optional() }),
  run(workspace, { channel: id, users, force = false }): Answer {
    const entered = enterChannel(workspace, id, INVITE);
    if (!entered.ok) return entered.answer;
    const channel = entered.found;
    if (channel.kind === 'im') return fail('method_not_supported_for_channel_type');
    const asked = users
      .split(',')
      .map((user) => user.trim())
      .filter((user) => user !== '');
    if (asked.length === 0) return fail('no_user');
    if (asked.length > INVITED_MAX) return fail('too_many_users');
    const errors = asked.flatMap((user): readonly JsonObject[] => {
      const error = inviteError(workspace, channel, user);
      return error === undefined ? [] : [{ user, ok: false, error }];
    });
    const wrong = new Set(errors.map((one) => one['user']));
    const good = asked.filter((user) => !wrong.has(user));
    const first = errors[0]?.['error'];
    // Without `force` one bad person keeps the others out too.
    if (typeof first === 'string' && (!force || good.length === 0)) return fail(first, { errors });
    const joined = join(workspace, channel, { users: good, inviter: workspace.app.botUserId });
    const some = errors.length > 0 ? { errors } : {};
    return ok({ channel: channelObject(workspace, joined), ...some });
  },
});

const kick = defineMethod({
  name: 'conversations.kick',
  tier: 3,
  scopes: allOf(MANAGE),
  args: z.object({ channel: text, user: text }),
  run(workspace, { channel: id, user }) {
    const entered = enterChannel(workspace, id, MANAGE);
    if (!entered.ok) return entered.answer;
    if (user === workspace.app.botUserId) return fail('cant_kick_self');
    if (!workspace.users.has(user)) return fail('user_not_found');
    if (!entered.found.members.includes(user)) return fail('not_in_channel');
    if (entered.found.isGeneral) return fail('cant_kick_from_general');
    leaveChannel(workspace, entered.found, user);
    return ok({ errors: {} });
  },
});

const joinItself = defineMethod({
  name: 'conversations.join',
  tier: 3,
  scopes: ['channels:join'],
  args: z.object({ channel: text }),
  run(workspace, { channel: id }) {
    const seen = seeChannel(workspace, id);
    if (!seen.ok) return seen.answer;
    if (seen.found.kind !== 'public') return fail('method_not_supported_for_channel_type');
    if (seen.found.isArchived) return fail('is_archived');
    if (isMember(workspace, seen.found)) {
      return ok({ channel: channelObject(workspace, seen.found) }, ['already_in_channel']);
    }
    const joined = join(workspace, seen.found, { users: [workspace.app.botUserId] });
    return ok({ channel: channelObject(workspace, joined) });
  },
});

const leave = defineMethod({
  name: 'conversations.leave',
  tier: 3,
  scopes: allOf(MANAGE),
  args: z.object({ channel: text }),
  run(workspace, { channel: id }): Answer {
    const seen = seeChannel(workspace, id, MANAGE);
    if (!seen.ok) return seen.answer;
    if (seen.found.isArchived) return fail('is_archived');
    if (!isMember(workspace, seen.found)) return { ok: false, not_in_channel: true };
    if (seen.found.isGeneral) return fail('cant_leave_general');
    if (seen.found.members.length === 1) return fail('last_member');
    leaveChannel(workspace, seen.found, workspace.app.botUserId);
    return ok();
  },
});

const members = defineMethod({
  name: 'conversations.members',
  tier: 4,
  scopes: allOf(READ),
  jsonBody: false,
  args: z.object({ channel: text, cursor: text.optional(), limit: integer.optional() }),
  run(workspace, { channel: id, cursor, limit }) {
    const seen = seeChannel(workspace, id, READ);
    if (!seen.ok) return seen.answer;
    const all = seen.found.members;
    const part = page(all, { cursor, limit, limitDefault: 100, limitMax: 1000 });
    return part.ok
      ? ok({ members: part.found.items, ...nextCursor(part.found.next) })
      : part.answer;
  },
});

const open = defineMethod({
  name: 'conversations.open',
  tier: 3,
  scopes: [...MANAGE.im, ...MANAGE.mpim],
  args: z.object({
    users: text.optional(),
    channel: text.optional(),
    return_im: flag.optional(),
  }),
  run(workspace, { users, channel: id, return_im: whole = false }): Answer {
    if (id !== undefined) {
      const seen = seeChannel(workspace, id);
      return seen.ok ? ok({ channel: { id } }) : seen.answer;
    }
    const asked = (users ?? '').split(',').filter((user) => user !== '');
    if (asked.length === 0) return fail('users_list_not_supplied');
    if (asked.length > OPENED_MAX) return fail('too_many_users');
    const error = asked.map((user) => openError(workspace.users.get(user))).find(Boolean);
    if (error !== undefined) return fail(error);
    const [only] = asked;
    const channel =
      asked.length === 1 && only !== undefined
        ? directMessages(workspace, only)
        : newChannel(workspace, {
            name: `mpdm-${asked.join('--').toLowerCase()}`,
            kind: 'mpim',
            creator: workspace.app.botUserId,
            members: [workspace.app.botUserId, ...asked],
          });
    return ok({ channel: whole ? channelObject(workspace, channel) : { id: channel.id } });
  },
});

export const membershipMethods = [invite, kick, joinItself, leave, members, open] as const;
