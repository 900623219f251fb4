/** How fast we draw: below what Slack allows, with room kept for what people wait for. */

interface Bucket {
  /** As many at once, after a while of silence. */
  readonly burst: number;
  readonly perMinute: number;
  /** Kept back for what is urgent. */
  readonly reserve: number;
}

/** Slack allows about 50 updates a minute in a workspace. */
const UPDATES: Bucket = { burst: 6, perMinute: 44, reserve: 3 };
/**
 * About one message a second in a channel, and several hundred a minute in a workspace. Answers to people go at once,
 * beside these: a short burst leaves them room.
 */
const POSTS_IN_CHANNEL: Bucket = { burst: 2, perMinute: 57, reserve: 1 };
const POSTS: Bucket = { burst: 30, perMinute: 200, reserve: 5 };
/** The slowest kind of method that we use: 20 a minute. */
const OTHER: Bucket = { burst: 4, perMinute: 16, reserve: 0 };

export interface Lane {
  readonly method: string;
  readonly channel: string;
}

export type Urgency = 'urgent' | 'patient';

export interface Pace {
  /** Takes one turn and gives 0, or takes none and gives the milliseconds until there is one. */
  readonly take: (lane: Lane, urgency: Urgency) => number;
  /** How long until there is a turn, without taking it. */
  readonly look: (lane: Lane, urgency: Urgency) => number;
  /** Slack asked to wait with this method. The others go on. */
  readonly hold: (method: string, waitMs: number) => void;
}

interface Level {
  readonly tokens: number;
  readonly at: number;
}

/** `now` in milliseconds, never backwards. */
export function openPace(now: () => number): Pace {
  const levels = new Map<string, Level>();
  const heldUntil = new Map<string, number>();

  const levelOf = (key: string, { burst, perMinute }: Bucket): number => {
    const known = levels.get(key);
    if (known === undefined) return burst;
    return Math.min(burst, known.tokens + ((now() - known.at) / 60_000) * perMinute);
  };

  const look: Pace['look'] = (lane, urgency) => {
    const held = (heldUntil.get(lane.method) ?? 0) - now();
    if (held > 0) return held;
    const waits = bucketsOf(lane).map(({ key, bucket }) => {
      const needed = 1 + (urgency === 'urgent' ? 0 : bucket.reserve);
      const missing = Math.min(needed, bucket.burst) - levelOf(key, bucket);
      return missing <= 0 ? 0 : Math.ceil((missing / bucket.perMinute) * 60_000);
    });
    return Math.max(...waits);
  };

  return {
    look,
    take: (lane, urgency) => {
      const wait = look(lane, urgency);
      if (wait > 0) return wait;
      for (const { key, bucket } of bucketsOf(lane)) {
        levels.set(key, { tokens: levelOf(key, bucket) - 1, at: now() });
      }
      return 0;
    },
    hold: (method, waitMs) => {
      heldUntil.set(method, Math.max(heldUntil.get(method) ?? 0, now() + waitMs));
    },
  };
}

function bucketsOf({ method, channel }: Lane): readonly {
  readonly key: string;
  readonly bucket: Bucket;
}[] {
  switch (method) {
    case 'chat.update':
      return [{ key: method, bucket: UPDATES }];
    case 'chat.postMessage':
      return [
        { key: `${method} ${channel}`, bucket: POSTS_IN_CHANNEL },
        { key: method, bucket: POSTS },
      ];
    default:
      return [{ key: method, bucket: OTHER }];
  }
}
