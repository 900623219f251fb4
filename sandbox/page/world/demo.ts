/** The state of the demo around the workspace; a stand-in without a demo has none. */
import { isTrueAt, numberAt, objectAt, objectsAt, textAt } from './json.ts';

export interface DemoService {
  readonly name: string;
  readonly healthy: boolean;
  readonly says: string;
}

export interface DemoPage {
  readonly id: string;
  readonly who: string;
  readonly at: string;
  readonly isAnswered: boolean;
}

export interface Demo {
  readonly story: 'idle' | 'playing' | 'ended';
  /** What has just happened, in one line. */
  readonly said: string;
  readonly services: readonly DemoService[];
  /** Of the live traffic, from 0 to 1; null when nothing was measured. */
  readonly successRate: number | null;
  readonly pages: readonly DemoPage[];
  readonly version: string;
  readonly isDirty: boolean;
  readonly canBreak: boolean;
  /** What each person is there for, by user id. */
  readonly roles: Readonly<Record<string, string>>;
}

function storyOf(given: string | undefined): Demo['story'] {
  return given === 'playing' || given === 'ended' ? given : 'idle';
}

function momentAt(given: unknown): string {
  const number = numberAt(given, 'at');
  return number === undefined ? (textAt(given, 'at') ?? '') : new Date(number).toISOString();
}

/** Null when this is no state of a demo. */
export function readDemo(given: unknown): Demo | null {
  const story = textAt(given, 'story');
  if (story === undefined) return null;
  const target = objectAt(given, 'target');
  const version = numberAt(target, 'version') ?? textAt(target, 'version');
  return {
    story: storyOf(story),
    said: textAt(given, 'said') ?? '',
    services: objectsAt(given, 'services').map((one) => ({
      name: textAt(one, 'name') ?? '',
      healthy: isTrueAt(one, 'healthy'),
      says: textAt(one, 'says') ?? '',
    })),
    successRate: numberAt(given, 'successRate') ?? null,
    pages: objectsAt(given, 'pages').map((one) => ({
      id: textAt(one, 'id') ?? String(numberAt(one, 'id') ?? textAt(one, 'who') ?? ''),
      who: textAt(one, 'who') ?? '',
      at: momentAt(one),
      isAnswered: textAt(one, 'state') === 'acknowledged',
    })),
    version: version === undefined ? '' : String(version),
    isDirty: isTrueAt(target, 'dirty'),
    canBreak: isTrueAt(given, 'canBreak'),
    roles: Object.fromEntries(
      objectsAt(given, 'people').map((one) => [textAt(one, 'id') ?? '', textAt(one, 'role') ?? '']),
    ),
  };
}
