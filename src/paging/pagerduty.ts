import { z } from 'zod';
import { mask } from '../programs/mask.ts';
import { cutDetails, cutSummary, type Page, type PageOutcome } from './page.ts';
import { send } from './sending.ts';

const REASON_CHARACTERS_MAX = 300;

export interface PagerDutySetup {
  /** For example `https://events.pagerduty.com`. */
  readonly url: string;
  readonly routingKey: string;
  readonly retryDelaysMs: readonly number[];
}

/** Triggers an event by PagerDuty's Events API v2. */
export async function pageByPagerDuty(page: Page, setup: PagerDutySetup): Promise<PageOutcome> {
  const sent = await send({
    url: `${setup.url.replace(/\/+$/, '')}/v2/enqueue`,
    retryDelaysMs: setup.retryDelaysMs,
    signal: page.signal,
    body: {
      routing_key: setup.routingKey,
      event_action: 'trigger',
      dedup_key: page.dedupKey,
      client: 'Backout',
      payload: {
        summary: cutSummary(page.summary),
        source: page.source,
        severity: page.severity,
        custom_details: cutDetails(page.details),
      },
      ...(page.link === undefined
        ? {}
        : { client_url: page.link, links: [{ href: page.link, text: 'The incident' }] }),
    },
  });
  if (sent.state === 'stopped') {
    return no('PagerDuty had not answered when we stopped waiting. The call may have arrived.');
  }
  if (sent.state === 'silent') {
    return no(`PagerDuty ${sent.say}, also when asked again. The call may have arrived.`);
  }
  if (sent.state === 'unusable') return no(`PagerDuty ${sent.say}. Correct PAGERDUTY_URL.`);
  if (sent.status === 202) {
    return {
      accepted: true,
      says: 'PagerDuty accepted the call (202). Accepted does not mean that a phone rang.',
    };
  }
  const reason = mask(reasonIn(sent.body), [setup.routingKey]);
  if (sent.status === 429 || sent.status >= 500) {
    return no(
      `PagerDuty answered ${sent.status}, also when asked again, and took no call${reason}.`,
    );
  }
  return no(`PagerDuty refused the call (${sent.status})${reason}.`);
}

function no(says: string): PageOutcome {
  return { accepted: false, says };
}

const Refusal = z.object({
  message: z.string().optional(),
  errors: z.array(z.string()).optional(),
});

/** What PagerDuty gives as its reasons, as the end of a sentence. */
function reasonIn(body: string): string {
  const refusal = Refusal.safeParse(parsed(body));
  if (!refusal.success) return '';
  const reasons = [refusal.data.message, ...(refusal.data.errors ?? [])]
    .filter((reason) => reason !== undefined)
    .map((reason) => reason.replaceAll(/\s+/g, ' ').replace(/[.\s]+$/, ''));
  return reasons.length === 0 ? '' : `: ${reasons.join('; ')}`.slice(0, REASON_CHARACTERS_MAX);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
