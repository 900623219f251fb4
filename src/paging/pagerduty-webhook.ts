/** What PagerDuty tells us of a page by its v3 webhooks: whether somebody has answered it. Pure. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

const SIGNATURES_MAX = 10;

/**
 * True when one of the header's `v1` signatures was made over these very bytes with the secret. There may be
 * several: PagerDuty signs with the old and the new secret while one replaces the other.
 */
export function isSignedByPagerDuty(delivery: {
  readonly signatures: string | undefined;
  readonly rawBody: Uint8Array;
  readonly secret: string;
}): boolean {
  if (delivery.secret === '' || delivery.signatures === undefined) return false;
  const wanted = createHmac('sha256', delivery.secret).update(delivery.rawBody).digest();
  let isSigned = false;
  for (const signature of delivery.signatures.split(',').slice(0, SIGNATURES_MAX)) {
    const hex = /^v1=(?<hex>[0-9a-f]{64})$/i.exec(signature.trim())?.groups?.['hex'];
    // No early end: how long it takes must not tell which signature was nearly right.
    if (hex !== undefined && timingSafeEqual(Buffer.from(hex, 'hex'), wanted)) isSigned = true;
  }
  return isSigned;
}

const What = z.enum(['acknowledged', 'unacknowledged', 'escalated', 'reassigned', 'resolved']);

export interface PageAnswer {
  /** The same for every delivery of one event: PagerDuty delivers at least once. */
  readonly eventId: string;
  /** The key under which we had called. */
  readonly dedupKey: string;
  readonly what: z.infer<typeof What>;
  /** A person's name at PagerDuty; null when PagerDuty did it by itself, as on a timeout. */
  readonly by: string | null;
  /** Whose phone it is on now. */
  readonly assignedTo: readonly string[];
  readonly at: string;
}

const PREFIX = 'incident.';
const Named = z.object({ summary: z.string().nullish(), type: z.string().nullish() });
const Delivery = z.object({
  event: z.object({
    id: z.string(),
    event_type: z
      .string()
      .startsWith(PREFIX)
      .transform((type) => type.slice(PREFIX.length))
      .pipe(What),
    occurred_at: z.string(),
    agent: Named.nullish(),
    data: z.object({
      incident_key: z.string().min(1),
      assignees: z.array(Named).nullish(),
    }),
  }),
});

/** What the delivery says of a page; null when it is of no interest to us, or not JSON of the shape we know. */
export function readPageAnswer(rawBody: Uint8Array): PageAnswer | null {
  const delivery = Delivery.safeParse(parsed(rawBody));
  if (!delivery.success) return null;
  const { id, event_type, occurred_at, agent, data } = delivery.data.event;
  return {
    eventId: id,
    dedupKey: data.incident_key,
    what: event_type,
    // An integration that resolves its own alert is an agent too, but nobody who has answered.
    by: agent?.type === 'user_reference' ? (agent.summary ?? null) : null,
    assignedTo: (data.assignees ?? []).flatMap(({ summary }) => summary ?? []),
    at: occurred_at,
  };
}

function parsed(rawBody: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(rawBody).toString('utf8'));
  } catch {
    return undefined;
  }
}
