import type { Json } from '../json.ts';
import type { Step } from './answer.ts';
import { found, refused } from './answer.ts';

const PREFIX = 'next_offset:';

interface Page<T> {
  readonly items: readonly T[];
  readonly next: string;
}

/** One page of a list; the cursor of the next is empty at the end. */
export function page<T>(
  items: readonly T[],
  asked: {
    readonly cursor?: string | undefined;
    readonly limit?: number | undefined;
    readonly limitDefault: number;
    readonly limitMax: number;
  },
): Step<Page<T>> {
  const limit = asked.limit ?? asked.limitDefault;
  if (limit < 1 || limit > asked.limitMax) return refused('invalid_limit');
  const cursor = asked.cursor ?? '';
  const decoded = Buffer.from(cursor, 'base64').toString();
  const offset = cursor === '' ? 0 : Number(decoded.replace(PREFIX, ''));
  const isOurs = cursor === '' || decoded.startsWith(PREFIX);
  if (!isOurs || !Number.isInteger(offset) || offset > items.length) {
    return refused('invalid_cursor');
  }
  const end = offset + limit;
  const next = end < items.length ? Buffer.from(`${PREFIX}${end}`).toString('base64') : '';
  return found({ items: items.slice(offset, end), next });
}

export function nextCursor(next: string): { readonly response_metadata: Json } {
  return { response_metadata: { next_cursor: next } };
}
