import { z } from 'zod';
import { Fault } from '../doors.ts';

const SslMode = z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);
type SslMode = z.infer<typeof SslMode>;

/** A target's URL in its parts, read the same for node-postgres, libpq and golang-migrate. */
export interface DatabaseUrl {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly password: string | null;
  readonly ssl: {
    /** Null when the URL leaves it to the client: libpq then prefers TLS, lib/pq requires it. */
    readonly mode: SslMode | null;
    readonly rootCertificateFile: string | null;
    readonly certificateFile: string | null;
    readonly keyFile: string | null;
  };
  /** Settings for the session, for example `search_path`. */
  readonly settings: Readonly<Record<string, string>>;
  /** golang-migrate's own, for example `x-migrations-table`. */
  readonly migrate: Readonly<Record<string, string>>;
}

const SCHEMES = ['postgres:', 'postgresql:', 'pgx5:', 'pgx:'];
/** Query parameters that mean something to a client and are no session settings. */
const CLIENT_PARAMETERS = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'application_name',
  'fallback_application_name',
  'binary_parameters',
  'options',
  'uselibpqcompat',
]);

/** The parts of a target's URL. Throws a Fault that never repeats the URL. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed === null || !SCHEMES.includes(parsed.protocol)) {
    throw new Fault(
      'refused',
      'The database URL cannot be read. It must look like `postgres://user:password@host:5432/database`; special characters in the password must be percent-encoded.',
    );
  }
  const asked = parsed.searchParams;
  const host = asked.get('host') ?? decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1');
  const database = asked.get('dbname') ?? decode(parsed.pathname.slice(1));
  const user = asked.get('user') ?? decode(parsed.username);
  for (const [part, value] of Object.entries({ host, user, database })) {
    if (value === '') throw new Fault('refused', `The database URL does not name its ${part}.`);
  }
  return {
    host,
    port: Number(asked.get('port') ?? (parsed.port === '' ? '5432' : parsed.port)),
    user,
    database,
    password: asked.get('password') ?? (parsed.password === '' ? null : decode(parsed.password)),
    ssl: {
      mode: sslMode(asked.get('sslmode')),
      rootCertificateFile: asked.get('sslrootcert'),
      certificateFile: asked.get('sslcert'),
      keyFile: asked.get('sslkey'),
    },
    settings: Object.fromEntries([
      ...settingsIn(asked.get('options') ?? ''),
      ...[...asked].filter(([name]) => !CLIENT_PARAMETERS.has(name) && !name.startsWith('x-')),
    ]),
    migrate: Object.fromEntries([...asked].filter(([name]) => name.startsWith('x-'))),
  };
}

function settingsIn(options: string): readonly (readonly [string, string])[] {
  const words = options.match(/(?:\\.|\S)+/g) ?? [];
  return words
    .map((word) => /^(?:-c|--)?([a-z_][\w.]*)=(.*)$/is.exec(word))
    .flatMap((match) =>
      match === null
        ? []
        : [[match[1] ?? '', (match[2] ?? '').replaceAll(/\\(.)/g, '$1')] as const],
    );
}

function sslMode(text: string | null): SslMode | null {
  if (text === null) return null;
  const mode = SslMode.safeParse(text);
  if (mode.success) return mode.data;
  throw new Fault(
    'refused',
    `The database URL asks for an sslmode that does not exist. There are: ${SslMode.options.join(', ')}.`,
  );
}

/** Percent-decoding that leaves alone what is not percent-encoded: people forget it in passwords. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replaceAll(/%[0-9a-f]{2}/gi, (byte) =>
      Number.parseInt(byte.slice(1), 16) < 0x80 ? decodeURIComponent(byte) : byte,
    );
  }
}
