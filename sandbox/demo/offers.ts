/** The buttons that stand in messages. */
import { objectAt, textAt } from '../slack/json.ts';
import { everythingToUse } from '../slack/people/finding.ts';
import type { StandInSlack } from '../slack/slack.ts';
import type { Message } from '../slack/state.ts';

export interface Button {
  readonly actionId: string;
  readonly label: string;
}

/** Buttons whose action begins with the verb. */
export function buttonsIn({ blocks = [] }: Message, verb: string): readonly Button[] {
  return everythingToUse(blocks).flatMap(({ element }) => {
    const actionId = textAt(element, 'action_id') ?? '';
    const isIt = actionId === verb || actionId.startsWith(`${verb}:`);
    return isIt ? [{ actionId, label: textAt(objectAt(element, 'text'), 'text') ?? verb }] : [];
  });
}

/** The newest message of the channel that has such a button. */
export function offering(
  slack: Pick<StandInSlack, 'messages'>,
  channel: string,
  verb: string,
): Message | undefined {
  return slack.messages(channel).findLast((message) => buttonsIn(message, verb).length > 0);
}
