import { z } from 'zod';
import { addMessage, hasReplies, removeMessage, replaceMessage, threadOf } from '../messages.ts';
import type { Channel, Message, Workspace } from '../state.ts';
import { changed, nextTs } from '../workspace.ts';
import { isMember, postingChannel, seeChannel, seeMessage } from './access.ts';
import type { Answer, Step } from './answer.ts';
import { fail, found, ok, refused } from './answer.ts';
import type { Content } from './content.ts';
import { readContent } from './content.ts';
import { defineMethod, flag, json, text } from './define.ts';

const content = {
  text: text.optional(),
  markdown_text: text.optional(),
  blocks: json.optional(),
  attachments: json.optional(),
  metadata: json.optional(),
};

const POST_TEXT_RULES = { limitsBlocksTogether: true };
const UPDATE_TEXT_RULES = { textLengthMax: 4000, limitsBlocksTogether: true };

/** The author's fields of everything the app says. */
export function appAuthor(workspace: Workspace): {
  readonly user: string;
  readonly bot_id: string;
  readonly app_id: string;
} {
  const { botUserId, botId, appId } = workspace.app;
  return { user: botUserId, bot_id: botId, app_id: appId };
}

function readThread(
  workspace: Workspace,
  channel: Channel,
  threadTs: string | undefined,
): Step<string | undefined> {
  if (threadTs === undefined) return found(undefined);
  const parent = threadOf(workspace, channel.id, threadTs);
  return parent === undefined ? refused('thread_not_found') : found(parent);
}

export function stored(written: Content): Omit<Content, 'warnings'> {
  const { warnings: _warnings, ...kept } = written;
  return kept;
}

const postMessage = defineMethod({
  name: 'chat.postMessage',
  tier: 'per-channel',
  scopes: ['chat:write'],
  args: z.object({
    channel: text,
    ...content,
    thread_ts: text.optional(),
    reply_broadcast: flag.optional(),
    unfurl_links: flag.optional(),
    unfurl_media: flag.optional(),
    username: text.optional(),
    icon_emoji: text.optional(),
    icon_url: text.optional(),
  }),
  run(workspace, args) {
    const written = readContent(workspace, args, POST_TEXT_RULES);
    if (!written.ok) return written.answer;
    const customized = args.username ?? args.icon_emoji ?? args.icon_url;
    if (customized !== undefined && !workspace.app.scopes.includes('chat:write.customize')) {
      return fail('missing_scope', {
        needed: 'chat:write.customize',
        provided: workspace.app.scopes.join(','),
      });
    }
    const channel = postingChannel(workspace, args.channel);
    if (!channel.ok) return channel.answer;
    const thread = readThread(workspace, channel.found, args.thread_ts);
    if (!thread.ok) return thread.answer;
    const broadcast = thread.found !== undefined && args.reply_broadcast === true;
    const message = addMessage(workspace, channel.found, {
      ...appAuthor(workspace),
      ...stored(written.found),
      ...(thread.found !== undefined && { thread_ts: thread.found }),
      ...(broadcast && { subtype: 'thread_broadcast' }),
    });
    return ok(
      { channel: channel.found.id, ts: message.ts, message: message },
      written.found.warnings,
    );
  },
});

function updated(workspace: Workspace, message: Message, written: Content): Message {
  const { blocks: _blocks, attachments: _attachments, metadata, ...rest } = message;
  const next = stored(written);
  const cleared = next.metadata !== undefined && Object.keys(next.metadata).length === 0;
  const { metadata: given, ...visible } = next;
  const kept = cleared ? undefined : (given ?? metadata);
  return {
    ...rest,
    ...visible,
    ...(kept !== undefined && { metadata: kept }),
    edited: { user: workspace.app.botUserId, ts: nextTs(workspace) },
  };
}

