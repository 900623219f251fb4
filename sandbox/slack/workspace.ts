import { randomBytes } from 'node:crypto';
import type { Channel, Command, SlackApp, User, UserKind, Usergroup, Workspace } from './state.ts';

interface TeamOptions {
  readonly id: string;
  readonly domain: string;
  readonly name?: string;
}

interface UserOptions {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  /** `stranger` is a person of another workspace. Default `member`. */
  readonly kind?: UserKind;
  /** In Enterprise Grid: the workspaces of this person, the home first. */
  readonly teams?: readonly string[];
}

interface AppOptions {
  readonly appId?: string;
  readonly botUserId?: string;
  readonly botName?: string;
  readonly botToken?: string;
  readonly appToken?: string;
  readonly signingSecret?: string;
  readonly scopes: readonly string[];
  readonly commands: readonly (
    | string
    | { readonly command: string; readonly shouldEscape?: boolean }
  )[];
  readonly botEvents: readonly string[];
  readonly homeTab?: boolean;
  /** Installed for a whole organisation: interactions then name no workspace. Default false. */
  readonly isOrgWide?: boolean;
}

interface ChannelOptions {
  readonly id?: string;
  readonly name: string;
  /** User ids; the bot is a member only when it is listed. */
  readonly members: readonly string[];
  readonly isPrivate?: boolean;
}

export interface WorkspaceOptions {
  readonly team: TeamOptions;
  readonly users: readonly UserOptions[];
  readonly app: AppOptions;
  readonly channels: readonly ChannelOptions[];
  readonly usergroups?: readonly Usergroup[];
  readonly rateLimits?: 'off' | 'on';
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

const LOG_LENGTH_MAX = 5000;
const STRANGERS_TEAM = 'T0ELSEWHERE';
export const ORGANISATION = 'E0ORG';

function secret(): string {
  return randomBytes(12).toString('hex');
}

function normalCommand(given: AppOptions['commands'][number]): Command {
  if (typeof given === 'string') return { command: given, shouldEscape: false };
  return { command: given.command, shouldEscape: given.shouldEscape ?? false };
}

function appOf(options: AppOptions): SlackApp {
  const appId = options.appId ?? 'A0BACKOUT';
  return {
    appId,
    botUserId: options.botUserId ?? 'U0BACKOUT',
    botId: 'B0BACKOUT',
    botToken: options.botToken ?? `xoxb-${secret()}`,
    appToken: options.appToken ?? `xapp-1-${appId}-${secret()}`,
    signingSecret: options.signingSecret ?? secret(),
    scopes: options.scopes,
    commands: options.commands.map(normalCommand),
    botEvents: options.botEvents,
    homeTab: options.homeTab ?? true,
    isOrgWide: options.isOrgWide ?? false,
  };
}

function usersOf({ team, users, app }: WorkspaceOptions, made: SlackApp): readonly User[] {
  const name = app.botName ?? 'backout';
  const people = users.map(({ id, name: handle, realName, kind = 'member', teams = [] }) => ({
    id,
    name: handle,
    realName,
    kind,
    teamId: kind === 'stranger' ? STRANGERS_TEAM : (teams[0] ?? team.id),
    teams,
  }));
  if (people.some(({ id }) => id === made.botUserId)) return people;
  const bot = { id: made.botUserId, name, realName: name, kind: 'bot', teamId: team.id } as const;
  return [...people, { ...bot, teams: [] }];
}

/** The next id with this first letter. */
export function nextId(workspace: Workspace, letter: string): string {
  workspace.counter += 1;
  return `${letter}0${workspace.counter.toString(36).toUpperCase().padStart(8, '0')}`;
}

/** Short ids, as Slack makes them for blocks and actions without one. */
export function shortId(workspace: Workspace): string {
  workspace.counter += 1;
  return `b${workspace.counter.toString(36).padStart(4, '0')}`;
}

/** A message time: seconds, a dot, six digits; never the same twice, always later than the last. */
export function nextTs(workspace: Workspace): string {
  const micros = Math.max(Math.floor(workspace.now() * 1000), workspace.lastMicros + 1);
  workspace.lastMicros = micros;
  const digits = String(micros).padStart(16, '0');
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}

export function nowSeconds(workspace: Workspace): number {
  return Math.floor(workspace.now() / 1000);
}

/** The list with one more at its end; logs keep only the newest. */
export function kept<T>(log: readonly T[], item: T): readonly T[] {
  return [...log.slice(1 - LOG_LENGTH_MAX), item];
}

/** Announces that something a person or a test can see has changed. */
export function changed(workspace: Workspace): void {
  workspace.rev += 1;
  for (const watcher of workspace.watchers) watcher();
}

export function newChannel(
  workspace: Workspace,
  made: Pick<Channel, 'name' | 'kind' | 'creator' | 'members'> & { readonly id?: string },
): Channel {
  const letter = made.kind === 'im' ? 'D' : 'C';
  const channel: Channel = {
    id: made.id ?? nextId(workspace, letter),
    name: made.name,
    kind: made.kind,
    isArchived: false,
    isGeneral: made.name === 'general',
    creator: made.creator,
    created: nowSeconds(workspace),
    topic: { value: '', creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    members: made.members,
    pins: [],
    bookmarks: [],
    previousNames: [],
  };
  workspace.channels.set(channel.id, channel);
  workspace.messages.set(channel.id, []);
  changed(workspace);
  return channel;
}

export function changeChannel(
  workspace: Workspace,
  channel: Channel,
  change: Partial<Channel>,
): Channel {
  const next = { ...(workspace.channels.get(channel.id) ?? channel), ...change };
  workspace.channels.set(channel.id, next);
  changed(workspace);
  return next;
}

/** The direct conversation between the app and one person, made when there is none yet. */
export function directMessages(workspace: Workspace, userId: string): Channel {
  const found = [...workspace.channels.values()].find(
    ({ kind, members }) => kind === 'im' && members.includes(userId),
  );
  if (found !== undefined) return found;
  return newChannel(workspace, {
    name: '',
    kind: 'im',
    creator: userId,
    members: [userId, workspace.app.botUserId],
  });
}

export function newWorkspace(options: WorkspaceOptions): Workspace {
  const app = appOf(options.app);
  const workspace: Workspace = {
    team: { name: options.team.domain, ...options.team },
    app,
    rateLimits: options.rateLimits ?? 'off',
    now: options.now ?? Date.now,
    baseUrl: '',
    rev: 0,
    counter: 0,
    lastMicros: 0,
    users: new Map(usersOf(options, app).map((user) => [user.id, user])),
    usergroups: options.usergroups ?? [],
    channels: new Map(),
    messages: new Map(),
    versions: new Map(),
    ephemerals: [],
    views: new Map(),
    stacks: new Map(),
    homes: new Map(),
    drafts: new Map(),
    files: new Map(),
    uploads: new Map(),
    triggers: new Map(),
    responseUrls: new Map(),
    buckets: new Map(),
    faults: [],
    calls: [],
    deliveries: [],
    slashNotices: [],
    tickets: new Set(),
    socketMode: false,
    watchers: new Set(),
    onEvent: () => {},
  };
  for (const { id, name, members, isPrivate = false } of options.channels) {
    newChannel(workspace, {
      ...(id === undefined ? {} : { id }),
      name,
      kind: isPrivate ? 'private' : 'public',
      creator: members[0] ?? app.botUserId,
      members,
    });
  }
  return workspace;
}
