/** What a person had before their eyes when they approved or declined. */
import { z } from 'zod';
import type { Incident } from '../incident.ts';
import type { PersonId } from '../names.ts';
import type { Refusal } from '../refusal.ts';
import { refuse } from '../refusal.ts';
import { asIs, mention } from '../text.ts';

/** A whole plan hash from a button, or its first eight digits or more, typed. */
export const SeenHash = z
  .string()
  .regex(/^(sha256:)?[0-9a-f]{8,64}$/, 'A plan is named by the first eight digits of its hash.');

/** Whoever declined the plan that is there now; they alone can take it back. */
export function declinerOf(incident: Incident): PersonId | null {
  const { declined, plan } = incident;
  if (declined === undefined || declined.hash !== plan?.hash) return null;
  return declined.by.kind === 'person' ? declined.by.person : 'backout';
}

export function declinedAlready(incident: Incident): Refusal | null {
  const who = declinerOf(incident);
  if (who === null) return null;
  return refuse('declined', { who: mention(who), why: asIs(incident.declined?.why ?? '') });
}
