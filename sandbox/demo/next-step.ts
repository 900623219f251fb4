/** Between stories: what is so in the demo, and what somebody can do next. */
import type { StandInSlack } from '../slack/slack.ts';
import type { Lock } from './lock.ts';
import { offering } from './offers.ts';
import { HOME_CHANNEL } from './workspace.ts';

export function whatNow(
  slack: Pick<StandInSlack, 'channels' | 'messages'>,
  { lock, isWell }: { readonly lock: Lock | null; readonly isWell: boolean },
): string {
  if (lock === null) return 'Backout does not answer right now.';
  if (!lock.locked) {
    return isWell
      ? 'People can log in. Break it again to play once more.'
      : 'People cannot log in. Type /rollback start, or watch it being done.';
  }
  const incident = lock.incident ?? 'An incident';
  const channel = newestIncident(slack);
  if (channel === undefined) return `${incident} is open. Its channel is being made.`;
  const where = `#${channel.name}`;
  const offers = (verb: string): boolean => offering(slack, channel.id, verb) !== undefined;
  if (isWell) return `People can log in again. Close ${incident} in ${where}, then break it again.`;
  if (offers('approve')) {
    return `A plan waits in ${where}: be each of its two approvers, and approve.`;
  }
  return `${incident} is open in ${where}: the card at its top says what is next.`;
}

function newestIncident(
  slack: Pick<StandInSlack, 'channels'>,
): ReturnType<StandInSlack['channels']>[number] | undefined {
  return slack.channels().findLast(({ id, name, isArchived }) => {
    return id !== HOME_CHANNEL && name.startsWith('inc-') && !isArchived;
  });
}
