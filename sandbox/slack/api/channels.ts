import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import { addNotice } from '../messages.ts';
import type { Channel, Topic, Workspace } from '../state.ts';
import { lengthOf } from '../text.ts';
import { changeChannel, newChannel, nowSeconds } from '../workspace.ts';
import { MANAGE, READ, TOPIC, allOf, enterChannel, isMember, missingScope } from './access.ts';
import { seeChannel } from './access.ts';
import type { Answer } from './answer.ts';
import { fail, ok } from './answer.ts';
import { defineMethod, flag, text } from './define.ts';

const NAME_LENGTH_MAX = 80;
const TOPIC_LENGTH_MAX = 250;

/** The conversation in Slack's words, as the app sees it. */
export function channelObject(workspace: Workspace, channel: Channel): JsonObject {
  const { id, name, kind } = channel;
  const common = {
    id,
    created: channel.created,
    creator: channel.creator,
    is_archived: channel.isArchived,
    is_channel: kind === 'public' || kind === 'private',
    is_group: false,
    is_im: kind === 'im',
    is_mpim: kind === 'mpim',
    is_private: kind !== 'public',
    is_shared: false,
    is_ext_shared: false,
    is_org_shared: false,
    context_team_id: workspace.team.id,
  };
  if (kind === 'im') {
    const user = channel.members.find((member) => member !== workspace.app.botUserId) ?? '';
    return { ...common, user, is_open: true };
  }
  return {
    ...common,
    name,
    name_normalized: name,
    is_general: channel.isGeneral,
    is_member: isMember(workspace, channel),
    is_pending_ext_shared: false,
    pending_shared: [],
    unlinked: 0,
    topic: channel.topic,
    purpose: channel.purpose,
    previous_names: channel.previousNames,
  };
}

/** Why Slack refuses the name, or undefined. */
function nameError(workspace: Workspace, name: string): string | undefined {
  if (name === '') return 'invalid_name_required';
  if (lengthOf(name) > NAME_LENGTH_MAX) return 'invalid_name_maxlength';
  if (/^[-_]+$/.test(name)) return 'invalid_name_punctuation';
  if (!/^[a-z0-9_-]+$/.test(name)) return 'invalid_name_specials';
  // Archived and private channels keep their names, even from those who cannot see them.
  const taken = [...workspace.channels.values()].some((channel) => channel.name === name);
  return taken ? 'name_taken' : undefined;
}

function announce(workspace: Workspace, type: string, channel: Channel): void {
  const created = type === 'channel_created' || type === 'channel_rename';
  const subject = created
    ? { id: channel.id, name: channel.name, created: channel.created, creator: channel.creator }
    : channel.id;
  workspace.onEvent(
    { type, channel: subject, ...(!created && { user: workspace.app.botUserId }) },
    // A new public channel is announced to every app, the rest to its members.
    { subscription: type, channel: type === 'channel_created' ? null : channel.id },
  );
}

const create = defineMethod({
  name: 'conversations.create',
  tier: 2,
  scopes: [...MANAGE.public, ...MANAGE.private],
  args: z.object({ name: text, is_private: flag.optional() }),
  run(workspace, { name, is_private: isPrivate = false }) {
    const kind = isPrivate ? 'private' : 'public';
    const missing = missingScope(workspace, MANAGE[kind]);
    if (missing !== undefined) return missing;
    const error = nameError(workspace, name);
    if (error !== undefined) return fail(error);
    const creator = workspace.app.botUserId;
    const channel = newChannel(workspace, { name, kind, creator, members: [creator] });
    if (!isPrivate) announce(workspace, 'channel_created', channel);
    return ok({ channel: channelObject(workspace, channel) });
  },
});

const rename = defineMethod({
  name: 'conversations.rename',
  tier: 2,
  scopes: allOf(MANAGE),
  args: z.object({ channel: text, name: text }),
  run(workspace, { channel: id, name }) {
    const entered = enterChannel(workspace, id, MANAGE);
    if (!entered.ok) return entered.answer;
    const channel = entered.found;
    if (channel.creator !== workspace.app.botUserId) return fail('not_authorized');
    const error = nameError(workspace, name);
    if (error !== undefined && channel.name !== name) return fail(error);
    const renamed = changeChannel(workspace, channel, {
      name,
      previousNames: [channel.name, ...channel.previousNames],
    });
    addNotice(workspace, renamed, {
      subtype: 'channel_name',
      user: workspace.app.botUserId,
      text: `has renamed the channel from "${channel.name}" to "${name}"`,
    });
    announce(workspace, 'channel_rename', renamed);
    return ok({ channel: channelObject(workspace, renamed) });
  },
});

