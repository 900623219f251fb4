/** What the pager accepts, and how it refuses: as PagerDuty's Events API v2 documents it. */
import { z } from 'zod';

import type { Answer } from '../services/http.ts';

const Key = z.object({
  routing_key: z.string().length(32),
  dedup_key: z.string().min(1).max(255).optional(),
});

const Event = z.discriminatedUnion('event_action', [
  Key.extend({
    event_action: z.literal('trigger'),
    payload: z.object({
      summary: z.string().min(1).max(1024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: z.string().optional(),
      custom_details: z.unknown().optional(),
    }),
    links: z.array(z.object({ href: z.string(), text: z.string().optional() })).optional(),
    client: z.string().optional(),
    client_url: z.string().optional(),
  }),
  Key.extend({
    event_action: z.enum(['acknowledge', 'resolve']),
    dedup_key: z.string().min(1).max(255),
  }),
]);

const WebhookCall = z
  .object({
    summary: z.string().min(1),
    dedup_key: z.string().min(1),
    severity: z.string(),
    link: z.string().nullable(),
  })
  .transform(({ dedup_key, ...same }) => ({ ...same, dedupKey: dedup_key }));

export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly errors: readonly string[] };

export function readEvent(body: unknown): Reading<z.infer<typeof Event>> {
  return reading(Event.safeParse(body));
}

export function readWebhookCall(body: unknown): Reading<z.infer<typeof WebhookCall>> {
  return reading(WebhookCall.safeParse(body));
}

export function refusalOf(errors: readonly string[]): Answer {
  return {
    status: 400,
    body: { status: 'invalid event', message: 'Event object is invalid', errors },
  };
}

function reading<Value>(result: z.ZodSafeParseResult<Value>): Reading<Value> {
  if (result.success) return { ok: true, value: result.data };
  return {
    ok: false,
    errors: result.error.issues.map((issue) => `'${issue.path.join('.')}' ${issue.message}`),
  };
}
