import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { Client, type ClientConfig } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { z } from 'zod';
import { Fault } from '../doors.ts';
import { optionsOf } from '../incident/facts/address.ts';
import { parseDatabaseUrl, type DatabaseUrl } from '../programs/database-url.ts';
import { faultOf, isSilence } from './fault.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 10_000;
/** The server ends a statement first; this is for a server that has fallen silent. */
const SILENCE_MS = 5_000;

export interface ConnectOptions {
  readonly applicationName: string;
  readonly readOnly: boolean;
  readonly lockTimeoutMs?: number;
  readonly statementTimeoutMs?: number;
  /** Another database of the same server, in place of the URL's. */
  readonly database?: string;
  /** Of the server, for this session. */
  readonly settings?: Readonly<Record<string, string | number>>;
}

/** One connection. What fails is a Fault in plain words; a row that does not fit its schema is our bug. */
export interface Session {
  /** Of the server's process. */
  readonly pid: number;
  /** Aborts when the connection is gone although nobody here ended it. */
  readonly lost: AbortSignal;
  query<T extends z.ZodType>(
    schema: T,
    sql: string,
    values?: readonly unknown[],
  ): Promise<z.infer<T>[]>;
  /** Sends the text as it is, by the simple protocol: several statements are one implicit transaction. */
  execute(sql: string): Promise<void>;
  /** The names of the columns that a query gives, without running it to its end. */
  columnsOf(sql: string): Promise<readonly string[]>;
  /** Streams what a `copy … to stdout` gives; `rows` counts what has come. */
  copyOut(sql: string): { readonly stream: Readable; rows(): number };
  /** Asks the server, over another connection, to cancel what this one is doing. */
  cancel(): Promise<void>;
  end(): Promise<void>;
}

/** Opens one connection. Throws a Fault that never shows a part of the URL. */
export async function connect(url: string, options: ConnectOptions): Promise<Session> {
  const parsed = parseDatabaseUrl(url);
  const client = await open({ ...parsed, database: options.database ?? parsed.database }, options);
  const lost = new AbortController();
  let ending = false;
  const gone = (): void => {
    if (!ending) lost.abort();
  };
  client.on('error', gone);
  client.on('end', gone);

  const ask = async (sql: string, values: readonly unknown[] = []): Promise<unknown> => {
    try {
      return await client.query(sql, [...values]);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.why === 'unreachable') gone();
      if (isSilence(error)) {
        gone();
        void client.end().catch(() => undefined);
      }
      throw fault;
    }
  };
  const query: Session['query'] = async (schema, sql, values) =>
    z.array(schema).parse(Rows.parse(await ask(sql, values)).rows);

  try {
    const pid = await prepare(query);
    return {
      pid,
      lost: lost.signal,
      query,
      execute: async (sql) => void (await ask(sql)),
      columnsOf: async (sql) =>
        Fields.parse(await ask(`select * from (\n${sql}\n) as query limit 0`)).fields.map(
          ({ name }) => name,
        ),
      copyOut(sql) {
        const stream = client.query(copyTo(sql));
        return { stream, rows: () => stream.rowCount };
      },
      cancel: () => cancel(url, { options, pid }),
      async end() {
        ending = true;
        await client.end().catch(() => undefined);
      },
    };
  } catch (error) {
    void client.end().catch(() => undefined);
    throw error;
  }
}

const Rows = z.object({ rows: z.array(z.unknown()) });
const Fields = z.object({ fields: z.array(z.object({ name: z.string() })) });

/** Takes away the server's patience limits for idle sessions: a held snapshot or lock is idle on purpose. */
async function prepare(query: Session['query']): Promise<number> {
  // By name from pg_settings, because PostgreSQL 13 does not know idle_session_timeout.
  const [row] = await query(
    z.object({ pid: z.number() }),
    `select pg_backend_pid() as pid,
            (select count(set_config(name, '0', false))
               from pg_settings
              where name in ('idle_session_timeout', 'idle_in_transaction_session_timeout'))`,
  );
  return row?.pid ?? 0;
}

async function cancel(
  url: string,
  { options, pid }: { readonly options: ConnectOptions; readonly pid: number },
): Promise<void> {
  const other = await connect(url, options);
  try {
    await other.query(z.unknown(), `select pg_cancel_backend($1)`, [pid]);
  } finally {
    await other.end();
  }
}

async function open(address: DatabaseUrl, options: ConnectOptions): Promise<Client> {
  const { mode } = address.ssl;
  const mayBePlain = mode === null || mode === 'prefer' || mode === 'allow';
  try {
    return await openWith(address, options, mode === 'disable' ? false : await tlsOf(address));
  } catch (error) {
    // As libpq's `prefer`: TLS where the server has it.
    if (mayBePlain && error instanceof Error && error.message.includes('does not support SSL')) {
      return openWith(address, options, false).catch((second: unknown) => {
        throw faultOf(second);
      });
    }
    throw faultOf(error);
  }
}

async function openWith(
  address: DatabaseUrl,
  options: ConnectOptions,
  ssl: ClientConfig['ssl'],
): Promise<Client> {
  const client = new Client({
    host: address.host,
    port: address.port,
    user: address.user,
    database: address.database,
    ...(address.password === null ? {} : { password: address.password }),
    ssl,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    options: optionsOf(settingsOf(address, options)),
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { query_timeout: options.statementTimeoutMs + SILENCE_MS }),
  });
  // An idle connection that dies emits 'error', which would end the whole process if nobody listened.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

function settingsOf(
  { settings }: DatabaseUrl,
  options: ConnectOptions,
): Readonly<Record<string, string | number>> {
  return {
    ...settings,
    ...options.settings,
    ...(options.readOnly ? { default_transaction_read_only: 'on' } : {}),
    ...(options.lockTimeoutMs === undefined ? {} : { lock_timeout: options.lockTimeoutMs }),
    ...(options.statementTimeoutMs === undefined
      ? {}
      : { statement_timeout: options.statementTimeoutMs }),
  };
}

/** TLS as libpq means the modes: only `verify-*`, or a root certificate, look at who answers. */
async function tlsOf({ ssl }: DatabaseUrl): Promise<ClientConfig['ssl']> {
  const read = async (file: string | null): Promise<string | undefined> =>
    file === null || file === 'system' ? undefined : readFile(file, 'utf8');
  try {
    const [ca, cert, key] = await Promise.all(
      [ssl.rootCertificateFile, ssl.certificateFile, ssl.keyFile].map(read),
    );
    const verified = ssl.mode === 'verify-ca' || ssl.mode === 'verify-full' || ca !== undefined;
    return {
      rejectUnauthorized: verified,
      ...(ssl.mode === 'verify-full' ? {} : { checkServerIdentity: () => undefined }),
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
  } catch (cause) {
    throw new Fault('not-found', 'A certificate file that the database URL names cannot be read.', {
      cause,
    });
  }
}
