import type { JsonObject } from './json.ts';
import type { Channel, Message, Workspace } from './state.ts';
import { changed, kept, nextTs } from './workspace.ts';

type NewMessage = Omit<Message, 'type' | 'ts' | 'team'>;

function keyOf(channelId: string, ts: string): string {
  return `${channelId}/${ts}`;
}

function keepVersion(workspace: Workspace, channelId: string, message: Message): void {
  const key = keyOf(channelId, message.ts);
  workspace.versions.set(key, kept(workspace.versions.get(key) ?? [], message));
}

/** Every form the message has had, oldest first. */
export function versionsOf(
  workspace: Workspace,
  channelId: string,
  ts: string,
): readonly Message[] {
  return workspace.versions.get(keyOf(channelId, ts)) ?? [];
}

export function findMessage(
  workspace: Workspace,
  channelId: string,
  ts: string,
): Message | undefined {
  return workspace.messages.get(channelId)?.find((message) => message.ts === ts);
}

/** The parent's time when `ts` is a reply: Slack keeps one level of threads. */
export function threadOf(workspace: Workspace, channelId: string, ts: string): string | undefined {
  const found = findMessage(workspace, channelId, ts);
  return found === undefined ? undefined : (found.thread_ts ?? found.ts);
}

/** The message with what Slack counts for the parent of a thread. */
export function shownMessage(workspace: Workspace, channelId: string, message: Message): Message {
  const replies = (workspace.messages.get(channelId) ?? []).filter(
    ({ ts, thread_ts }) => thread_ts === message.ts && ts !== message.ts,
  );
  const latest = replies.at(-1);
  if (latest === undefined) return message;
  return {
    ...message,
    thread_ts: message.ts,
    reply_count: replies.length,
    latest_reply: latest.ts,
  };
}

/** What a person sees in the channel itself: replies stay in their threads. */
export function channelMessages(workspace: Workspace, channelId: string): readonly Message[] {
  return (workspace.messages.get(channelId) ?? [])
    .filter(({ ts, thread_ts, subtype }) => {
      const isReply = thread_ts !== undefined && thread_ts !== ts;
      return !isReply || subtype === 'thread_broadcast';
    })
    .map((message) => shownMessage(workspace, channelId, message));
}

/** Whether somebody has answered this message: a thread that is only wished for is none yet. */
export function hasReplies(workspace: Workspace, channelId: string, ts: string): boolean {
  return (workspace.messages.get(channelId) ?? []).some(
    (message) => message.thread_ts === ts && message.ts !== ts,
  );
}

/** The parent and its replies, oldest first. */
export function threadMessages(
  workspace: Workspace,
  channelId: string,
  ts: string,
): readonly Message[] {
  return (workspace.messages.get(channelId) ?? [])
    .filter((message) => message.ts === ts || message.thread_ts === ts)
    .map((message) => shownMessage(workspace, channelId, message));
}

const CHANNEL_TYPES = { public: 'channel', private: 'group', im: 'im', mpim: 'mpim' } as const;
const SUBSCRIPTIONS = {
  public: 'message.channels',
  private: 'message.groups',
  im: 'message.im',
  mpim: 'message.mpim',
} as const;

function announce(workspace: Workspace, channel: Channel, event: JsonObject): void {
  workspace.onEvent(
    {
      type: 'message',
      channel: channel.id,
      channel_type: CHANNEL_TYPES[channel.kind],
      ...event,
    },
    { subscription: SUBSCRIPTIONS[channel.kind], channel: channel.id },
  );
}

function announceMention(workspace: Workspace, channel: Channel, message: Message): void {
  const isMention = message.text.includes(`<@${workspace.app.botUserId}>`);
  if (!isMention || message.bot_id !== undefined || channel.kind === 'im') return;
  const { user, text, ts, thread_ts, team } = message;
  workspace.onEvent(
    { type: 'app_mention', user, text, ts, thread_ts, team, channel: channel.id },
    { subscription: 'app_mention', channel: channel.id },
  );
}

export function addMessage(workspace: Workspace, channel: Channel, content: NewMessage): Message {
  const message: Message = {
    type: 'message',
    ...content,
    ts: nextTs(workspace),
    team: workspace.team.id,
  };
  workspace.messages.set(channel.id, [...(workspace.messages.get(channel.id) ?? []), message]);
  keepVersion(workspace, channel.id, message);
  changed(workspace);
  const { metadata: _kept, ...visible } = message;
  announce(workspace, channel, visible);
  announceMention(workspace, channel, message);
  return message;
}

/** A message that Slack itself writes when somebody changes the channel. */
export function addNotice(
  workspace: Workspace,
  channel: Channel,
  notice: Pick<NewMessage, 'subtype' | 'user' | 'text' | 'topic' | 'purpose'>,
): Message {
  return addMessage(workspace, channel, notice);
}

export function replaceMessage(workspace: Workspace, channel: Channel, next: Message): void {
  const messages = workspace.messages.get(channel.id) ?? [];
  const previous = messages.find(({ ts }) => ts === next.ts);
  workspace.messages.set(
    channel.id,
    messages.map((message) => (message.ts === next.ts ? next : message)),
  );
  keepVersion(workspace, channel.id, next);
  changed(workspace);
  announce(workspace, channel, {
    subtype: 'message_changed',
    hidden: true,
    ts: nextTs(workspace),
    message: next,
    previous_message: previous,
  });
}

export function removeMessage(workspace: Workspace, channel: Channel, ts: string): void {
  const messages = workspace.messages.get(channel.id) ?? [];
  const previous = messages.find((message) => message.ts === ts);
  workspace.messages.set(
    channel.id,
    messages.filter((message) => message.ts !== ts),
  );
  changed(workspace);
  announce(workspace, channel, {
    subtype: 'message_deleted',
    hidden: true,
    deleted_ts: ts,
    ts: nextTs(workspace),
    previous_message: previous,
  });
}
