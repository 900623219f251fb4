import { inTime } from '../deadline.ts';
import { answerText, type Route } from './route.ts';

/** PagerDuty gives up on an answer after five seconds. */
const RECEIVE_TIMEOUT_MS = 4_000;

export interface PagerDutyReaders {
  isSigned(delivery: {
    readonly signatures: string | undefined;
    readonly rawBody: Uint8Array;
  }): boolean;
  /** Resolves when what it says is stored, or is of no interest. */
  receive(rawBody: Uint8Array): Promise<void>;
}

/**
 * `/pagerduty/webhook`: who answered a page. A delivery that we cannot use is accepted all the same: three
 * refused ones in a row make PagerDuty stop delivering for a day.
 */
export function pagerDutyWebhook(readers: PagerDutyReaders): Route {
  return {
    method: 'POST',
    path: '/pagerduty/webhook',
    async handle({ headers, rawBody }) {
      if (!readers.isSigned({ signatures: headers['x-pagerduty-signature'], rawBody })) {
        return answerText(401, 'This is not signed with the secret of our webhook.');
      }
      // When it cannot be stored it fails, the answer is a 500, and PagerDuty delivers it again.
      await inTime(readers.receive(rawBody), RECEIVE_TIMEOUT_MS);
      return answerText(202, 'Accepted.');
    },
  };
}
