import type { Address } from '../incident/facts/address.ts';
import { parseDatabaseUrl, type DatabaseUrl } from '../programs/database-url.ts';

/** Settings of which every value may be shown. A setting of the team's own may hold anything. */
const SHOWN_SETTINGS: readonly string[] = [
  'client_encoding',
  'client_min_messages',
  'datestyle',
  'default_table_access_method',
  'default_tablespace',
  'default_transaction_isolation',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'intervalstyle',
  'jit',
  'lock_timeout',
  'maintenance_work_mem',
  'role',
  'row_security',
  'search_path',
  'session_replication_role',
  'statement_timeout',
  'synchronous_commit',
  'tcp_keepalives_count',
  'tcp_keepalives_idle',
  'tcp_keepalives_interval',
  'temp_tablespaces',
  'timezone',
  'transaction_timeout',
  'work_mem',
];

/** What golang-migrate's PostgreSQL driver reads of a URL; it does not know others. */
const SHOWN_OF_MIGRATE: readonly string[] = [
  'x-migrations-table',
  'x-migrations-table-quoted',
  'x-multi-statement',
  'x-multi-statement-max-size',
  'x-statement-timeout',
];

/** The parts of a target's URL that may be shown; the password is none of them. */
export function addressOf(url: string, { usesTls }: { readonly usesTls: boolean }): Address {
  const { host, port, user, database, ssl, settings, migrate } = parseDatabaseUrl(url);
  const { rootCertificateFile, certificateFile, keyFile } = ssl;
  return {
    host,
    port,
    user,
    database,
    sslMode: sslModeOf(ssl.mode, usesTls),
    sslFiles: {
      ...(rootCertificateFile === null ? {} : { sslrootcert: rootCertificateFile }),
      ...(certificateFile === null ? {} : { sslcert: certificateFile }),
      ...(keyFile === null ? {} : { sslkey: keyFile }),
    },
    settings: only(settings, isShown),
    migrate: only(migrate, (name) => SHOWN_OF_MIGRATE.includes(name)),
    leftOut: Object.keys(settings).filter((name) => !isShown(name)),
  };
}

function isShown(name: string): boolean {
  return SHOWN_SETTINGS.includes(name.toLowerCase());
}

/** lib/pq knows neither `prefer` nor `allow`, and does not try both. */
function sslModeOf(asked: DatabaseUrl['ssl']['mode'], usesTls: boolean): Address['sslMode'] {
  const isOpen = asked === null || asked === 'prefer' || asked === 'allow';
  if (isOpen) return usesTls ? 'require' : 'disable';
  return asked;
}

function only(
  values: Readonly<Record<string, string>>,
  isWanted: (name: string) => boolean,
): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => isWanted(name)));
}
