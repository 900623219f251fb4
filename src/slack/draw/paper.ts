/** The post-mortem, as a file in the channel. */
import { z } from 'zod';
import { sha256 } from '../../incident/plan.ts';
import type { Surface } from '../../store/surfaces.ts';
import { claimSurface, surfaceDrawn } from '../../store/surfaces.ts';
import type { Room } from './furnishing.ts';
import { NO_TS, surfaceOf } from './furnishing.ts';
import type { Drawn, Hand } from './hand.ts';
import { ask, DONE } from './hand.ts';
import { Nothing } from '../web.ts';

const Ticket = z.object({ upload_url: z.string(), file_id: z.string() });
const Files = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ name: z.string() })).optional() })),
});
const FILE_KEY = 'post-mortem';
const UPLOAD_TIMEOUT_MS = 10_000;
const LOOK_BACK_SECONDS = 60;

export interface Paper {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export function hasPaper(room: Room): boolean {
  return surfaceOf(room, FILE_KEY)?.ts === NO_TS;
}

/** A file into the channel, once: claimed before, and looked for when an earlier answer was lost. */
export async function upload(hand: Hand, room: Room, paper: Paper): Promise<Drawn> {
  const { channel, incident } = room;
  const place = { incident: incident.id, key: FILE_KEY, channel };
  const { surface, fresh } = await claimSurface(hand.store, { ...place, nonce: FILE_KEY });
  const isThere = fresh ? false : await lookForFile(hand, { channel, surface, name: paper.name });
  if (typeof isThere !== 'boolean') return isThere;
  if (!isThere) {
    const sent = await send(hand, channel, paper);
    if (sent.state === 'later') return sent;
    if (sent.state === 'failed') {
      hand.log.error({ incident: incident.id, error: sent.error }, 'no post-mortem in Slack');
    }
  }
  await surfaceDrawn(hand.store, place, { ts: NO_TS, hash: sha256(paper.text) });
  return DONE;
}

async function lookForFile(
  hand: Hand,
  given: { readonly channel: string; readonly surface: Surface; readonly name: string },
): Promise<boolean | Extract<Drawn, { state: 'later' }>> {
  const { channel, surface, name } = given;
  const oldest = surface.claimedAt.getTime() / 1_000 - LOOK_BACK_SECONDS;
  const read = await ask(hand, {
    method: 'conversations.history',
    channel,
    args: { channel, oldest: oldest.toFixed(6), limit: 100 },
    shape: Files,
  });
  if (read.state === 'later') return read;
  if (read.state === 'refused') return false;
  return read.value.messages.some(({ files }) => files?.some((one) => one.name === name) ?? false);
}

async function send(hand: Hand, channel: string, { name, title, text }: Paper): Promise<Drawn> {
  const bytes = Buffer.from(text);
  const asked = await ask(hand, {
    method: 'files.getUploadURLExternal',
    channel,
    args: { filename: name, length: bytes.byteLength },
    shape: Ticket,
  });
  if (asked.state === 'later') return asked;
  if (asked.state === 'refused') return { state: 'failed', error: asked.error };
  const { upload_url: address, file_id: id } = asked.value;
  if (!(await sendBytes(address, bytes))) return { state: 'later', waitMs: 1_000 };
  const completed = await ask(hand, {
    method: 'files.completeUploadExternal',
    channel,
    args: { files: [{ id, title }], channel_id: channel, initial_comment: title },
    shape: Nothing,
  });
  if (completed.state !== 'refused') return completed;
  return { state: 'failed', error: completed.error };
}

async function sendBytes(address: string, bytes: Buffer): Promise<boolean> {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      body: new Uint8Array(bytes),
      signal: AbortSignal.timeout(UPLOAD_TIMEOUT_MS),
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}
