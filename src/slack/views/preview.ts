/** What the down files of a plan say, cut to fit. A preview: it was read, not run. */
import type { Facts } from '../../incident/facts/facts.ts';
import type { Plan } from '../../incident/plan/plan.ts';
import { previewsOf } from '../../incident/plan/in-words.ts';
import { lines } from './parts.ts';
import { fenced, quotedText } from './render.ts';

/** Every file that would run, with the beginning of what it does; `sqlMax` is for all of them together. */
export function previewBlocks(
  plan: Plan,
  facts: Facts | undefined,
  room: { readonly sqlMax: number },
): ReturnType<typeof lines> {
  const previews = previewsOf(plan, facts, room);
  const others = previews
    .filter(({ sql }) => sql === '')
    .map(({ head }) => `• ${quotedText(head)}`);
  return [
    ...previews
      .filter(({ sql }) => sql !== '')
      // Escaping makes it longer, and a fence that is too long would lose its beginning.
      .flatMap(({ head, sql }) => lines([quotedText(head), fenced(sql, sql.length * 5 + 100)])),
    ...lines(others),
  ];
}
