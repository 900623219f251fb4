/** Our own PostgreSQL. The only place that opens connections to it. */
import pg from 'pg';
import type { z } from 'zod';

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

export function connectStore(options: StoreOptions): StoreConnection {
  const pool = new pg.Pool({
    connectionString: options.url,
    application_name: options.applicationName,
    max: options.connectionsMax,
    connectionTimeoutMillis: 2_000,
    statement_timeout: options.statementTimeoutMs,
    // A worker that hangs with an open transaction would hold every lock of the incident.
    idle_in_transaction_session_timeout: 30_000,
    keepAlive: true,
  });
  pool.on('error', options.onError);
  return {
    ...over(pool),
    transaction: (work) => inTransaction(pool, work),
    listen: (channel, heard) => listenOn({ ...options, channel, heard }),
    close: () => pool.end(),
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

/** A connection of its own, made again when it breaks; what was missed meanwhile the sweeps find. */
async function listenOn(
  given: StoreOptions & { readonly channel: string; readonly heard: (payload: string) => void },
): Promise<() => Promise<void>> {
  let stopped = false;
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | undefined;

  const open = async (): Promise<void> => {
    const fresh = new pg.Client({
      connectionString: given.url,
      application_name: `${given.applicationName}/listen`,
      keepAlive: true,
    });
    fresh.on('error', given.onError);
    fresh.on('end', again);
    fresh.on('notification', (message) => given.heard(message.payload ?? ''));
    client = fresh;
    await fresh.connect();
    await fresh.query(`listen ${pg.escapeIdentifier(given.channel)}`);
    given.heard('');
  };
  const again = (): void => {
    if (stopped) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      open().catch((error: unknown) => {
        given.onError(error instanceof Error ? error : new Error('listening failed'));
        again();
      });
    }, RECONNECT_MS);
  };

  await open();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await client?.end();
  };
}

/** The constraint that refused, when PostgreSQL says so. */
export function violatedConstraint(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.constraint : undefined;
}
