import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { inject } from 'vitest';

import { REDIS_DATABASES } from '../../sandbox/servers/redis.ts';

const COUNTER = 'backout:tests:databases';

export interface FreshRedis {
  /** A logical database of its own: FLUSHDB harms nobody else, FLUSHALL would. */
  readonly url: string;
  readonly prefix: string;
}

/** An empty logical database of the test run's Redis; the next one is another. */
export async function freshRedis(): Promise<FreshRedis> {
  const { url } = inject('redis');
  const client = new Redis(url);
  try {
    // Database 0 only counts; after the last one they are used again, long after their first users have gone.
    const number = ((await client.incr(COUNTER)) % (REDIS_DATABASES - 1)) + 1;
    await client.select(number);
    await client.flushdb();
    return { url: `${url}/${number}`, prefix: `t${randomBytes(4).toString('hex')}` };
  } finally {
    client.disconnect();
  }
}
