import type { TestProject } from 'vitest/node';

import { startPostgres } from '../../sandbox/servers/postgres.ts';
import { foundPrograms } from '../../sandbox/servers/programs.ts';
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

/** Without the tool half of the tests would fail one by one, each with a sentence about something else. */
function expectTheTool(): void {
  if (foundPrograms().migrate !== null) return;
  throw new Error(
    'The tests need golang-migrate: run `npm run set-up`, which brings it or says how.',
  );
}

/** One PostgreSQL and one Redis for the whole run: both end with it, also when it is killed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  expectTheTool();
  const [postgres, redis] = await Promise.all([startPostgres({ quick: true }), startRedis()]);
  const { superuserUrl, port, hasStatements } = postgres;
  project.provide('postgres', { superuserUrl, port, hasStatements });
  project.provide('redis', { url: redis.url });
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}
