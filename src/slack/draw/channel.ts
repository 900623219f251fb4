/** The incident's own channel: claimed in the store first, made once, and ours only if we made it. */
import { z } from 'zod';
import { event } from '../../incident/events.ts';
import type { Channel, Incident } from '../../incident/incident.ts';
import type { Target } from '../../incident/target.ts';
import type { Hand } from './hand.ts';
import { ask, note } from './hand.ts';

const NAME_LENGTH_MAX = 80;
const SUFFIX_LENGTH = 3;
const NAMES_TRIED_MAX = 9;
const PATIENCE_MS = 90_000;
/** Slack's clock and the store's need not agree. */
const CLOCKS_APART_MS = 10_000;
const PAGE = 200;
const PAGES_MAX = 10;

/** `inc-42-auth`: lower-case letters, digits, hyphens and underscores, at most 80. */
export function channelName({ id, target }: Pick<Incident, 'id' | 'target'>): string {
  const plain = `${id}-${target}`
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/-+$/, '');
  return plain.slice(0, NAME_LENGTH_MAX - SUFFIX_LENGTH);
}

/** `inc-42-auth` → `inc-42-auth-2` → `inc-42-auth-3`; null when that was tried often enough. */
export function nextName(first: string, taken: string): string | null {
  const tried = taken === first ? 1 : Number(taken.slice(first.length + 1));
  return tried < NAMES_TRIED_MAX ? `${first}-${tried + 1}` : null;
}

export type Made =
  /** The incident as it is now: with a channel, or with the reason why there is none. */
  | { readonly state: 'settled'; readonly incident: Incident }
  | { readonly state: 'later'; readonly incident: Incident; readonly waitMs: number };

/** One step towards a channel; the store knows each of them, so that any process can go on from there. */
export async function makeChannel(
  hand: Hand,
  given: { readonly incident: Incident; readonly target: Target; readonly now: Date },
): Promise<Made> {
  const { incident, target, now } = given;
  if (incident.channel.state === 'none') {
    const claimed = await claim(hand, { incident, target, name: channelName(incident) });
    return claimed.channel.state === 'claimed'
      ? makeChannel(hand, { ...given, incident: claimed })
      : { state: 'settled', incident: claimed };
  }
  if (incident.channel.state !== 'claimed') return { state: 'settled', incident };
  const { channel } = incident;
  if (now.getTime() - Date.parse(channel.at) > PATIENCE_MS) {
    return failed(hand, given, 'Slack did not answer in a minute and a half.');
  }
  const created = await ask(hand, {
    method: 'conversations.create',
    channel: '',
    args: { name: channel.name, is_private: channel.isPrivate },
    shape: z.object({ channel: z.object({ id: z.string() }) }),
    urgency: 'urgent',
  });
  if (created.state === 'later') return { state: 'later', incident, waitMs: created.waitMs };
  if (created.state === 'done') return opened(hand, given, created.value.channel.id);
  if (created.error !== 'name_taken') return failed(hand, given, sayWhy(created.error));
  return afterTaken(hand, given, channel);
}

interface Making {
  readonly incident: Incident;
  readonly target: Target;
  readonly now: Date;
}
type Claimed = Extract<Channel, { state: 'claimed' }>;

/** Somebody has a channel of that name: we, when the answer to our own making was lost; or others. */
async function afterTaken(hand: Hand, making: Making, channel: Claimed): Promise<Made> {
  const { incident, target } = making;
  const ours = await findOurs(hand, channel);
  if (ours.state === 'later') return { state: 'later', incident, waitMs: ours.waitMs };
  if (ours.id !== null) return opened(hand, making, ours.id);
  const name = nextName(channelName(incident), channel.name);
  if (name === null) return failed(hand, making, 'All its names are taken.');
  const again = await claim(hand, { incident, target, name });
  return { state: 'later', incident: again, waitMs: 0 };
}

async function claim(
  hand: Hand,
  given: { readonly incident: Incident; readonly target: Target; readonly name: string },
): Promise<Incident> {
  const { incident, target, name } = given;
  const before = incident.channel;
  const claimed = event('channel-claimed', { name, isPrivate: target.privateChannel });
  const after = await note(hand, {
    id: incident.id,
    target,
    event: claimed,
    fits: ({ channel }) =>
      channel.state === 'none' ||
      (channel.state === 'claimed' && before.state === 'claimed' && channel.name === before.name),
  });
  return after ?? incident;
}

async function opened(hand: Hand, { incident, target }: Making, id: string): Promise<Made> {
  const name = incident.channel.state === 'claimed' ? incident.channel.name : '';
  const after = await note(hand, {
    id: incident.id,
    target,
    event: event('channel-opened', { channel: id, name }),
    fits: ({ channel }) => channel.state === 'claimed',
  });
  return { state: 'settled', incident: after ?? incident };
}

async function failed(hand: Hand, { incident, target }: Making, why: string): Promise<Made> {
  hand.log.warn({ incident: incident.id, why }, 'an incident has no channel of its own');
  const after = await note(hand, {
    id: incident.id,
    target,
    event: event('channel-failed', { why }),
    fits: ({ channel }) => channel.state === 'claimed',
  });
  return { state: 'settled', incident: after ?? incident };
}

const REASONS: Readonly<Record<string, string>> = {
  restricted_action: 'This workspace does not let apps make channels.',
  missing_scope: 'The app may not make channels: it lacks channels:manage or groups:write.',
  cannot_create_channel: 'Slack cannot make this channel.',
};

function sayWhy(error: string): string {
  return REASONS[error] ?? `Slack refused (${error}).`;
}

const Channels = z.object({
  channels: z.array(
    z.object({ id: z.string(), name: z.string(), creator: z.string(), created: z.number() }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

type Found =
  | { readonly state: 'looked'; readonly id: string | null }
  | { readonly state: 'later'; readonly waitMs: number };

/** Among the channels that we are in: whoever makes a channel is in it. Private ones of others are not seen at all. */
async function findOurs(hand: Hand, { name, at }: Claimed): Promise<Found> {
  const { botUser } = await hand.whoAreWe();
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const listed = await ask(hand, {
      method: 'users.conversations',
      channel: '',
      args: {
        types: 'public_channel,private_channel',
        exclude_archived: true,
        limit: PAGE,
        ...(cursor === '' ? {} : { cursor }),
      },
      shape: Channels,
      urgency: 'urgent',
    });
    if (listed.state === 'later') return listed;
    if (listed.state === 'refused') return { state: 'looked', id: null };
    const ours = listed.value.channels.find(
      (one) =>
        one.name === name &&
        one.creator === botUser &&
        one.created * 1_000 >= Date.parse(at) - CLOCKS_APART_MS,
    );
    if (ours !== undefined) return { state: 'looked', id: ours.id };
    cursor = listed.value.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return { state: 'looked', id: null };
}