function setTopicOrPurpose(
  workspace: Workspace,
  id: string,
  change: { readonly what: 'topic' | 'purpose'; readonly value: string },
): Answer {
  const entered = enterChannel(workspace, id, TOPIC);
  if (!entered.ok) return entered.answer;
  if (entered.found.kind === 'im') return fail('method_not_supported_for_channel_type');
  const { what, value } = change;
  if (lengthOf(value) > TOPIC_LENGTH_MAX) return fail('too_long');
  const user = workspace.app.botUserId;
  const set: Topic = { value, creator: user, last_set: nowSeconds(workspace) };
  const channel = changeChannel(workspace, entered.found, { [what]: set });
  const words = what === 'topic' ? 'set the channel topic' : 'set the channel description';
  addNotice(workspace, channel, {
    subtype: `channel_${what}`,
    user,
    text: value === '' ? `cleared the channel ${what}` : `${words}: ${value}`,
    [what]: value,
  });
  return ok({ channel: channelObject(workspace, channel) });
}

const setTopic = defineMethod({
  name: 'conversations.setTopic',
  tier: 2,
  scopes: allOf(TOPIC),
  args: z.object({ channel: text, topic: text }),
  run: (workspace, { channel, topic }) =>
    setTopicOrPurpose(workspace, channel, { what: 'topic', value: topic }),
});

const setPurpose = defineMethod({
  name: 'conversations.setPurpose',
  tier: 2,
  scopes: allOf(TOPIC),
  args: z.object({ channel: text, purpose: text }),
  run: (workspace, { channel, purpose }) =>
    setTopicOrPurpose(workspace, channel, { what: 'purpose', value: purpose }),
});

const archive = defineMethod({
  name: 'conversations.archive',
  tier: 2,
  scopes: allOf(MANAGE),
  args: z.object({ channel: text }),
  run(workspace, { channel: id }) {
    const seen = seeChannel(workspace, id, MANAGE);
    if (!seen.ok) return seen.answer;
    const channel = seen.found;
    if (channel.kind === 'im') return fail('method_not_supported_for_channel_type');
    if (channel.isArchived) return fail('already_archived');
    if (!isMember(workspace, channel)) return fail('not_in_channel');
    if (channel.isGeneral) return fail('cant_archive_general');
    addNotice(workspace, channel, {
      subtype: 'channel_archive',
      user: workspace.app.botUserId,
      text: 'archived the channel',
    });
    announce(workspace, 'channel_archive', channel);
    changeChannel(workspace, channel, { isArchived: true });
    return ok();
  },
});

const unarchive = defineMethod({
  name: 'conversations.unarchive',
  tier: 2,
  scopes: allOf(MANAGE),
  args: z.object({ channel: text }),
  run(workspace, { channel: id }) {
    const seen = seeChannel(workspace, id, MANAGE);
    if (!seen.ok) return seen.answer;
    if (!seen.found.isArchived) return fail('not_archived');
    // Bots lose an archived channel; only a person can bring it back.
    return fail('not_in_channel');
  },
});

const read = defineMethod({
  name: 'conversations.info',
  tier: 3,
  scopes: allOf(READ),
  jsonBody: false,
  args: z.object({ channel: text, include_num_members: flag.optional() }),
  run(workspace, { channel: id, include_num_members: counted = false }) {
    const seen = seeChannel(workspace, id, READ);
    if (!seen.ok) return seen.answer;
    const channel = channelObject(workspace, seen.found);
    const count = counted ? { num_members: seen.found.members.length } : {};
    return ok({ channel: { ...channel, ...count } });
  },
});

export const channelMethods = [
  create,
  rename,
  setTopic,
  setPurpose,
  archive,
  unarchive,
  read,
] as const;
