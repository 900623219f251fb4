import { createHmac, timingSafeEqual } from 'node:crypto';

/** Keeps our signatures apart from others made with the same key. */
const PURPOSE = 'backout report link 1';
const KEY_CHARACTERS_MIN = 16;

/** The key for report links: made from a secret that every process has, and of no use for anything else. */
export function reportKey(secret: string): string {
  return createHmac('sha256', secret).update(PURPOSE).digest('base64url');
}

export interface ReportLink {
  readonly id: string;
  readonly expiresAt: Date;
}

/** The path of an incident's page, for whoever has it, until it expires. */
export function signReportLink(link: ReportLink, key: string): string {
  const until = String(Math.floor(link.expiresAt.getTime() / 1_000));
  const signature = sign(link.id, until, key).toString('base64url');
  return `/incidents/${encodeURIComponent(link.id)}?until=${until}&signature=${signature}`;
}

export function verifyReportLink(link: {
  readonly id: string;
  readonly until: string | undefined;
  readonly signature: string | undefined;
  readonly key: string;
  readonly now: Date;
}): 'valid' | 'expired' | 'forged' {
  const { id, until = '', signature = '', key, now } = link;
  const given = Buffer.from(signature, 'base64url');
  const wanted = sign(id, until, key);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'forged';
  return now.getTime() < Number(until) * 1_000 ? 'valid' : 'expired';
}

function sign(id: string, until: string, key: string): Buffer {
  if (key.length < KEY_CHARACTERS_MIN) {
    throw new Error(`The key for report links has fewer than ${KEY_CHARACTERS_MIN} characters.`);
  }
  return createHmac('sha256', key)
    .update(JSON.stringify([PURPOSE, id, until]))
    .digest();
}
