/** The post-mortem, as a file in the channel, or as text when there can be no file. */
import { z } from 'zod';
import type { IncidentId } from '../../incident/names.ts';
import { sha256 } from '../../incident/plan/plan.ts';
import type { Surface } from '../../store/surfaces.ts';
import { claimSurface, surfaceDrawn, surfacesOf } from '../../store/surfaces.ts';
import type { Room } from './furnishing.ts';
import { NO_TS, surfaceOf } from './furnishing.ts';
import type { Drawn, Hand } from './hand.ts';
import { ask, DONE } from './hand.ts';
import { draw, isBehind } from './surface.ts';
import type { Drawing } from '../views/drawing.ts';
import { lines } from '../views/parts.ts';
import { escaped, fenced, fitting } from '../views/render.ts';
import { Nothing } from '../web.ts';

const Ticket = z.object({ upload_url: z.string(), file_id: z.string() });
const Files = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ name: z.string() })).optional() })),
});
const FILE_KEY = 'post-mortem';
const UPLOAD_TIMEOUT_MS = 10_000;
const LOOK_BACK_SECONDS = 60;
/** Of an address for the file that does not answer. */
const TRIES_MAX = 5;
/** Escaping makes it longer, and a block holds 3,000. */
const PIECE_LENGTH_MAX = 2_000;
const PIECES_MAX = 12;
const TEXT_MAX = 600;

export interface Paper {
  readonly name: string;
  readonly title: string;
  readonly text: string;
}

export function hasPaper(room: Room): boolean {
  return surfaceOf(room, FILE_KEY)?.ts === NO_TS;
}

/** How often a file did not get through, by incident; after a while it is said in messages instead. */
export type Uploads = Map<IncidentId, number>;

/** A file into the channel, once; if Slack will not have it, its text, in messages. */
export async function putPaper(
  hand: Hand,
  room: Room,
  { paper, uploads }: { readonly paper: Paper; readonly uploads: Uploads },
): Promise<Drawn> {
  const { channel, incident } = room;
  const place = { incident: incident.id, key: FILE_KEY, channel };
  const tries = uploads.get(incident.id) ?? 0;
  const sent =
    tries < TRIES_MAX
      ? await upload(hand, room, paper)
      : ({ state: 'failed', error: 'the file does not get through' } as const);
  if (sent.state === 'later') {
    if (sent.isLost === true) uploads.set(incident.id, tries + 1);
    return sent;
  }
  if (sent.state === 'failed') {
    hand.log.warn({ incident: incident.id, error: sent.error }, 'no file of the post-mortem');
    const said = await sayPaper(hand, room, paper, sent.error);
    if (said.state === 'later') return said;
    if (said.state === 'failed') {
      hand.log.error({ incident: incident.id, error: said.error }, 'no post-mortem in Slack');
    }
  }
  await claimSurface(hand.store, { ...place, nonce: FILE_KEY });
  await surfaceDrawn(hand.store, place, { ts: NO_TS, hash: sha256(paper.text) });
  return DONE;
}

type Sent =
  | Exclude<Drawn, { state: 'later' }>
  | (Extract<Drawn, { state: 'later' }> & { readonly isLost?: true });

/** Claimed before, and looked for when an earlier answer was lost. */
async function upload(hand: Hand, room: Room, paper: Paper): Promise<Sent> {
  const { channel, incident } = room;
  const place = { incident: incident.id, key: FILE_KEY, channel };
  const { surface, fresh } = await claimSurface(hand.store, { ...place, nonce: FILE_KEY });
  const isThere = fresh ? false : await lookForFile(hand, { channel, surface, name: paper.name });
  if (typeof isThere !== 'boolean') return isThere;
  return isThere ? DONE : send(hand, channel, paper);
}

/** Each message is one that is drawn like any other, so that none comes twice. */
async function sayPaper(hand: Hand, room: Room, paper: Paper, error: string): Promise<Drawn> {
  const { channel, incident } = room;
  for (const drawing of paperDrawings(incident.id, paper, error)) {
    const surface = (await surfacesOf(hand.store, incident.id)).find(
      (one) => one.key === drawing.key && one.channel === channel,
    );
    if (!isBehind(drawing, surface)) continue;
    const said = await draw(hand, {
      incident: incident.id,
      drawing,
      channel,
      parentTs: null,
      surface,
      urgency: 'patient',
    });
    if (said.state === 'missing') return { state: 'failed', error: 'its channel is not there' };
    if (said.state !== 'done') return said;
  }
  return DONE;
}

function paperDrawings(id: IncidentId, { title, text }: Paper, error: string): readonly Drawing[] {
  const pieces = cutIntoLines(text, PIECE_LENGTH_MAX);
  const kept = pieces.slice(0, PIECES_MAX);
  const all = kept.length === pieces.length;
  const intro = `*${title}*, as text: it could not be uploaded as a file (${escaped(error)}).${all ? '' : ' Its beginning is here.'}
The whole of it: \`npm run backout -- history ${id}\`.`;
  const messages = [intro, ...kept.map((piece) => fenced(piece, PIECE_LENGTH_MAX * 2))];
  return messages.map((said, at) => ({
    key: `${FILE_KEY}-text-${at}`,
    kind: 'card',
    where: 'incident',
    text: fitting(at === 0 ? said : `${title}, part ${at}`, TEXT_MAX),
    blocks: [...lines([said])],
  }));
}

/** Pieces of whole lines; a line that is longer than a piece is cut. */
function cutIntoLines(text: string, max: number): readonly string[] {
  const short = text
    .split('\n')
    .flatMap((line) => line.match(new RegExp(`.{1,${max}}`, 'gu')) ?? ['']);
  return short.reduce<readonly string[]>((pieces, line) => {
    const last = pieces.at(-1);
    return last === undefined || last.length + line.length + 1 > max
      ? [...pieces, line]
      : [...pieces.slice(0, -1), `${last}\n${line}`];
  }, []);
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

async function send(hand: Hand, channel: string, { name, title, text }: Paper): Promise<Sent> {
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
  if (!(await sendBytes(address, bytes))) return { state: 'later', waitMs: 1_000, isLost: true };
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
