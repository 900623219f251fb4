import type { JsonObject } from './json.ts';

export type UserKind = 'member' | 'guest' | 'bot' | 'deactivated' | 'stranger';

export type User = {
  readonly id: string;
  readonly name: string;
  readonly realName: string;
  readonly kind: UserKind;
  readonly teamId: string;
  /** The workspaces of an organisation that this person belongs to; none outside Enterprise Grid. */
  readonly teams: readonly string[];
};

export type Topic = {
  readonly value: string;
  readonly creator: string;
  readonly last_set: number;
};

export type Channel = {
  readonly id: string;
  readonly name: string;
  readonly kind: 'public' | 'private' | 'im' | 'mpim';
  readonly isArchived: boolean;
  readonly isGeneral: boolean;
  readonly creator: string;
  readonly created: number;
  readonly topic: Topic;
  readonly purpose: Topic;
  readonly members: readonly string[];
  readonly pins: readonly {
    readonly ts: string;
    readonly by: string;
    readonly created: number;
  }[];
  readonly bookmarks: readonly JsonObject[];
  readonly previousNames: readonly string[];
};

export type SlackFile = {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly mimetype: string;
  readonly size: number;
  readonly user: string;
  readonly created: number;
  readonly url_private: string;
  readonly permalink: string;
};

/** A message in Slack's own words, as the API gives it back. */
export type Message = {
  readonly type: 'message';
  readonly subtype?: string;
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly team: string;
  readonly bot_id?: string;
  readonly app_id?: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly thread_ts?: string;
  readonly parent_user_id?: string;
  readonly edited?: { readonly user: string; readonly ts: string };
  readonly files?: readonly SlackFile[];
  readonly metadata?: JsonObject;
  readonly reactions?: readonly {
    readonly name: string;
    readonly count: number;
    readonly users: readonly string[];
  }[];
  readonly topic?: string;
  readonly purpose?: string;
  readonly reply_count?: number;
  readonly latest_reply?: string;
};

/** A message that only one person sees. */
export type Ephemeral = {
  readonly ts: string;
  readonly channel: string;
  readonly to: string;
  readonly text: string;
  readonly blocks?: readonly JsonObject[];
  readonly attachments?: readonly JsonObject[];
  readonly thread_ts?: string;
};

/** A view in Slack's own words, as the API gives it back. */
export type View = {
  readonly id: string;
  readonly team_id: string;
  readonly type: 'modal' | 'home';
  readonly title: JsonObject | null;
  readonly submit: JsonObject | null;
  readonly close: JsonObject | null;
  readonly blocks: readonly JsonObject[];
  readonly private_metadata: string;
  readonly callback_id: string;
  readonly external_id: string;
  readonly state: { readonly values: JsonObject };
  readonly hash: string;
  readonly clear_on_close: boolean;
  readonly notify_on_close: boolean;
  readonly root_view_id: string;
  readonly previous_view_id: string | null;
  readonly app_id: string;
  readonly app_installed_team_id: string;
  readonly bot_id: string;
};

/** What a person has chosen or typed so far: block_id → action_id → Slack's state of the element. */
export type Drafts = Readonly<Record<string, Readonly<Record<string, JsonObject>>>>;

/** One call of the Web API, of a response_url or of an upload, with what was answered. */
export interface ApiCall {
  readonly method: string;
  readonly args: JsonObject;
  readonly status: number;
  readonly answer: JsonObject | null;
  readonly at: number;
}

/** What became of one delivery to the app. */
export interface Delivery {
  readonly kind: 'slash' | 'interactive' | 'event';
  readonly type: string;
  readonly via: 'http' | 'socket';
  readonly outcome: 'acked' | 'timeout' | 'unreachable' | 'refused';
  /** From sending to the whole answer; null when none came. */
  readonly ackMs: number | null;
  readonly status: number | null;
  readonly attempt: number;
  readonly payload: JsonObject;
  readonly answer: JsonObject | string | null;
}

/** What a person saw of a slash command. */
export type SlashNotice = {
  readonly user: string;
  readonly channel: string;
  readonly command: string;
  readonly text: string;
  readonly saw: string;
  readonly at: number;
};

export interface Trigger {
  readonly user: string;
  readonly madeAt: number;
  /** The modal the person was in, for views.push. */
  readonly viewId: string | null;
  readonly used: boolean;
}

/** What a response_url may change: a slash command has no message of its own. */
export interface ResponseUrl {
  readonly kind: 'command' | 'message' | 'ephemeral' | 'view';
  readonly user: string;
  readonly channel: string;
  readonly ts: string | null;
  readonly madeAt: number;
  readonly uses: number;
}

interface UploadTicket {
  readonly fileId: string;
  readonly filename: string;
  readonly size: number;
  readonly content: Buffer | null;
}

type FaultKind = 'ratelimited' | 'http-500' | 'lost-answer' | 'refused' | 'error';

/** Something to go wrong with the next calls of a method; `*` means any. */
export interface Fault {
  readonly method: string;
  readonly times: number;
  readonly kind: FaultKind;
  readonly retryAfterSeconds?: number;
  readonly error?: string;
  /** How many calls go well first. */
  readonly after?: number;
}

export interface Command {
  readonly command: string;
  readonly shouldEscape: boolean;
}

export interface SlackApp {
  readonly appId: string;
  readonly botUserId: string;
  readonly botId: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly signingSecret: string;
  readonly scopes: readonly string[];
  readonly commands: readonly Command[];
  readonly botEvents: readonly string[];
  readonly homeTab: boolean;
  readonly isOrgWide: boolean;
}

export interface Usergroup {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
  readonly users: readonly string[];
}

/** The whole workspace: plain data that methods change and `changed` announces. */
export interface Workspace {
  readonly team: { readonly id: string; readonly domain: string; readonly name: string };
  readonly app: SlackApp;
  readonly rateLimits: 'off' | 'on';
  readonly now: () => number;
  baseUrl: string;
  rev: number;
  counter: number;
  lastMicros: number;
  readonly users: Map<string, User>;
  readonly usergroups: readonly Usergroup[];
  readonly channels: Map<string, Channel>;
  readonly messages: Map<string, readonly Message[]>;
  /** Every form a message has had, oldest first, by channel and ts. */
  readonly versions: Map<string, readonly Message[]>;
  ephemerals: readonly Ephemeral[];
  readonly views: Map<string, { readonly view: View; readonly user: string }>;
  /** Open modals of each person, the lowest first. */
  readonly stacks: Map<string, readonly string[]>;
  readonly homes: Map<string, string>;
  readonly drafts: Map<string, Drafts>;
  readonly files: Map<string, { readonly file: SlackFile; readonly content: Buffer }>;
  readonly uploads: Map<string, UploadTicket>;
  readonly triggers: Map<string, Trigger>;
  readonly responseUrls: Map<string, ResponseUrl>;
  readonly buckets: Map<string, { readonly tokens: number; readonly at: number }>;
  faults: readonly Fault[];
  calls: readonly ApiCall[];
  deliveries: readonly Delivery[];
  slashNotices: readonly SlashNotice[];
  /** Single-use tickets of Socket Mode addresses. */
  readonly tickets: Set<string>;
  /** Once the app has asked for a socket, request addresses are not used any more. */
  socketMode: boolean;
  readonly watchers: Set<() => void>;
  /** Takes an event for the app; set by the delivery. */
  onEvent: (event: JsonObject, attention: EventAttention) => void;
}

export interface EventAttention {
  /** The names in the app's manifest that subscribe to this event. */
  readonly subscription: string;
  readonly channel: string | null;
}
