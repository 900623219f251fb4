import type { PagingDoor } from '../doors.ts';

export type Page = Parameters<PagingDoor['page']>[0];
export type PageOutcome = Awaited<ReturnType<PagingDoor['page']>>;

const SUMMARY_CHARACTERS_MAX = 1_024;
const DETAIL_CHARACTERS_MAX = 4_000;
const DETAILS_MAX = 40;

/** PagerDuty refuses a longer summary, and a phone shows only its beginning anyway. */
export function cutSummary(summary: string): string {
  return summary.length <= SUMMARY_CHARACTERS_MAX
    ? summary
    : `${summary.slice(0, SUMMARY_CHARACTERS_MAX - 1).toWellFormed()}…`;
}

/** A page with too much in it is refused as a whole (PagerDuty: 512 KB), so details are cut instead. */
export function cutDetails(details: Page['details']): Page['details'] {
  return Object.fromEntries(
    Object.entries(details)
      .slice(0, DETAILS_MAX)
      .map(([name, value]) => [name, value.slice(0, DETAIL_CHARACTERS_MAX).toWellFormed()]),
  );
}
