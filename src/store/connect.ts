/** Our own PostgreSQL. The only place that opens connections to it. */
import pg from 'pg';
import type { z } from 'zod';
import { inTime } from '../deadline.ts';

/** What a query can be asked through: the pool, or one transaction. */
export interface Db {
  rows<Row extends z.ZodType>(
    row: Row,
    sql: string,
    values?: readonly unknown[],
  ): Promise<z.infer<Row>[]>;
  /** The number of rows that changed. */
  run(sql: string, values?: readonly unknown[]): Promise<number>;
}

export interface StoreConnection extends Db {
  /** Everything in it is committed, or nothing is. */
  transaction<Result>(work: (tx: Db) => Promise<Result>): Promise<Result>;
  /** Calls back on each NOTIFY and once after each reconnection, until stopped. */
  listen(channel: string, heard: (payload: string) => void): Promise<() => Promise<void>>;
  close(): Promise<void>;
}

export interface StoreOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly connectionsMax: number;
  readonly statementTimeoutMs: number;
  readonly onError: (error: Error) => void;
}

const RECONNECT_MS = 1_000;
const CONNECT_MS = 2_000;
/** The server ends a statement by itself; one that has not even said so after this long has fallen silent. */
const SILENCE_MS = 5_000;
/** Whoever only listens hears nothing from a connection that is dead, and asks. */
const HEARTBEAT_MS = 5_000;
const GOOD_BYE_MS = 2_000;

/** The address with the SSL modes as libpq, psql and pg_dump mean them. */
export function storeAddress(url: string): string {
  return `${url}${url.includes('?') ? '&' : '?'}uselibpqcompat=true`;
}

export function connectStore(options: StoreOptions): StoreConnection {
  const pool = new pg.Pool({
    connectionString: storeAddress(options.url),
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + SILENCE_MS,
    // A worker that hangs with an open transaction would hold every lock of the incident.
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
  });
  pool.on('error', options.onError);
  return {
    ...over(pool),
    transaction: (work) => inTransaction(pool, work),
    listen: (channel, heard) => listenOn({ ...options, channel, heard }),
    close: async () => {
      await inTime(pool.end(), GOOD_BYE_MS).catch(options.onError);
    },
  };
}

function over(client: pg.Pool | pg.PoolClient): Db {
  return {
    rows: async (row, sql, values = []) => {
      const { rows } = await client.query<Record<string, unknown>>(sql, [...values]);
      return rows.map((one) => row.parse(one));
    },
    run: async (sql, values = []) => {
      const { rowCount } = await client.query(sql, [...values]);
      return rowCount ?? 0;
    },
  };
}

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (tx: Db) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await work(over(client));
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // Destroying the connection rolls back even when the connection is the trouble.
    client.release(error instanceof Error ? error : true);
    throw error;
  }
}

/** A connection of its own, made again when it breaks or falls silent; what was missed meanwhile the sweeps find. */
async function listenOn(
  given: StoreOptions & { readonly channel: string; readonly heard: (payload: string) => void },
): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const later = (ms: number, what: () => Promise<void>): void => {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      what().catch((error: unknown) => {
        given.onError(error instanceof Error ? error : new Error('listening failed'));
        later(RECONNECT_MS, open);
      });
    }, ms);
  };
  const open = async (): Promise<void> => {
    void client?.end().catch(() => undefined);
    const fresh = listener(given);
    client = fresh;
    fresh.on('end', () => {
      if (client === fresh) later(RECONNECT_MS, open);
    });
    await fresh.connect();
    await fresh.query(`listen ${pg.escapeIdentifier(given.channel)}`);
    given.heard('');
    const beat = async (): Promise<void> => {
      await fresh.query('select');
      later(HEARTBEAT_MS, beat);
    };
    later(HEARTBEAT_MS, beat);
  };

  await open();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    if (client !== null) await inTime(client.end(), GOOD_BYE_MS).catch(given.onError);
  };
}

function listener(given: StoreOptions & { readonly heard: (payload: string) => void }): pg.Client {
  const client = new pg.Client({
    connectionString: storeAddress(given.url),
    application_name: `${given.applicationName}/listen`,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: SILENCE_MS,
    keepAlive: true,
  });
  client.on('error', given.onError);
  client.on('notification', (message) => given.heard(message.payload ?? ''));
  return client;
}

/** The constraint that refused, when PostgreSQL says so. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}
