/** A list of messages, day by day. */
import type { Child } from '../draw/element.ts';
import { h } from '../draw/element.ts';
import { dayInWords, momentOf } from '../text/dates.ts';
import type { Message } from '../world/workspace.ts';
import { drawMessage } from './message.ts';
import type { Look } from './surfaces.ts';

const GOES_ON_SECONDS = 300;

function goesOn(before: Message | undefined, one: Message): boolean {
  if (before === undefined || before.user !== one.user || before.isPrivate) return false;
  return before.subtype === '' && Number(one.ts) - Number(before.ts) < GOES_ON_SECONDS;
}

export function messages(
  given: readonly Message[],
  how: { readonly channel: string; readonly isInThread: boolean },
  look: Look,
): readonly Child[] {
  const shown = given.filter(({ ts }) => !look.page.dismissed.includes(ts));
  return shown.flatMap((one, at): readonly Child[] => {
    const before = shown[at - 1];
    const day = dayInWords(momentOf(one.ts), look.names.now);
    const isNewDay =
      before === undefined || dayInWords(momentOf(before.ts), look.names.now) !== day;
    return [
      isNewDay && h('div', { class: 'day', key: `day ${day}` }, h('span', {}, day)),
      drawMessage(one, { ...how, goesOn: !isNewDay && goesOn(before, one) }, look),
    ];
  });
}
