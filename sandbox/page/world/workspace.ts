/** The workspace as one person sees it, read from what the stand-in sends. */
import type { JsonObject } from './json.ts';
import {
  isObject,
  isTrueAt,
  listAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
} from './json.ts';

export interface Person {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly kind: string;
}

export interface Channel {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly isArchived: boolean;
  readonly topic: string;
  readonly members: readonly string[];
  readonly pinned: readonly string[];
}

export interface SlackFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly sizeBytes: number;
}

export interface Message {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly JsonObject[];
  readonly attachments: readonly JsonObject[];
  readonly files: readonly SlackFile[];
  readonly reactions: readonly { readonly name: string; readonly count: number }[];
  /** Empty for what people and apps write; else what kind of notice it is. */
  readonly subtype: string;
  /** The first message of the thread that this one is a reply in; null outside threads. */
  readonly threadTs: string | null;
  readonly replies: number;
  readonly latestReply: string;
  readonly isEdited: boolean;
  /** Shown to nobody else. */
  readonly isPrivate: boolean;
}

export interface Form {
  readonly id: string;
  readonly title: string;
  /** Null when there is nothing to send. */
  readonly submit: string | null;
  readonly close: string;
  readonly blocks: readonly JsonObject[];
}

export interface Workspace {
  readonly team: string;
  readonly me: Person;
  readonly bot: string;
  readonly commands: readonly string[];
  readonly people: readonly Person[];
  readonly channels: readonly Channel[];
  /** By channel, oldest first, threads and private ones among them. */
  readonly messages: Readonly<Record<string, readonly Message[]>>;
  readonly form: Form | null;
}

function personOf(given: unknown): Person {
  const id = textAt(given, 'id') ?? '';
  const name = textAt(given, 'name') ?? id;
  return {
    id,
    name,
    realName: textAt(given, 'realName') ?? name,
    kind: textAt(given, 'kind') ?? 'member',
  };
}

function channelOf(given: JsonObject): Channel {
  return {
    id: textAt(given, 'id') ?? '',
    name: textAt(given, 'name') ?? '',
    kind: textAt(given, 'kind') ?? (isTrueAt(given, 'isPrivate') ? 'private' : 'public'),
    isArchived: isTrueAt(given, 'isArchived'),
    topic: textAt(given, 'topic') ?? '',
    members: textsAt(given, 'members'),
    pinned: textsAt(given, 'pinned'),
  };
}

function fileOf(given: JsonObject): SlackFile {
  const name = textAt(given, 'name') ?? 'file';
  return {
    id: textAt(given, 'id') ?? '',
    name,
    title: textAt(given, 'title') ?? name,
    mimetype: textAt(given, 'mimetype') ?? '',
    sizeBytes: numberAt(given, 'size') ?? 0,
  };
}

function messageOf(given: JsonObject, isPrivate: boolean): Message {
  const ts = textAt(given, 'ts') ?? '';
  const threadTs = textAt(given, 'thread_ts') ?? null;
  return {
    ts,
    user: textAt(given, 'user') ?? '',
    text: textAt(given, 'text') ?? '',
    blocks: objectsAt(given, 'blocks'),
    attachments: objectsAt(given, 'attachments'),
    files: objectsAt(given, 'files').map(fileOf),
    reactions: objectsAt(given, 'reactions').map((one) => ({
      name: textAt(one, 'name') ?? '',
      count: numberAt(one, 'count') ?? 1,
    })),
    subtype: textAt(given, 'subtype') ?? '',
    threadTs: threadTs === ts ? null : threadTs,
    replies: numberAt(given, 'reply_count') ?? 0,
    latestReply: textAt(given, 'latest_reply') ?? '',
    isEdited: objectAt(given, 'edited') !== undefined,
    isPrivate,
  };
}

function formOf(given: JsonObject | undefined): Form | null {
  if (given === undefined) return null;
  const submit = objectAt(given, 'submit');
  return {
    id: textAt(given, 'id') ?? '',
    title: textAt(objectAt(given, 'title'), 'text') ?? '',
    submit: submit === undefined ? null : (textAt(submit, 'text') ?? 'Send'),
    close: textAt(objectAt(given, 'close'), 'text') ?? 'Cancel',
    blocks: objectsAt(given, 'blocks'),
  };
}

function byTime(one: Message, other: Message): number {
  return one.ts < other.ts ? -1 : 1;
}

/** Null when this is no state of a workspace. */
export function readWorkspace(given: unknown): Workspace | null {
  const me = objectAt(given, 'me');
  if (me === undefined) return null;
  const bot = textAt(given, 'botUserId') ?? '';
  const sent = objectAt(given, 'messages') ?? {};
  const channels = objectsAt(given, 'channels').map(channelOf);
  const ephemerals = objectsAt(given, 'ephemerals');
  const messages = channels.map(({ id }) => {
    const own = ephemerals
      .filter((one) => one['channel'] === id)
      .map((one) => messageOf({ user: bot, ...one }, true));
    const all = listAt(sent, id)
      .filter(isObject)
      .map((one) => messageOf(one, false));
    return [id, [...all, ...own].sort(byTime)] as const;
  });
  const team = objectAt(given, 'team');
  return {
    team: textAt(team, 'name') ?? '',
    me: personOf(me),
    bot,
    commands: textsAt(given, 'commands'),
    people: objectsAt(given, 'users').map(personOf),
    channels,
    messages: Object.fromEntries(messages),
    form: formOf(objectAt(given, 'view')),
  };
}

/** Outside threads, oldest first. */
export function channelMessages({ messages }: Workspace, channel: string): readonly Message[] {
  return (messages[channel] ?? []).filter(
    ({ threadTs, subtype }) => threadTs === null || subtype === 'thread_broadcast',
  );
}

/** The first message and its replies, oldest first. */
export function threadMessages(
  { messages }: Workspace,
  channel: string,
  threadTs: string,
): readonly Message[] {
  return (messages[channel] ?? []).filter(
    (one) => one.ts === threadTs || one.threadTs === threadTs,
  );
}

/** Who can be played: whoever can sign in and is no app. */
export function players({ people }: Workspace): readonly Person[] {
  return people.filter(({ kind }) => kind !== 'bot' && kind !== 'deactivated');
}

export function isMember({ members }: Channel, person: string): boolean {
  return members.includes(person);
}

/** Whether the app has said anything yet to whoever looks. */
export function isUntouched({ messages, bot }: Workspace): boolean {
  return Object.values(messages).every((all) => all.every(({ user }) => user !== bot));
}

/** How a channel is called, whoever looks. */
export function channelTitle(channel: Channel): string {
  return channel.kind === 'im' ? 'Backout, directly' : channel.name;
}
