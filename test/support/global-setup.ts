import type { TestProject } from 'vitest/node';

import { startPostgres } from '../../sandbox/servers/postgres.ts';
import { startRedis } from '../../sandbox/servers/redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The one private PostgreSQL of this test run. */
    readonly postgres: {
      readonly superuserUrl: string;
      readonly port: number;
      readonly hasStatements: boolean;
    };
    /** The one private Redis of this test run. */
    readonly redis: { readonly url: string };
  }
}

/** One PostgreSQL and one Redis for the whole run: both end with it, also when it is killed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis] = await Promise.all([startPostgres({ quick: true }), startRedis()]);
  const { superuserUrl, port, hasStatements } = postgres;
  project.provide('postgres', { superuserUrl, port, hasStatements });
  project.provide('redis', { url: redis.url });
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}
