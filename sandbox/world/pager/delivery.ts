import { createHmac, randomUUID } from 'node:crypto';

import type { Called } from './calls.ts';

const DELIVERY_TIMEOUT_MS = 5_000;

/** News that a person has answered, signed over its very bytes; false when nobody took it. */
export async function deliver(
  url: string,
  news: { readonly call: Called; readonly person: string; readonly secret: string },
): Promise<boolean> {
  const { call, person, secret } = news;
  const user = { id: `P${call.id.slice(0, 6)}`, type: 'user_reference', summary: person };
  const body = JSON.stringify({
    event: {
      id: randomUUID(),
      event_type: 'incident.acknowledged',
      resource_type: 'incident',
      occurred_at: new Date().toISOString(),
      agent: user,
      client: null,
      data: {
        id: call.id,
        type: 'incident',
        status: 'acknowledged',
        incident_key: call.dedupKey,
        title: call.summary,
        assignees: [user],
      },
    },
  });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-pagerduty-signature': `v1=${signature}` },
      body,
      signal: AbortSignal.timeout(DELIVERY_TIMEOUT_MS),
    });
    return response.ok;
  } catch {
    return false;
  }
}
