import { optionsOf } from '../incident/facts/address.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { baseEnvironment } from './run.ts';

const CONNECT_TIMEOUT_SECONDS = '10';
/** How often a busy server process looks whether its client still lives: a killed program's work ends by itself. */
const CLIENT_CHECK_MS = 2_000;

/** PostgreSQL 13 refuses a connection that asks for a setting it does not know. */
const CLIENT_CHECK_SINCE = 140_000;

/** The environment with which libpq's programs reach a target, and what must not be shown of it. */
export function pgEnvironment(
  url: string,
  options: {
    /** Seen in `pg_stat_activity`: `backout/INC-42/op-7`. */
    readonly applicationName: string;
    /** Without it only settings that every version knows are asked for. */
    readonly serverVersionNum?: number | undefined;
    readonly settings?: Readonly<Record<string, string | number>>;
  },
): { readonly env: Readonly<Record<string, string>>; readonly secrets: readonly string[] } {
  const address = parseDatabaseUrl(url);
  const { mode, rootCertificateFile, certificateFile, keyFile } = address.ssl;
  return {
    env: {
      ...baseEnvironment(),
      PGHOST: address.host,
      PGPORT: String(address.port),
      PGUSER: address.user,
      PGDATABASE: address.database,
      PGAPPNAME: options.applicationName,
      PGCONNECT_TIMEOUT: CONNECT_TIMEOUT_SECONDS,
      PGOPTIONS: serverOptions(options.serverVersionNum, {
        ...address.settings,
        ...options.settings,
      }),
      ...(address.password === null ? {} : { PGPASSWORD: address.password }),
      ...(mode === null ? {} : { PGSSLMODE: mode }),
      ...(rootCertificateFile === null ? {} : { PGSSLROOTCERT: rootCertificateFile }),
      ...(certificateFile === null ? {} : { PGSSLCERT: certificateFile }),
      ...(keyFile === null ? {} : { PGSSLKEY: keyFile }),
    },
    secrets: address.password === null ? [] : [address.password],
  };
}

/** The value of PGOPTIONS that a server of this version accepts. */
export function serverOptions(
  serverVersionNum: number | undefined,
  settings: Readonly<Record<string, string | number>>,
): string {
  const checks = serverVersionNum !== undefined && serverVersionNum >= CLIENT_CHECK_SINCE;
  return optionsOf({
    ...settings,
    ...(checks ? { client_connection_check_interval: CLIENT_CHECK_MS } : {}),
  });
}
