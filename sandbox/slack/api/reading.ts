import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import { channelMessages, threadMessages, threadOf } from '../messages.ts';
import type { Channel, Message, Workspace } from '../state.ts';
import { HISTORY, READ, allOf, isMember, missingScope, seeChannel } from './access.ts';
import type { Answer } from './answer.ts';
import { fail, ok } from './answer.ts';
import { channelObject } from './channels.ts';
import { defineMethod, flag, integer, text } from './define.ts';
import { nextCursor, page } from './pages.ts';

const KINDS = {
  public_channel: 'public',
  private_channel: 'private',
  im: 'im',
  mpim: 'mpim',
} as const satisfies Record<string, Channel['kind']>;

const listing = {
  types: text.optional(),
  exclude_archived: flag.optional(),
  cursor: text.optional(),
  limit: integer.optional(),
  team_id: text.optional(),
};

interface Listing {
  readonly types?: string | undefined;
  readonly exclude_archived?: boolean | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

function isKind(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type);
}

function listed(
  workspace: Workspace,
  asked: Listing,
  belongs: (channel: Channel) => boolean,
): Answer {
  const types = (asked.types ?? 'public_channel').split(',').map((type) => type.trim());
  const kinds = types.filter(isKind).map((type) => KINDS[type]);
  if (kinds.length < types.length) return fail('invalid_types');
  const missing = kinds.map((kind) => missingScope(workspace, READ[kind])).find(Boolean);
  if (missing !== undefined) return missing;
  const channels = [...workspace.channels.values()].filter(
    (channel) =>
      kinds.includes(channel.kind) &&
      belongs(channel) &&
      !(asked.exclude_archived === true && channel.isArchived),
  );
  const { cursor, limit } = asked;
  const part = page(channels, { cursor, limit, limitDefault: 100, limitMax: 999 });
  if (!part.ok) return part.answer;
  return ok({
    channels: part.found.items.map((channel) => channelObject(workspace, channel)),
    ...nextCursor(part.found.next),
  });
}

const conversationsList = defineMethod({
  name: 'conversations.list',
  tier: 2,
  scopes: allOf(READ),
  jsonBody: false,
  args: z.object(listing),
  run: (workspace, args) =>
    listed(workspace, args, (channel) => channel.kind === 'public' || isMember(workspace, channel)),
});

const usersConversations = defineMethod({
  name: 'users.conversations',
  tier: 3,
  scopes: allOf(READ),
  jsonBody: false,
  args: z.object({ ...listing, user: text.optional() }),
  run(workspace, args) {
    const user = args.user ?? workspace.app.botUserId;
    if (!workspace.users.has(user)) return fail('user_not_found');
    return listed(
      workspace,
      args,
      (channel) =>
        channel.members.includes(user) &&
        (channel.kind === 'public' || isMember(workspace, channel)),
    );
  },
});

const reading = {
  channel: text,
  cursor: text.optional(),
  limit: integer.optional(),
  latest: text.optional(),
  oldest: text.optional(),
  inclusive: flag.optional(),
  include_all_metadata: flag.optional(),
};

interface Range {
  readonly latest?: string | undefined;
  readonly oldest?: string | undefined;
  readonly inclusive?: boolean | undefined;
}

function rangeError({ latest, oldest }: Range): string | undefined {
  const isTime = (value: string | undefined): boolean =>
    value === undefined || /^\d+(?:\.\d+)?$/.test(value);
  if (!isTime(latest)) return 'invalid_ts_latest';
  return isTime(oldest) ? undefined : 'invalid_ts_oldest';
}

function within({ ts }: Message, { latest, oldest, inclusive = false }: Range): boolean {
  const time = Number(ts);
  const after = oldest === undefined ? 0 : Number(oldest);
  const before = latest === undefined ? Number.POSITIVE_INFINITY : Number(latest);
  if (inclusive) return time >= after && time <= before;
  return time > after && time < before;
}

function shown(message: Message, withMetadata: boolean): JsonObject {
  const { metadata, ...rest } = message;
  return withMetadata && metadata !== undefined ? message : rest;
}

const history = defineMethod({
  name: 'conversations.history',
  tier: 3,
  scopes: allOf(HISTORY),
  args: z.object(reading),
  run(workspace, args) {
    const seen = seeChannel(workspace, args.channel, HISTORY);
    if (!seen.ok) return seen.answer;
    if (!isMember(workspace, seen.found)) return fail('not_in_channel');
    const error = rangeError(args);
    if (error !== undefined) return fail(error);
    const messages = channelMessages(workspace, args.channel)
      .filter((message) => within(message, args))
      .toReversed();
    const { cursor, limit } = args;
    const part = page(messages, { cursor, limit, limitDefault: 100, limitMax: 999 });
    if (!part.ok) return part.answer;
    return ok({
      messages: part.found.items.map((one) => shown(one, args.include_all_metadata === true)),
      has_more: part.found.next !== '',
      pin_count: seen.found.pins.length,
      ...(part.found.next !== '' && nextCursor(part.found.next)),
    });
  },
});

const replies = defineMethod({
  name: 'conversations.replies',
  tier: 3,
  scopes: allOf(HISTORY),
  jsonBody: false,
  args: z.object({ ...reading, ts: text }),
  run(workspace, args) {
    const seen = seeChannel(workspace, args.channel, HISTORY);
    if (!seen.ok) return seen.answer;
    if (!isMember(workspace, seen.found)) return fail('not_in_channel');
    const error = rangeError(args);
    if (error !== undefined) return fail(error);
    const parent = threadOf(workspace, args.channel, args.ts);
    if (parent === undefined) return fail('thread_not_found');
    const messages = threadMessages(workspace, args.channel, parent).filter(
      (message) => message.ts === parent || within(message, args),
    );
    const { cursor, limit } = args;
    const part = page(messages, { cursor, limit, limitDefault: 1000, limitMax: 1000 });
    if (!part.ok) return part.answer;
    return ok({
      messages: part.found.items.map((one) => shown(one, args.include_all_metadata === true)),
      has_more: part.found.next !== '',
      ...nextCursor(part.found.next),
    });
  },
});

export const readingMethods = [conversationsList, usersConversations, history, replies] as const;
