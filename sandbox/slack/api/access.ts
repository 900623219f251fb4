import type { Channel, Message, User, Workspace } from '../state.ts';
import { findMessage } from '../messages.ts';
import { directMessages } from '../workspace.ts';
import type { Answer, Step } from './answer.ts';
import { fail, found, refused } from './answer.ts';

/** For each kind of conversation the scopes of which the app needs one. */
type Family = Readonly<Record<Channel['kind'], readonly string[]>>;

export const READ: Family = {
  public: ['channels:read'],
  private: ['groups:read'],
  im: ['im:read'],
  mpim: ['mpim:read'],
};
export const HISTORY: Family = {
  public: ['channels:history'],
  private: ['groups:history'],
  im: ['im:history'],
  mpim: ['mpim:history'],
};
export const MANAGE: Family = {
  public: ['channels:manage'],
  private: ['groups:write'],
  im: ['im:write'],
  mpim: ['mpim:write'],
};
export const INVITE: Family = {
  ...MANAGE,
  public: ['channels:write.invites', 'channels:manage'],
  private: ['groups:write.invites', 'groups:write'],
};
export const TOPIC: Family = {
  public: ['channels:write.topic', 'channels:manage'],
  private: ['groups:write.topic', 'groups:write'],
  im: ['im:write.topic', 'im:write'],
  mpim: ['mpim:write.topic', 'mpim:write'],
};

export function allOf(family: Family): readonly string[] {
  return Object.values(family).flat();
}

export function missingScope(workspace: Workspace, needed: readonly string[]): Answer | undefined {
  const { scopes } = workspace.app;
  if (needed.length === 0 || needed.some((scope) => scopes.includes(scope))) return undefined;
  return fail('missing_scope', { needed: needed.join(','), provided: scopes.join(',') });
}

export function isMember(workspace: Workspace, channel: Channel): boolean {
  return channel.members.includes(workspace.app.botUserId);
}

/** The conversation if the app may know of it: private ones only as a member. */
export function seeChannel(workspace: Workspace, id: string, family?: Family): Step<Channel> {
  const channel = workspace.channels.get(id);
  if (channel === undefined || (channel.kind !== 'public' && !isMember(workspace, channel))) {
    return refused('channel_not_found');
  }
  const missing = family === undefined ? undefined : missingScope(workspace, family[channel.kind]);
  return missing === undefined ? found(channel) : { ok: false, answer: missing };
}

/** The conversation if the app is in it and it is not archived. */
export function enterChannel(workspace: Workspace, id: string, family?: Family): Step<Channel> {
  const seen = seeChannel(workspace, id, family);
  if (!seen.ok) return seen;
  if (seen.found.isArchived) return refused('is_archived');
  if (!isMember(workspace, seen.found)) return refused('not_in_channel');
  return seen;
}

/** Why the app cannot open a direct conversation with this person. */
export function openError(user: User | undefined): string | undefined {
  if (user === undefined || user.kind === 'stranger') return 'user_not_found';
  if (user.kind === 'deactivated') return 'user_disabled';
  return user.kind === 'bot' ? 'cannot_dm_bot' : undefined;
}

/** Where a message is to go: an id, the name of a public channel, or a person for a direct message. */
export function postingChannel(workspace: Workspace, given: string): Step<Channel> {
  const user = workspace.users.get(given);
  if (user !== undefined) {
    if (openError(user) !== undefined) return refused('channel_not_found');
    return found(directMessages(workspace, user.id));
  }
  const name = given.replace(/^#/, '');
  const named = [...workspace.channels.values()].find(
    (channel) => channel.kind === 'public' && channel.name === name,
  );
  const seen = seeChannel(workspace, named?.id ?? given);
  if (!seen.ok) return seen;
  if (seen.found.isArchived) return refused('is_archived');
  if (isMember(workspace, seen.found)) return seen;
  const mayPost = workspace.app.scopes.includes('chat:write.public');
  return mayPost ? seen : refused('not_in_channel');
}

export function seeMessage(workspace: Workspace, channel: Channel, ts: string): Step<Message> {
  if (!/^\d{10}\.\d{6}$/.test(ts)) return refused('message_not_found');
  const message = findMessage(workspace, channel.id, ts);
  return message === undefined ? refused('message_not_found') : found(message);
}
