/** What is new for whom: unread channels, mentions, and what is worth a short notice. */
import { mentionedIn } from '../text/mrkdwn.ts';
import { isObject } from './json.ts';
import type { Page, Place, Toast } from './page.ts';
import { placeKey } from './page.ts';
import type { Message, Workspace } from './workspace.ts';
import { channelMessages, channelTitle, isMember, players } from './workspace.ts';

function seenKey(person: string, place: Place): string {
  return `${person}:${placeKey(place)}`;
}

/** Before this, everything counts as read. */
export const SINCE = 'since';

function seenUpTo({ seen }: Page, person: string, place: Place): string {
  return seen[seenKey(person, place)] ?? seen[SINCE] ?? '';
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (!isObject(value)) return [];
  if (value['type'] === 'user' && typeof value['user_id'] === 'string') {
    return [`<@${value['user_id']}>`];
  }
  return Object.entries(value).flatMap(([key, one]) => (key === 'value' ? [] : textsOf(one)));
}

/** Whether a message rings for this person. Nobody rings for themselves. */
export function mentions({ user, text, blocks, subtype }: Message, person: string): boolean {
  if (user === person || subtype.startsWith('channel_')) return false;
  // Small print names people without asking them for anything.
  const loud = blocks.filter(({ type }) => type !== 'context');
  const named = [text, ...textsOf(loud)].flatMap(mentionedIn);
  return named.includes(person) || named.includes('everybody');
}

/** Something in the channel itself that this person has not seen. */
export function isUnread(page: Page, workspace: Workspace, channel: string): boolean {
  const { me } = workspace;
  const seen = seenUpTo(page, me.id, { channel, thread: null });
  return channelMessages(workspace, channel).some(
    ({ ts, user, subtype }) => ts > seen && user !== me.id && subtype === '',
  );
}

export function isThreadUnread(page: Page, workspace: Workspace, place: Place): boolean {
  const parent = workspace.messages[place.channel]?.find(({ ts }) => ts === place.thread);
  return (parent?.latestReply ?? '') > seenUpTo(page, workspace.me.id, place);
}

function placeOf(channel: string, { threadTs }: Message): Place {
  return { channel, thread: threadTs };
}

/** The newest mention of somebody that they have not seen, among what can be seen here. */
export function waiting(page: Page, workspace: Workspace, person: string): Place | null {
  const found = workspace.channels
    .filter((channel) => !channel.isArchived && isMember(channel, person))
    .flatMap(({ id }) =>
      (workspace.messages[id] ?? [])
        .filter((one) => !one.isPrivate && mentions(one, person))
        .filter((one) => one.ts > seenUpTo(page, person, placeOf(id, one)))
        .map((one) => ({ ts: one.ts, place: placeOf(id, one) })),
    )
    .sort((one, other) => (one.ts < other.ts ? 1 : -1));
  return found[0]?.place ?? null;
}

/** People other than the one who looks, for whom something waits. */
export function othersWaiting(page: Page, workspace: Workspace): readonly string[] {
  return players(workspace)
    .map(({ id }) => id)
    .filter((id) => id !== workspace.me.id && waiting(page, workspace, id) !== null);
}

/** What is open in front of this person counts as seen. */
export function nowSeen(page: Page): Page['seen'] {
  const { workspace, route } = page;
  if (workspace === null) return page.seen;
  const { me } = workspace;
  const newest = (place: Place): string =>
    (workspace.messages[place.channel] ?? []).filter((one) => one.threadTs === place.thread).at(-1)
      ?.ts ?? '';
  const inThread = { channel: route.channel, thread: route.thread };
  const places = [{ channel: route.channel, thread: null }, inThread];
  const entries = places.map((place) => [seenKey(me.id, place), newest(place)] as const);
  return { ...page.seen, ...Object.fromEntries(entries.filter(([, ts]) => ts !== '')) };
}

function newMessages(before: Workspace, after: Workspace): readonly (readonly [string, Message])[] {
  return after.channels.flatMap(({ id }) => {
    const newest = before.messages[id]?.at(-1)?.ts ?? '';
    return (after.messages[id] ?? [])
      .filter(({ ts }) => ts > newest)
      .map((one) => [id, one] as const);
  });
}

/** The channels that this person has come into. */
export function joinedBetween(before: Workspace, after: Workspace): readonly string[] {
  const isIn = ({ channels }: Workspace, channel: string): boolean =>
    channels.some(({ id, members }) => id === channel && members.includes(after.me.id));
  return after.channels
    .map(({ id }) => id)
    .filter((channel) => isIn(after, channel) && !isIn(before, channel));
}

const WORDS_MAX = 160;

/** What was told to this person alone, where they read further up: the answer to what they have just pressed. */
export function answersBelow(
  before: Workspace,
  after: Workspace,
  { channel, thread }: Place,
): readonly Omit<Toast, 'id'>[] {
  return newMessages(before, after)
    .filter(([id, one]) => one.isPrivate && id === channel && (one.threadTs ?? thread) === thread)
    .map(([, { text }]) => asWords(text, after))
    .map((words) => ({
      kind: 'news' as const,
      words: words.length > WORDS_MAX ? `${words.slice(0, WORDS_MAX)}…` : words,
      place: null,
    }));
}

/** A notice is one line without looks of its own. */
function asWords(text: string, { people }: Workspace): string {
  return text
    .replaceAll(/<@(\w+)>/g, (_whole, id: string) => {
      return `@${people.find((one) => one.id === id)?.realName ?? id}`;
    })
    .replaceAll(/[`*]/g, '');
}

/** What a person has to be told of, because it happened where they are not looking. */
export function newsBetween(
  before: Workspace,
  after: Workspace,
  { channel, thread }: Place,
): readonly Omit<Toast, 'id'>[] {
  const { me } = after;
  const title = (id: string): string => {
    const found = after.channels.find((one) => one.id === id);
    return found === undefined ? id : `#${channelTitle(found)}`;
  };
  const joined = joinedBetween(before, after)
    .filter((id) => id !== channel)
    .map((id) => ({
      kind: 'news' as const,
      words: `You were added to ${title(id)}.`,
      place: { channel: id, thread: null },
    }));
  const rung = newMessages(before, after)
    .filter(([, one]) => mentions(one, me.id))
    .map(([id, one]) => placeOf(id, one))
    .filter((place) => place.channel !== channel || (place.thread ?? thread) !== thread)
    .map((place) => ({
      kind: 'news' as const,
      words: `You are mentioned in ${place.thread === null ? '' : 'a thread of '}${title(place.channel)}.`,
      place,
    }));
  // One for each channel; being mentioned says more than being added.
  const own = new Map([...joined, ...rung].map((one) => [one.place.channel, one]));
  return [...own.values()];
}
