/** One message in Slack: claimed before it is posted, looked for when its answer was lost, updated when it changed. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { IncidentId } from '../../incident/names.ts';
import { canonicalJson, sha256 } from '../../incident/plan/plan.ts';
import type { Surface } from '../../store/surfaces.ts';
import { claimSurface, forgetSurface, surfaceDrawn } from '../../store/surfaces.ts';
import type { Drawn, Hand } from './hand.ts';
import { ask, DONE } from './hand.ts';
import type { Urgency } from '../pace.ts';
import type { Drawing } from '../views/drawing.ts';

const EVENT_TYPE = 'backout_surface';
/** Slack's clock and the store's need not agree. */
const CLOCKS_APART_SECONDS = 60;
const PAGE = 200;
const PAGES_MAX = 5;

/** Something is not there any more: the whole place, or the message that a thread hangs on. */
export type Missing = 'place' | 'parent';

export type Stroke = Drawn | { readonly state: 'missing'; readonly what: Missing };

export interface Placed {
  readonly incident: IncidentId;
  readonly drawing: Drawing;
  readonly channel: string;
  /** The message above, for a message in a thread. */
  readonly parentTs: string | null;
  readonly surface: Surface | undefined;
  readonly urgency: Urgency;
}

function hashOf({ text, blocks }: Pick<Drawing, 'text' | 'blocks'>): string {
  return sha256(canonicalJson({ text, blocks }));
}

/** Whether something has to be sent. What no longer holds is never posted anew. */
export function isBehind(drawing: Drawing, surface: Surface | undefined): boolean {
  if (surface === undefined) return drawing.over !== true;
  return surface.ts === null || surface.drawnHash !== hashOf(drawing);
}

export async function draw(hand: Hand, placed: Placed): Promise<Stroke> {
  const { surface, drawing } = placed;
  if (surface === undefined) return drawing.over === true ? DONE : post(hand, placed, null);
  if (surface.ts !== null) return update(hand, placed, surface.ts);
  return find(hand, placed, surface);
}

const GONE_PLACES: readonly string[] = [
  'channel_not_found',
  'not_in_channel',
  'is_archived',
  'is_inactive',
  'restricted_action',
  'restricted_action_read_only_channel',
  'restricted_action_thread_only_channel',
  'messages_tab_disabled',
];
const GONE_MESSAGES: readonly string[] = [
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
];

const Posted = z.object({ ts: z.string() });

async function update(hand: Hand, placed: Placed, ts: string): Promise<Stroke> {
  const { drawing, channel, urgency } = placed;
  const { text, blocks } = drawing;
  const updated = await ask(hand, {
    method: 'chat.update',
    channel,
    args: { channel, ts, text, blocks },
    shape: Posted,
    urgency,
  });
  if (updated.state === 'later') return updated;
  if (updated.state === 'done') {
    await surfaceDrawn(hand.store, keyOf(placed), { ts, hash: hashOf(drawing) });
    return DONE;
  }
  if (GONE_MESSAGES.includes(updated.error)) {
    await forgetSurface(hand.store, keyOf(placed));
    return drawing.over === true ? DONE : { state: 'later', waitMs: 0 };
  }
  return refused(hand, placed, updated);
}

/** The claim is in the store before Slack is asked; it is taken back when Slack surely did not post. */
async function post(hand: Hand, placed: Placed, claimed: Surface | null): Promise<Stroke> {
  const { drawing, channel, parentTs, urgency, incident } = placed;
  const waitMs = hand.pace.look({ method: 'chat.postMessage', channel }, urgency);
  if (waitMs > 0) return { state: 'later', waitMs };
  const { nonce } =
    claimed ?? (await claimSurface(hand.store, { ...keyOf(placed), nonce: randomUUID() })).surface;
  const { text, blocks, key } = drawing;
  const posted = await ask(hand, {
    method: 'chat.postMessage',
    channel,
    args: {
      channel,
      text,
      blocks,
      ...(parentTs === null ? {} : { thread_ts: parentTs }),
      metadata: { event_type: EVENT_TYPE, event_payload: { incident, key, nonce } },
      unfurl_links: false,
      unfurl_media: false,
    },
    shape: Posted,
    urgency,
  });
  if (posted.state === 'done') {
    await surfaceDrawn(hand.store, keyOf(placed), { ts: posted.value.ts, hash: hashOf(drawing) });
    return DONE;
  }
  if (posted.state === 'later' && posted.mayBeDone) return posted;
  await forgetSurface(hand.store, keyOf(placed));
  return posted.state === 'later' ? posted : refused(hand, placed, posted);
}

function refused(
  hand: Hand,
  { incident, drawing }: Placed,
  { error, details }: { readonly error: string; readonly details: string },
): Stroke {
  if (GONE_PLACES.includes(error)) return { state: 'missing', what: 'place' };
  if (error === 'thread_not_found') return { state: 'missing', what: 'parent' };
  const { key } = drawing;
  hand.log.error({ incident, key, error, details }, 'Slack refused a message');
  return { state: 'failed', error };
}

const Messages = z.object({
  messages: z.array(
    z.object({
      ts: z.string(),
      metadata: z
        .object({
          event_type: z.string(),
          event_payload: z.object({ nonce: z.string().optional() }).optional(),
        })
        .optional(),
    }),
  ),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

/** It was claimed, and nobody knows whether it was posted: it is looked for by what only it carries. */
async function find(hand: Hand, placed: Placed, surface: Surface): Promise<Stroke> {
  const { channel, parentTs } = placed;
  const oldest = surface.claimedAt.getTime() / 1_000 - CLOCKS_APART_SECONDS;
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const read = await ask(hand, {
      method: parentTs === null ? 'conversations.history' : 'conversations.replies',
      channel,
      args: {
        channel,
        ...(parentTs === null ? {} : { ts: parentTs }),
        oldest: oldest.toFixed(6),
        include_all_metadata: true,
        limit: PAGE,
        ...(cursor === '' ? {} : { cursor }),
      },
      shape: Messages,
      urgency: placed.urgency,
    });
    if (read.state === 'later') return read;
    // Better twice than not at all.
    if (read.state === 'refused') break;
    const found = read.value.messages.find(
      ({ metadata }) =>
        metadata?.event_type === EVENT_TYPE && metadata.event_payload?.nonce === surface.nonce,
    );
    if (found !== undefined) {
      // What it shows is not known, so it is drawn again.
      await surfaceDrawn(hand.store, keyOf(placed), { ts: found.ts, hash: 'unknown' });
      return { state: 'later', waitMs: 0 };
    }
    cursor = read.value.response_metadata?.next_cursor ?? '';
    if (cursor === '') break;
  }
  if (placed.drawing.over !== true) return post(hand, placed, surface);
  await forgetSurface(hand.store, keyOf(placed));
  return DONE;
}

function keyOf({
  incident,
  drawing,
  channel,
}: Placed): Pick<Surface, 'incident' | 'key' | 'channel'> {
  return { incident, key: drawing.key, channel };
}
