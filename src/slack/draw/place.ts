/** Where an incident is drawn: its own channel, or where it was started, or the home channel. */
import type { Channel, Incident } from '../../incident/incident.ts';
import { isOpen } from '../../incident/incident.ts';
import type { Surface } from '../../store/surfaces.ts';
import type { Drawing } from '../views/drawing.ts';
import { lines } from '../views/parts.ts';
import { escaped } from '../views/render.ts';

export interface Places {
  /** Of a private target nothing is drawn where others read along. */
  readonly isPrivate: boolean;
  readonly homeChannel?: string | undefined;
  /** `INC-1 C0TALK`: places that are no channel of ours where we may speak. */
  readonly unusable: ReadonlySet<string>;
}

const ANY_PLACE = /^[CDG][A-Z0-9]+$/;
const DIRECT_MESSAGE = /^D[A-Z0-9]+$/;

/** Null while its channel is being made, or when there is no place at all. */
export function placeOf(
  { isPrivate, homeChannel, unusable }: Places,
  { id, channel, saidIn, closed }: Incident,
): string | null {
  if (channel.state === 'open') return channel.id;
  if (channel.state === 'archived') return null;
  // Closed before it had a channel, it gets none any more.
  if (channel.state !== 'failed' && closed === undefined) return null;
  const others = [saidIn, homeChannel].filter((one) => one !== undefined);
  const where = isPrivate ? DIRECT_MESSAGE : ANY_PLACE;
  const usable = others.find((one) => where.test(one) && !unusable.has(`${id} ${one}`));
  return usable ?? null;
}

const NO_CHANNEL = 'no-channel';

/** Said where the incident lives instead. */
export function noChannel({ id, channel }: Incident): readonly Drawing[] {
  if (channel.state !== 'failed') return [];
  const goesOn =
    channel.trying === undefined ? '' : ' It goes on being tried; this moves there once it works.';
  const text = `*${id}* has no channel of its own. ${escaped(channel.why)}${goesOn}\nIt is shown here, and everything works here: \`/rollback\` tells what.`;
  return [still(NO_CHANNEL, text)];
}

const MOVED = /^(card|no-channel|ask:.*|section-\d+)$/;

/** What was drawn elsewhere before there was a channel now says where it is. */
export function moved(
  { id, channel }: Incident,
  { surfaces, unusable }: { readonly surfaces: readonly Surface[] } & Pick<Places, 'unusable'>,
): readonly { readonly drawing: Drawing; readonly surface: Surface }[] {
  if (channel.state !== 'open') return [];
  return surfaces
    .filter((one) => one.channel !== channel.id && !unusable.has(`${id} ${one.channel}`))
    .filter((one) => MOVED.test(one.key))
    .map((surface) => ({
      drawing: {
        ...still(surface.key, `*${id}* has moved: it is in ${linkTo(channel)} now.`),
        over: true,
      },
      surface,
    }));
}

function linkTo(channel: Extract<Channel, { state: 'open' }>): string {
  return /^[CG][A-Z0-9]+$/.test(channel.id) ? `<#${channel.id}>` : `#${channel.name}`;
}

function still(key: string, text: string): Drawing {
  return { key, kind: 'card', where: 'incident', text, blocks: [...lines([text])] };
}

/** Of an incident that was over before it had a place, only how it ended is left to be said. */
export function isOfInterest({ channel, ...incident }: Incident, { key }: Drawing): boolean {
  const hadNone = channel.state === 'none' || channel.state === 'claimed';
  return isOpen({ channel, ...incident }) || !hadNone || ['card', 'announcement'].includes(key);
}
