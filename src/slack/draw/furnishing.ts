/** What belongs to an incident's channel beside its messages: its people, its topic, its pin, and its end. */
import { z } from 'zod';
import { event } from '../../incident/events.ts';
import type { Incident } from '../../incident/incident.ts';
import { sha256 } from '../../incident/plan/plan.ts';
import type { Target } from '../../incident/target.ts';
import { cutTo } from '../../incident/text.ts';
import type { Surface } from '../../store/surfaces.ts';
import { claimSurface, surfaceDrawn } from '../../store/surfaces.ts';
import type { Drawn, Hand } from './hand.ts';
import { ask, DONE, note } from './hand.ts';
import type { People } from '../views/drawing.ts';
import { Nothing } from '../web.ts';

const TOPIC_LENGTH_MAX = 250;
const INVITED_AT_ONCE = 30;
/** Of things that are no message: there is no moment at which Slack posted them. */
export const NO_TS = '0';

export interface Room {
  readonly incident: Incident;
  readonly target: Target;
  readonly people: People;
  readonly channel: string;
  readonly surfaces: readonly Surface[];
}

/** Done once for each state of it, and written down as if it were a message. */
export interface Furniture {
  readonly key: 'people' | 'topic' | 'pin';
  readonly hash: string;
  readonly put: (hand: Hand) => Promise<Drawn>;
}

/** What is not yet as it has to be. */
export function missingFurniture(room: Room): readonly Furniture[] {
  const all = [peopleIn(room), topicOf(room), ...pinOf(room)];
  return all.filter(({ key, hash }) => surfaceOf(room, key)?.drawnHash !== hash);
}

export function surfaceOf({ surfaces, channel }: Room, key: string): Surface | undefined {
  return surfaces.find((one) => one.key === key && one.channel === channel);
}

export async function putFurniture(
  hand: Hand,
  room: Room,
  { key, hash, put }: Furniture,
): Promise<Drawn> {
  const drawn = await put(hand);
  // Refused for good is written down as well: asking again would not change it.
  if (drawn.state === 'later') return drawn;
  const place = { incident: room.incident.id, key, channel: room.channel };
  await claimSurface(hand.store, { ...place, nonce: key });
  await surfaceDrawn(hand.store, place, { ts: NO_TS, hash });
  if (drawn.state === 'failed') {
    hand.log.warn({ incident: room.incident.id, key, error: drawn.error }, 'Slack refused');
  }
  return DONE;
}

/** Whoever opened it and everybody in a role, with all their accounts. */
function invitedTo({ incident, target, people }: Room): readonly string[] {
  const ids = [
    incident.openedBy,
    ...Object.values(target.roles).flatMap((role) => role?.people ?? []),
  ];
  const accounts = ids.flatMap((id) => people[id]?.slack ?? [id.replace(/^slack:/, '')]);
  return [...new Set(accounts)].filter((one) => /^[UW][A-Z0-9]+$/.test(one));
}

function peopleIn(room: Room): Furniture {
  const users = invitedTo(room);
  return {
    key: 'people',
    hash: sha256(users.join(',')),
    put: async (hand) => {
      const missing: string[] = [];
      for (let from = 0; from < users.length; from += INVITED_AT_ONCE) {
        const invited = await invite(hand, room, users.slice(from, from + INVITED_AT_ONCE));
        if (invited.state === 'later') return invited;
        missing.push(...invited.missing);
      }
      const { channel } = room;
      await note(hand, {
        id: room.incident.id,
        target: room.target,
        event: event('people-invited', { channel, count: users.length, missing }),
        fits: (now) => now.channel.state === 'open' && now.channel.id === channel,
      });
      return DONE;
    },
  };
}

type Invited =
  | Extract<Drawn, { state: 'later' }>
  | { readonly state: 'done'; readonly missing: readonly string[] };

/** With `force`, Slack takes those that can come and names the others. */
const Asked = z.object({
  errors: z
    .array(z.object({ user: z.string(), error: z.string() }))
    .optional()
    .catch(undefined),
});
const THERE: readonly string[] = ['already_in_channel', 'cant_invite_self'];

/** One who cannot come does not keep the others out. */
async function invite(hand: Hand, room: Room, users: readonly string[]): Promise<Invited> {
  const { channel, incident } = room;
  const invited = await ask(hand, {
    method: 'conversations.invite',
    channel,
    args: { channel, users: users.join(','), force: true },
    shape: Asked,
    urgency: 'urgent',
  });
  if (invited.state === 'later') return invited;
  if (invited.state === 'done') {
    const { errors = [] } = invited.value;
    const missing = errors.filter((one) => !THERE.includes(one.error)).map((one) => one.user);
    return { state: 'done', missing };
  }
  if (users.length === 1) {
    if (THERE.includes(invited.error)) return { state: 'done', missing: [] };
    const { error } = invited;
    hand.log.warn({ incident: incident.id, user: users[0], error }, 'could not be invited');
    return { state: 'done', missing: users };
  }
  const missing: string[] = [];
  for (const user of users) {
    const one = await invite(hand, room, [user]);
    if (one.state === 'later') return one;
    missing.push(...one.missing);
  }
  return { state: 'done', missing };
}

function topicOf({ incident, target, channel }: Room): Furniture {
  const whole = `${incident.id} · rollback of ${target.name} (${target.environment}) · ${incident.sentence}`;
  const topic = cutTo(whole.replaceAll(/[<>&\s]+/g, ' '), TOPIC_LENGTH_MAX);
  return {
    key: 'topic',
    hash: sha256(topic),
    put: (hand) => tell(hand, 'conversations.setTopic', { channel, topic }),
  };
}

function pinOf(room: Room): readonly Furniture[] {
  const { channel } = room;
  const card = surfaceOf(room, 'card')?.ts;
  if (card === undefined || card === null) return [];
  return [
    {
      key: 'pin',
      hash: sha256(card),
      put: (hand) => tell(hand, 'pins.add', { channel, timestamp: card }, ['already_pinned']),
    },
  ];
}

async function tell(
  hand: Hand,
  method: string,
  args: Readonly<Record<string, string>>,
  fine: readonly string[] = [],
): Promise<Drawn> {
  const told = await ask(hand, { method, channel: args['channel'] ?? '', args, shape: Nothing });
  if (told.state !== 'refused') return told;
  return fine.includes(told.error) ? DONE : { state: 'failed', error: told.error };
}

/** The last thing that happens to a channel. */
export async function archive(hand: Hand, room: Room): Promise<Drawn> {
  const { channel, incident, target } = room;
  const archived = await ask(hand, {
    method: 'conversations.archive',
    channel,
    args: { channel },
    shape: Nothing,
  });
  if (archived.state === 'later') return archived;
  const isGone = ['already_archived', 'is_archived', 'channel_not_found'];
  if (archived.state === 'refused' && !isGone.includes(archived.error)) {
    const { error } = archived;
    hand.log.warn({ incident: incident.id, error }, 'the channel could not be archived');
    return { state: 'failed', error };
  }
  await note(hand, {
    id: incident.id,
    target,
    event: event('channel-archived', { channel }),
    fits: (now) => now.channel.state === 'open',
  });
  return DONE;
}
