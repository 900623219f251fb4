/** What Slack sends → what somebody wants. Everything that we use of a payload is read here. */
import { z } from 'zod';
import { IncidentId } from '../../incident/names.ts';
import type { Word } from '../../incident/words.ts';
import type { SentView } from './forms.ts';
import { decoded, readForm, SentView as View } from './forms.ts';
import type { Said } from '../words.ts';
import { readMentioned, readWords } from '../words.ts';

export interface Speaker {
  readonly user: string;
  /** The workspace that Slack names for this person: the own one, where that is told. */
  readonly team: string;
}

/** Where a private answer can go; the first that works is taken. */
export interface Place {
  /** An address that Slack gave for exactly this. */
  readonly answerTo?: string;
  readonly channel?: string;
  /** One that has replies already: in a thread that is none yet, Slack shows a private answer to nobody. */
  readonly thread?: string;
}

export interface Wish {
  /** Slack's own id for this request: the same one is settled once. */
  readonly id: string;
  readonly speaker: Speaker;
  readonly verb: string;
  readonly words?: readonly Word[];
  readonly input?: Readonly<Record<string, unknown>>;
  readonly incident?: IncidentId;
  readonly place: Place;
  /** With this a form can be opened, once and within 3 s. */
  readonly trigger?: string;
}

/** Something that was typed: the verb is not known to exist yet. */
export interface Typed {
  readonly wish: Omit<Wish, 'verb' | 'words'>;
  readonly said: Said;
}

const Slash = z.object({
  team_id: z.string().min(1),
  user_id: z.string().min(1),
  channel_id: z.string().min(1),
  text: z.string().default(''),
  trigger_id: z.string().min(1),
  response_url: z.string().min(1),
});

export function readSlash(body: unknown, verbs: readonly string[]): Typed | null {
  const read = Slash.safeParse(body);
  if (!read.success) return null;
  const { team_id, user_id, channel_id, text, trigger_id, response_url } = read.data;
  return {
    said: readWords(text, verbs),
    wish: {
      id: `slash:${trigger_id}`,
      speaker: { user: user_id, team: team_id },
      place: { answerTo: response_url, channel: channel_id },
      trigger: trigger_id,
    },
  };
}

const Id = z.string().min(1);
const Account = z.object({
  /** Null where the app is installed for a whole organisation. */
  team: z.object({ id: Id }).nullish(),
  enterprise: z.object({ id: Id }).nullish(),
  user: z.object({ id: Id, team_id: Id.nullish() }),
});

/** In a channel shared with others, the person's own workspace counts. Null when no workspace is named at all. */
function speakerOf(
  { team, enterprise, user }: z.infer<typeof Account>,
  view: SentView | undefined,
): Speaker | null {
  const ofView = view?.team_id ?? view?.app_installed_team_id;
  const named = user.team_id ?? team?.id ?? ofView ?? enterprise?.id;
  return named === undefined ? null : { user: user.id, team: named };
}

const Press = Account.extend({
  trigger_id: z.string().min(1),
  response_url: z.string().optional(),
  container: z.object({
    type: z.string(),
    message_ts: z.string().optional(),
    thread_ts: z.string().optional(),
  }),
  channel: z.object({ id: z.string() }).optional(),
  view: View.optional(),
  actions: z
    .array(
      z.object({
        action_id: z.string(),
        value: z.string().optional(),
        selected_option: z.object({ value: z.string() }).nullish(),
      }),
    )
    .min(1),
});

export type Pressed =
  | { readonly kind: 'wish'; readonly wish: Wish }
  /** Something was chosen in an open form, and the rest of it may depend on that. */
  | { readonly kind: 'choice'; readonly view: SentView; readonly speaker: Speaker }
  /** A link: Slack tells of it, nothing is to be done. */
  | { readonly kind: 'nothing' };

const Value = z.looseObject({ incident: IncidentId.optional() });

