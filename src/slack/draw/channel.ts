/** The incident's own channel: claimed in the store first, made once, and ours only if we made it. */
import { z } from 'zod';
import type { EventData } from '../../incident/events.ts';
import { event } from '../../incident/events.ts';
import type { ChannelClaim, Incident } from '../../incident/incident.ts';
import { claimOf } from '../../incident/incident.ts';
import type { IncidentId } from '../../incident/names.ts';
import type { Target } from '../../incident/target.ts';
import type { Hand } from './hand.ts';
import { ask, note } from './hand.ts';

const NAME_LENGTH_MAX = 80;
const SUFFIX_LENGTH = 3;
const NAMES_TRIED_MAX = 9;
const PATIENCE_MS = 90_000;
/** While it lives elsewhere. */
const AGAIN_MS = 15_000;
const SILENT = 'Slack did not answer in a minute and a half.';
/** Slack's clock and the store's need not agree; the name and its maker say the rest. */
const CLOCKS_APART_MS = 5 * 60_000;
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

/** When this process began to try, and when it tries again; by its own clock, in milliseconds. */
export interface Attempts {
  readonly since: number;
  readonly next: number;
}

export type Made =
  /** The incident as it is now: with a channel, or with the reason why there is none. */
  | { readonly state: 'settled'; readonly incident: Incident }
  | { readonly state: 'later'; readonly incident: Incident; readonly waitMs: number };

interface Making {
  readonly incident: Incident;
  readonly target: Target;
  readonly attempts: Map<IncidentId, Attempts>;
  /** In milliseconds, never backwards. */
  readonly clock: () => number;
}

/** One step towards a channel; the store knows each of them, so that any process can go on from there. */
export async function makeChannel(hand: Hand, making: Making): Promise<Made> {
  const { incident, target, attempts, clock } = making;
  if (incident.channel.state === 'none') {
    const claimed = await claim(hand, { incident, target, name: channelName(incident) });
    return claimed.channel.state === 'claimed'
      ? makeChannel(hand, { ...making, incident: claimed })
      : { state: 'settled', incident: claimed };
  }
  const wanted = claimOf(incident.channel);
  if (wanted === undefined) return { state: 'settled', incident };
  const { since, next } = attempts.get(incident.id) ?? { since: clock(), next: clock() };
  const isFailed = incident.channel.state === 'failed';
  if (isFailed && clock() < next) return { state: 'settled', incident };
  const made = await attempt(hand, making, wanted);
  attempts.set(incident.id, { since, next: clock() + AGAIN_MS });
  if (made.state === 'settled') return made;
  // It lives elsewhere by then, and the next attempt is not waited for.
  if (isFailed) return { state: 'settled', incident: made.incident };
  if (clock() - since <= PATIENCE_MS) return made;
  return failed(hand, { ...making, incident: made.incident }, { why: SILENT, again: true });
}

async function attempt(hand: Hand, making: Making, wanted: ChannelClaim): Promise<Made> {
  const { incident } = making;
  const created = await ask(hand, {
    method: 'conversations.create',
    channel: '',
    args: { name: wanted.name, is_private: wanted.isPrivate },
    shape: z.object({ channel: z.object({ id: z.string() }) }),
    urgency: 'urgent',
  });
  if (created.state === 'later') return { state: 'later', incident, waitMs: created.waitMs };
  if (created.state === 'done') return opened(hand, making, created.value.channel.id);
  if (created.error !== 'name_taken') return failed(hand, making, { why: sayWhy(created.error) });
  return afterTaken(hand, making, wanted);
}

/** Somebody has a channel of that name: we, when the answer to our own making was lost; or others. */
async function afterTaken(hand: Hand, making: Making, wanted: ChannelClaim): Promise<Made> {
  const { incident, target } = making;
  const ours = await findOurs(hand, incident, wanted);
  if (ours.state === 'later') return { state: 'later', incident, waitMs: ours.waitMs };
  if (ours.id !== null) return opened(hand, making, ours.id);
  const name = nextName(channelName(incident), wanted.name);
  if (name === null) return failed(hand, making, { why: 'All its names are taken.' });
  const again = await claim(hand, { incident, target, name });
  return { state: 'later', incident: again, waitMs: 0 };
}

async function claim(
  hand: Hand,
  given: { readonly incident: Incident; readonly target: Target; readonly name: string },
): Promise<Incident> {
  const { incident, target, name } = given;
  const before = claimOf(incident.channel);
  const after = await note(hand, {
    id: incident.id,
    target,
    event: event('channel-claimed', { name, isPrivate: target.privateChannel }),
    fits: ({ channel }) =>
      channel.state === 'none' || (before !== undefined && claimOf(channel)?.name === before.name),
  });
  return after ?? incident;
}

async function opened(hand: Hand, { incident, target }: Making, id: string): Promise<Made> {
  const name = claimOf(incident.channel)?.name ?? '';
  const after = await note(hand, {
    id: incident.id,
    target,
    event: event('channel-opened', { channel: id, name }),
    fits: ({ channel }) => claimOf(channel) !== undefined,
  });
  return { state: 'settled', incident: after ?? incident };
}

async function failed(
  hand: Hand,
  { incident, target }: Making,
  how: EventData<'channel-failed'>,
): Promise<Made> {
  hand.log.warn({ incident: incident.id, why: how.why }, 'an incident has no channel of its own');
  const after = await note(hand, {
    id: incident.id,
    target,
    event: event('channel-failed', how),
    fits: ({ channel }) => claimOf(channel) !== undefined,
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
    z.object({
      id: z.string(),
      name: z.string().optional(),
      creator: z.string().optional(),
      created: z.number().optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

type Found =
  | { readonly state: 'looked'; readonly id: string | null }
  | { readonly state: 'later'; readonly waitMs: number };

/** Among the channels that we are in: whoever makes a channel is in it. Private ones of others are not seen at all. */
async function findOurs(
  hand: Hand,
  { openedAt }: Incident,
  { name }: ChannelClaim,
): Promise<Found> {
  const { botUser } = await hand.whoAreWe();
  const oldest = (Date.parse(openedAt) - CLOCKS_APART_MS) / 1_000;
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
      (one) => one.name === name && one.creator === botUser && (one.created ?? 0) >= oldest,
    );
    if (ours !== undefined) return { state: 'looked', id: ours.id };
    cursor = listed.value.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  return { state: 'looked', id: null };
}
