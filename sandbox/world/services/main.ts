/** One of the world's services as a program: `node main.ts auth-service 8`, the rest from its environment. */
import { Pool } from 'pg';
import { z } from 'zod';

import { authRelease7 } from './auth-release-7.ts';
import { authRelease8 } from './auth-release-8.ts';
import { answerAuth } from './auth-service.ts';
import { gatewayRelease7 } from './gateway-release-7.ts';
import { gatewayRelease8 } from './gateway-release-8.ts';
import { answerGateway } from './gateway-service.ts';
import { close, listen, messageOf, type Answer, type Asked } from './http.ts';

const CONNECTIONS_MAX = 4;
const QUERY_TIMEOUT_MS = 5_000;

const Arguments = z.tuple([z.enum(['auth-service', 'gateway-service']), z.enum(['7', '8'])]);
const Environment = z.object({
  DATABASE_URL: z.string(),
  PORT: z.coerce.number(),
  AUTH_URL: z.string(),
  MAINTENANCE_FILE: z.string(),
});

const [name, release] = Arguments.parse(process.argv.slice(2));
const environment = Environment.parse(process.env);

const pool = new Pool({
  connectionString: environment.DATABASE_URL,
  application_name: name,
  max: CONNECTIONS_MAX,
  // Connections are kept, as by a service that is used all day.
  idleTimeoutMillis: 0,
  statement_timeout: QUERY_TIMEOUT_MS,
  connectionTimeoutMillis: QUERY_TIMEOUT_MS,
});
// A database that goes away while a connection is idle: the next query says so, and connects again.
pool.on('error', (error) => log({ error: error.message }));

const answer = answering();
const server = await listen(environment.PORT, async (asked) => {
  try {
    return await answer(asked);
  } catch (error) {
    log({ endpoint: `${asked.method} ${asked.path}`, error: messageOf(error) });
    throw error;
  }
});
process.on('SIGTERM', () => void stop());
process.stdout.write(`${name} release ${release} is listening\n`);

function answering(): (asked: Asked) => Promise<Answer> {
  if (name === 'auth-service') {
    const service = { pool, release: release === '7' ? authRelease7 : authRelease8 };
    return (asked) => answerAuth(service, asked);
  }
  const service = {
    pool,
    release: release === '7' ? gatewayRelease7 : gatewayRelease8,
    authUrl: environment.AUTH_URL,
    maintenanceFile: environment.MAINTENANCE_FILE,
    cache: new Map(),
  };
  return (asked) => answerGateway(service, asked);
}

async function stop(): Promise<void> {
  await close(server);
  await pool.end();
  process.exit(0);
}

function log(entry: Readonly<Record<string, string>>): void {
  process.stdout.write(
    `${JSON.stringify({ at: new Date().toISOString(), service: name, release, ...entry })}\n`,
  );
}