const update = defineMethod({
  name: 'chat.update',
  tier: 3,
  scopes: ['chat:write'],
  args: z.object({ channel: text, ts: text, ...content }),
  run(workspace, args) {
    const channel = seeChannel(workspace, args.channel);
    if (!channel.ok) return channel.answer;
    const message = seeMessage(workspace, channel.found, args.ts);
    if (!message.ok) return message.answer;
    if (message.found.bot_id !== workspace.app.botId) return fail('cant_update_message');
    if (channel.found.isArchived) return fail('is_inactive');
    const written = readContent(workspace, args, UPDATE_TEXT_RULES);
    if (!written.ok) return written.answer;
    const next = updated(workspace, message.found, written.found);
    replaceMessage(workspace, channel.found, next);
    return ok({
      channel: channel.found.id,
      ts: next.ts,
      text: next.text,
      message: next,
    });
  },
});

const remove = defineMethod({
  name: 'chat.delete',
  tier: 3,
  scopes: ['chat:write'],
  args: z.object({ channel: text, ts: text }),
  run(workspace, { channel: id, ts }) {
    const channel = seeChannel(workspace, id);
    if (!channel.ok) return channel.answer;
    const message = seeMessage(workspace, channel.found, ts);
    if (!message.ok) return message.answer;
    if (message.found.bot_id !== workspace.app.botId) return fail('cant_delete_message');
    removeMessage(workspace, channel.found, ts);
    return ok({ channel: id, ts });
  },
});

/**
 * Shows a message to one person only; it has no place in the channel's history. Slack takes one for a thread always
 * but shows it only when there is an active thread.
 */
export function showEphemeral(
  workspace: Workspace,
  shown: {
    readonly to: string;
    readonly channel: string;
    readonly thread_ts?: string;
    readonly content: Content;
  },
): string {
  const { to, channel, thread_ts, content: written } = shown;
  const { metadata: _metadata, ...visible } = stored(written);
  const ts = nextTs(workspace);
  if (thread_ts !== undefined && !hasReplies(workspace, channel, thread_ts)) return ts;
  const threadTs = thread_ts === undefined ? {} : { thread_ts };
  workspace.ephemerals = [...workspace.ephemerals, { ts, channel, to, ...visible, ...threadTs }];
  changed(workspace);
  return ts;
}

const postEphemeral = defineMethod({
  name: 'chat.postEphemeral',
  tier: 4,
  scopes: ['chat:write'],
  args: z.object({ channel: text, user: text, ...content, thread_ts: text.optional() }),
  run(workspace, args): Answer {
    const written = readContent(workspace, args, {
      textLengthMax: 40_000,
      limitsBlocksTogether: true,
    });
    if (!written.ok) return written.answer;
    const channel = seeChannel(workspace, args.channel);
    if (!channel.ok) return channel.answer;
    if (channel.found.isArchived) return fail('is_archived');
    if (!isMember(workspace, channel.found)) return fail('not_in_channel');
    if (!channel.found.members.includes(args.user)) return fail('user_not_in_channel');
    const thread = readThread(workspace, channel.found, args.thread_ts);
    if (!thread.ok) return thread.answer;
    const ts = showEphemeral(workspace, {
      to: args.user,
      channel: channel.found.id,
      content: written.found,
      ...(thread.found !== undefined && { thread_ts: thread.found }),
    });
    return ok({ message_ts: ts });
  },
});

const getPermalink = defineMethod({
  name: 'chat.getPermalink',
  tier: 'special',
  scopes: [],
  jsonBody: false,
  args: z.object({ channel: text, message_ts: text }),
  run(workspace, { channel: id, message_ts: ts }) {
    const channel = seeChannel(workspace, id);
    if (!channel.ok) return channel.answer;
    const message = seeMessage(workspace, channel.found, ts);
    if (!message.ok) return message.answer;
    const thread = message.found.thread_ts;
    const inThread = thread === undefined ? '' : `?thread_ts=${thread}&cid=${id}`;
    const base = `https://${workspace.team.domain}.slack.com/archives`;
    const permalink = `${base}/${id}/p${ts.replace('.', '')}${inThread}`;
    return ok({ channel: id, permalink });
  },
});

export const chatMethods = [postMessage, update, remove, postEphemeral, getPermalink] as const;
