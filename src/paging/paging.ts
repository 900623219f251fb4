import type { PagingDoor } from '../doors.ts';
import { pageByPagerDuty } from './pagerduty.ts';
import { RETRY_DELAYS_MS } from './sending.ts';
import { pageByWebhook } from './webhook.ts';

export interface PagingSetup {
  /** Where the keys and addresses are, by the names that the configuration gives. */
  readonly env: Readonly<Record<string, string>>;
  readonly pagerDutyUrl: string;
  readonly retryDelaysMs?: readonly number[];
}

/** Calls people outside Slack. Whatever happens is an outcome in plain words, without any key. */
export function paging({
  env,
  pagerDutyUrl,
  retryDelaysMs = RETRY_DELAYS_MS,
}: PagingSetup): PagingDoor {
  return {
    async page(page) {
      const name = page.address.kind === 'pagerduty' ? page.address.keyEnv : page.address.urlEnv;
      const secret = env[name];
      if (secret === undefined || secret === '') {
        return {
          accepted: false,
          says: `Nobody was called: the environment variable ${name} is not set where Backout runs.`,
        };
      }
      return page.address.kind === 'pagerduty'
        ? pageByPagerDuty(page, { url: pagerDutyUrl, routingKey: secret, retryDelaysMs })
        : pageByWebhook(page, { url: secret, retryDelaysMs });
    },
  };
}
