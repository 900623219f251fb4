import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openPace } from '../../src/slack/pace.ts';

const UPDATE = { method: 'chat.update', channel: 'C1' };
const POST = { method: 'chat.postMessage', channel: 'C1' };

function most(times: readonly number[], windowMs: number): number {
  return Math.max(
    0,
    ...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length),
  );
}

/** Presses as hard as it can for a while, at the given moments. */
function press(moments: readonly number[], lane: typeof UPDATE): readonly number[] {
  let now = 0;
  const pace = openPace(() => now);
  return moments.filter((moment) => {
    now = moment;
    return pace.take(lane, 'urgent') === 0;
  });
}

describe('the pace of drawing', () => {
  const moments = fc
    .array(fc.integer({ min: 0, max: 400 }), { minLength: 200, maxLength: 600 })
    .map((steps) => steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 0) + step], []));

  test('never has more than fifty updates in any minute', () => {
    fc.assert(
      fc.property(moments, (at) => {
        expect(most(press(at, UPDATE), 60_000)).toBeLessThanOrEqual(50);
      }),
      { numRuns: 20 },
    );
  });

  test('never has more than one message a second in a channel, after a short burst', () => {
    fc.assert(
      fc.property(moments, (at) => {
        expect(most(press(at, POST), 10_000)).toBeLessThanOrEqual(13);
      }),
      { numRuns: 20 },
    );
  });

  test('keeps room for a decision when progress has used up its share', () => {
    const pace = openPace(() => 0);
    while (pace.take(UPDATE, 'patient') === 0);
    expect(pace.take(UPDATE, 'urgent')).toBe(0);
  });

  test('says how long to wait, and after that there is a turn', () => {
    let now = 0;
    const pace = openPace(() => now);
    while (pace.take(POST, 'urgent') === 0);
    now += pace.take(POST, 'urgent');
    expect(pace.take(POST, 'urgent')).toBe(0);
  });

  test('waits as long as Slack asks, with that method only', () => {
    let now = 0;
    const pace = openPace(() => now);
    pace.hold('chat.update', 7_000);
    expect(pace.take(UPDATE, 'urgent')).toBe(7_000);
    expect(pace.take(POST, 'urgent')).toBe(0);
    now = 7_000;
    expect(pace.take(UPDATE, 'urgent')).toBe(0);
  });

  test('is separate for each channel', () => {
    const pace = openPace(() => 0);
    while (pace.take(POST, 'urgent') === 0);
    expect(pace.take({ ...POST, channel: 'C2' }, 'urgent')).toBe(0);
  });
});
