import type { Pace } from '../../../src/slack/pace.ts';
import { openPace } from '../../../src/slack/pace.ts';

/** The stand-in's limits are off in most stories: the same pace, so much quicker. */
const TIMES = 30;

export function quickPace(): Pace {
  const pace = openPace(() => performance.now() * TIMES);
  return {
    ...pace,
    take: (lane, urgency) => pace.take(lane, urgency) / TIMES,
    look: (lane, urgency) => pace.look(lane, urgency) / TIMES,
  };
}
