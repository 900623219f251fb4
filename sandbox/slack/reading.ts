import { channelMessages, threadMessages, versionsOf } from './messages.ts';
import type * as state from './state.ts';
import { transcript } from './transcript.ts';
import { stackOf } from './views.ts';

/** A channel as a test or a page reads it. */
type ChannelSeen = {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly isArchived: boolean;
  readonly topic: string;
  readonly purpose: string;
  readonly members: readonly string[];
  readonly pinned: readonly string[];
};

/** What can be read at any moment. */
export interface Reading {
  readonly channels: () => readonly ChannelSeen[];
  /** The channel's messages, oldest first, without the replies in threads. */
  readonly messages: (channelId: string) => readonly state.Message[];
  readonly thread: (channelId: string, ts: string) => readonly state.Message[];
  /** Every form that a message has had, oldest first: for clicks of old clients. */
  readonly versions: (channelId: string, ts: string) => readonly state.Message[];
  readonly ephemerals: (userId: string) => readonly state.Ephemeral[];
  readonly view: (userId: string) => state.View | null;
  readonly home: (userId: string) => state.View | null;
  readonly pins: (channelId: string) => readonly string[];
  readonly bookmarks: (channelId: string) => state.Channel['bookmarks'];
  readonly files: () => readonly (state.SlackFile & { readonly content: Buffer })[];
  readonly calls: () => readonly state.ApiCall[];
  readonly deliveries: () => readonly state.Delivery[];
  readonly slashNotices: (userId: string) => readonly state.SlashNotice[];
  readonly transcript: () => string;
}

export function channelSeen(channel: state.Channel): ChannelSeen {
  return {
    id: channel.id,
    name: channel.name,
    isPrivate: channel.kind !== 'public',
    isArchived: channel.isArchived,
    topic: channel.topic.value,
    purpose: channel.purpose.value,
    members: channel.members,
    pinned: channel.pins.map(({ ts }) => ts),
  };
}

/** The workspace as tests read it. */
export function reading(workspace: state.Workspace): Reading {
  const viewOf = (id: string | undefined): state.View | null =>
    workspace.views.get(id ?? '')?.view ?? null;
  return {
    channels: () => [...workspace.channels.values()].map(channelSeen),
    messages: (channelId) => channelMessages(workspace, channelId),
    thread: (channelId, ts) => threadMessages(workspace, channelId, ts),
    versions: (channelId, ts) => versionsOf(workspace, channelId, ts),
    ephemerals: (userId) => workspace.ephemerals.filter(({ to }) => to === userId),
    view: (userId) => viewOf(stackOf(workspace, userId).at(-1)),
    home: (userId) => viewOf(workspace.homes.get(userId)),
    pins: (channelId) => workspace.channels.get(channelId)?.pins.map(({ ts }) => ts) ?? [],
    bookmarks: (channelId) => workspace.channels.get(channelId)?.bookmarks ?? [],
    files: () => [...workspace.files.values()].map(({ file, content }) => ({ ...file, content })),
    calls: () => workspace.calls,
    deliveries: () => workspace.deliveries,
    slashNotices: (userId) => workspace.slashNotices.filter(({ user }) => user === userId),
    transcript: () => transcript(workspace),
  };
}
