import { sayDuration, saySize } from '../../incident/text.ts';
import type { DrawnProgress } from './drawing.ts';
import { quotedText } from './render.ts';

const BAR_CELLS = 10;

/** `▓▓▓▓▓░░░░░ 52 % · 1.2 GB of 2.3 GB · about 40 s left`; without a total, just what is done. */
export function sayProgress(progress: DrawnProgress): string {
  const { what, done, total, unit, secondsLeft } = progress;
  const amount = (value: number): string =>
    unit === 'bytes' ? saySize(value) : `${value.toLocaleString('en-US')} ${unit ?? ''}`.trim();
  const left =
    secondsLeft === null || !Number.isFinite(secondsLeft)
      ? []
      : [`about ${sayDuration(secondsLeft * 1000)} left`];
  if (total === null || total <= 0) {
    return [quotedText(what), amount(done), ...left].join(' · ');
  }
  const part = Math.min(1, Math.max(0, done / total));
  const filled = Math.floor(part * BAR_CELLS);
  const bar = '▓'.repeat(filled) + '░'.repeat(BAR_CELLS - filled);
  return [
    `${bar} ${Math.floor(part * 100)} %`,
    quotedText(what),
    `${amount(done)} of about ${amount(total)}`,
    ...left,
  ].join(' · ');
}
