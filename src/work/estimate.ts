import type { Progress } from '../doors.ts';

/** Seconds left at the pace so far; null while nobody can tell. */
export function estimate(progress: Progress, elapsedMs: number): number | null {
  const { done, total } = progress;
  if (total === null || done <= 0 || total <= 0 || elapsedMs < 2_000) return null;
  const left = Math.max(0, total - done);
  return Math.round((left / done) * (elapsedMs / 1000));
}
