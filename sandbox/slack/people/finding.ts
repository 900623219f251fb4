import { allBlocks, elementsOf } from '../blocks/payload.ts';
import type { JsonObject } from '../json.ts';
import { listAt, objectAt, textAt } from '../json.ts';
import type { Channel, User, Workspace } from '../state.ts';

interface Found {
  readonly block: JsonObject;
  readonly element: JsonObject;
}

const NOT_TO_PRESS = new Set(['image', 'plain_text', 'mrkdwn', 'card']);

/** Everything a person can press or fill in. */
export function everythingToUse(blocks: readonly JsonObject[]): readonly Found[] {
  return allBlocks(blocks).flatMap((block) =>
    elementsOf(block)
      .filter(({ element }) => !NOT_TO_PRESS.has(textAt(element, 'type') ?? ''))
      .map(({ element }) => ({ block, element })),
  );
}

function nameOf({ block, element }: Found): string {
  const words =
    textAt(objectAt(element, 'text'), 'text') ?? textAt(objectAt(block, 'label'), 'text');
  return `${textAt(element, 'action_id') ?? '?'} (${words ?? textAt(element, 'type') ?? ''})`;
}

/** The element with this action, among what this person sees; throws when there is none. */
export function findElement(
  blocks: readonly JsonObject[],
  wanted: {
    readonly actionId: string;
    readonly blockId?: string | undefined;
    readonly user: string;
  },
): Found {
  const usable = everythingToUse(blocks).filter(({ element }) => {
    const seenBy = listAt(element, 'visible_to_user_ids');
    return seenBy.length === 0 || seenBy.includes(wanted.user);
  });
  const found = usable.filter(
    ({ block, element }) =>
      element['action_id'] === wanted.actionId &&
      (wanted.blockId === undefined || block['block_id'] === wanted.blockId),
  );
  const [first, second] = found;
  const there = usable.map(nameOf).join(', ') || 'nothing to press';
  if (first === undefined) {
    throw new Error(`There is no "${wanted.actionId}" here; there is: ${there}`);
  }
  if (second !== undefined) {
    throw new Error(
      `There are several "${wanted.actionId}" here: give the blockId. Here: ${there}`,
    );
  }
  return first;
}

/** The person, who has to be able to sign in. */
export function actor(workspace: Workspace, userId: string): User {
  const user = workspace.users.get(userId);
  if (user === undefined) throw new Error(`There is nobody called ${userId} here.`);
  if (user.kind === 'deactivated')
    throw new Error(`${user.name} is deactivated and cannot sign in.`);
  return user;
}

export function canSee(channel: Channel, user: User): boolean {
  if (channel.members.includes(user.id)) return true;
  return channel.kind === 'public' && user.kind !== 'stranger' && user.kind !== 'guest';
}

/** The channel, which this person has to be able to open. */
export function visibleChannel(workspace: Workspace, channelId: string, user: User): Channel {
  const channel = workspace.channels.get(channelId);
  if (channel === undefined || !canSee(channel, user)) {
    throw new Error(`${user.name} sees no channel ${channelId}.`);
  }
  return channel;
}

/** The channel, in which this person has to be able to write. */
export function writableChannel(workspace: Workspace, channelId: string, user: User): Channel {
  const channel = visibleChannel(workspace, channelId, user);
  if (!channel.members.includes(user.id)) {
    throw new Error(`${user.name} is not in #${channel.name} and cannot write there.`);
  }
  if (channel.isArchived) throw new Error(`#${channel.name} is archived: nobody can write there.`);
  return channel;
}
