import { cutDetails, cutSummary, type Page, type PageOutcome } from './page.ts';
import { send } from './sending.ts';

export interface WebhookSetup {
  /** A secret like a key: never shown. */
  readonly url: string;
  readonly retryDelaysMs: readonly number[];
}

/** Posts the call to an address of the team's own. The receiver tells repetitions by `dedup_key`. */
export async function pageByWebhook(page: Page, setup: WebhookSetup): Promise<PageOutcome> {
  const sent = await send({
    url: setup.url,
    retryDelaysMs: setup.retryDelaysMs,
    signal: page.signal,
    body: {
      incident: page.incident ?? null,
      role: page.role ?? null,
      summary: cutSummary(page.summary),
      dedup_key: page.dedupKey,
      source: page.source,
      severity: page.severity,
      details: cutDetails(page.details),
      link: page.link ?? null,
    },
  });
  if (sent.state === 'stopped') {
    return no('The webhook had not answered when we stopped waiting. The call may have arrived.');
  }
  if (sent.state === 'silent') {
    return no(`The webhook ${sent.say}, also when asked again. The call may have arrived.`);
  }
  if (sent.state === 'unusable') return no(`The webhook ${sent.say}. Correct its variable.`);
  if (sent.status >= 200 && sent.status <= 299) {
    return {
      accepted: true,
      says: `The webhook took the call (${sent.status}). That does not mean that anybody has seen it.`,
    };
  }
  if (sent.status >= 300 && sent.status <= 399) {
    return no(
      `The webhook answered ${sent.status}, a redirect, which is not followed. Correct its address.`,
    );
  }
  return no(`The webhook refused the call (${sent.status}).`);
}

function no(says: string): PageOutcome {
  return { accepted: false, says };
}
