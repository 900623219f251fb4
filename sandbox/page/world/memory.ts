/** What was seen survives a reload, in this tab. */
import { isObject } from './json.ts';
import type { Page } from './page.ts';

const KEY = 'seen';
let kept = '';

export function keptSeen(): Page['seen'] {
  try {
    kept = sessionStorage.getItem(KEY) ?? '{}';
    const value: unknown = JSON.parse(kept);
    if (!isObject(value)) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, ts]) => (typeof ts === 'string' ? [[key, ts]] : [])),
    );
  } catch {
    return {};
  }
}

/** Whether this is other than what was kept before. */
export function keepSeen(seen: Page['seen']): boolean {
  const written = JSON.stringify(seen);
  if (written === kept) return false;
  kept = written;
  sessionStorage.setItem(KEY, written);
  return true;
}