export function readPress(body: unknown): Pressed | null {
  const read = Press.safeParse(body);
  if (!read.success) return null;
  const { actions, container, view, channel, response_url: answerTo } = read.data;
  const speaker = speakerOf(read.data, view);
  if (speaker === null) return null;
  if (container.type === 'view') {
    return view === undefined ? { kind: 'nothing' } : { kind: 'choice', view, speaker };
  }
  const [action] = actions;
  const carried = action?.value ?? action?.selected_option?.value;
  if (action === undefined || carried === undefined) return { kind: 'nothing' };
  const { incident, ...input } = Value.safeParse(decoded(carried)).data ?? {};
  const { trigger_id: trigger } = read.data;
  // The first message of a thread stands in the channel, and that is where it is answered.
  const thread = container.thread_ts === container.message_ts ? undefined : container.thread_ts;
  return {
    kind: 'wish',
    wish: {
      id: `press:${trigger}`,
      speaker,
      verb: action.action_id.split(':')[0] ?? '',
      input,
      trigger,
      ...(incident === undefined ? {} : { incident }),
      place: {
        ...(answerTo === undefined ? {} : { answerTo }),
        ...(channel === undefined ? {} : { channel: channel.id }),
        ...(thread === undefined ? {} : { thread }),
      },
    },
  };
}

const Unread = z.object({
  user: z.object({ id: z.string() }).optional(),
  response_url: z.string().min(1),
});

/** Where somebody is told that what they pressed cannot be read. */
export function returnOf(body: unknown): { readonly user: string; readonly place: Place } | null {
  const read = Unread.safeParse(body).data;
  return read === undefined
    ? null
    : { user: read.user?.id ?? '', place: { answerTo: read.response_url } };
}

const Submission = Account.extend({ view: View });

export interface Sent {
  readonly view: SentView;
  readonly speaker: Speaker;
  readonly wish: Wish | null;
}

/** `wish` is null when the form is of an older Backout, or none of ours. */
export function readSubmission(body: unknown): Sent | null {
  const read = Submission.safeParse(body);
  if (!read.success) return null;
  const { view } = read.data;
  const speaker = speakerOf(read.data, view);
  if (speaker === null) return null;
  return { view, speaker, wish: wishOfForm(view, speaker) };
}

/** A form is settled once: pressing again finds what was decided. Refused, it may be sent again. */
export function wishOfForm(view: SentView, speaker: Speaker): Wish | null {
  const form = readForm(view);
  if (form === null) return null;
  const { verb, input, incident, answerTo, channel, thread } = form;
  return {
    id: `form:${view.id}:${view.hash ?? ''}`,
    speaker,
    verb,
    input,
    ...(incident === undefined ? {} : { incident }),
    place: {
      ...(answerTo === undefined ? {} : { answerTo }),
      ...(channel === undefined ? {} : { channel }),
      ...(thread === undefined ? {} : { thread }),
    },
  };
}

const Mention = z.object({
  event_id: z.string().min(1),
  team_id: z.string().min(1),
  /** Who of us was mentioned: the app's own account. */
  authorizations: z.array(z.object({ user_id: z.string() })).optional(),
  event: z.object({
    user: z.string().min(1),
    text: z.string(),
    channel: z.string().min(1),
    ts: z.string(),
    thread_ts: z.string().optional(),
    /** In a shared channel: the workspace of the person. */
    user_team: z.string().optional(),
  }),
});

export interface Mentioned extends Typed {
  /** Where everybody can read the answer; it becomes a thread by that. */
  readonly under: string;
}

export function readMention(body: unknown, verbs: readonly string[]): Mentioned | null {
  const read = Mention.safeParse(body);
  if (!read.success) return null;
  const { event, event_id: id, team_id: team, authorizations } = read.data;
  const { channel, ts, thread_ts: thread } = event;
  return {
    under: thread ?? ts,
    said: readMentioned(event.text, { verbs, us: authorizations?.[0]?.user_id }),
    wish: {
      id: `mention:${id}`,
      speaker: { user: event.user, team: event.user_team ?? team },
      place: { channel, ...(thread === undefined ? {} : { thread }) },
    },
  };
}
