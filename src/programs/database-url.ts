import { z } from 'zod';
import { Fault } from '../doors.ts';

const SslMode = z.enum(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full']);

/** A target's URL in its parts, read the same for node-postgres, libpq and golang-migrate. */
export interface DatabaseUrl {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** As it stands in the URL, `/app`: golang-migrate's CLI calls the database by it, unless it is empty. */
  readonly path: string;
  readonly password: string | null;
  readonly ssl: {
    /** Null when the URL leaves it to the client: libpq then prefers TLS, lib/pq requires it. */
    readonly mode: z.infer<typeof SslMode> | null;
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
/** Query parameters that mean something to a client (libpq, pgx, node-postgres): a server refuses them as settings. */
const CLIENT_PARAMETERS = new Set(
  `host hostaddr port user password dbname passfile service servicefile options replication
   application_name fallback_application_name connect_timeout target_session_attrs load_balance_hosts
   sslmode sslrootcert sslcert sslkey sslpassword sslcrl sslcrldir sslsni sslcertmode sslcompression
   sslnegotiation sslinline sslkeylogfile requiressl requirepeer require_auth channel_binding
   ssl_min_protocol_version ssl_max_protocol_version min_protocol_version max_protocol_version
   gssencmode gsslib gssdelegation krbsrvname krbspn scram_client_key scram_server_key
   oauth_issuer oauth_client_id oauth_client_secret oauth_scope
   keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout
   binary_parameters default_query_exec_mode statement_cache_capacity description_cache_capacity
   uselibpqcompat`.split(/\s+/),
);
/** `postgres://user@/db`: the host stands in the query, if anywhere. */
const HOSTLESS = /^([a-z][a-z0-9+.-]*:\/\/(?:[^/?#]*@)?)(?=[:/?#]|$)(?![^/?#]*@)/i;

/** The parts of a target's URL. Throws a Fault that names everything that is wrong, and never repeats the URL. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  const parsed = readUrl(url);
  const asked = parsed.searchParams;
  const host =
    asked.get('host') ??
    (HOSTLESS.test(url) ? '' : decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1'));
  const database = asked.get('dbname') ?? decode(parsed.pathname.slice(1));
  const user = asked.get('user') ?? decode(parsed.username);
  const port = asked.get('port') ?? (parsed.port === '' ? '5432' : parsed.port);
  const mode = SslMode.nullable().safeParse(asked.get('sslmode'));
  refuse([
    ...Object.entries({ host, user, database }).flatMap(([part, value]) =>
      value === '' ? [`The database URL does not name its ${part}.`] : [],
    ),
    ...(host.includes(',') ? [SEVERAL_HOSTS] : []),
    ...(isPort(port) ? [] : ['The port of the database URL must be a number up to 65535.']),
    ...(mode.success
      ? []
      : [
          `The database URL asks for an sslmode that does not exist. There are: ${SslMode.options.join(', ')}.`,
        ]),
  ]);
  return {
    host,
    port: Number(port),
    user,
    database,
    path: decode(parsed.pathname),
    password: asked.get('password') ?? (parsed.password === '' ? null : decode(parsed.password)),
    ssl: {
      mode: mode.data ?? null,
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

/** What must not be shown of a URL: itself and the passwords in it, as written and as meant. */
export function secretsIn(url: string): readonly string[] {
  const { password } = parseDatabaseUrl(url);
  const written = [...url.matchAll(/[?&](?:ssl)?password=([^&#]*)/g)].map(([, one = '']) => one);
  const inside = readUrl(url);
  const asMeant = [password ?? '', inside.searchParams.get('sslpassword') ?? ''];
  return [url, inside.password, ...written, ...asMeant].filter((one) => one !== '');
}

/** The same URL with its host where every reader looks for it: `postgres://app@%2Fsocket/db`. */
export function withHostInPlace(url: string): string {
  if (!HOSTLESS.test(url)) return url;
  const host = /[?&]host=([^&#]+)/.exec(url)?.[1];
  if (host === undefined) return url;
  const place = decode(host);
  const isIpv6 = place.includes(':') && !place.startsWith('/');
  const encoded = isIpv6 ? `[${place}]` : encodeURIComponent(place);
  const moved = url.replace(HOSTLESS, (start) => start + encoded);
  if (!URL.canParse(moved)) return url;
  const whole = new URL(moved);
  whole.searchParams.delete('host');
  return whole.href;
}

const SEVERAL_HOSTS =
  'The database URL names several hosts. Name the one that takes writes: a rollback works on one server.';

function readUrl(url: string): URL {
  const [, place = ''] = /^[a-z0-9+.-]+:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (url.includes('#')) {
    refuse(['The database URL has a `#` in it, at which it would end. Write it as `%23`.']);
  }
  if (place.slice(place.lastIndexOf('@') + 1).includes(',')) refuse([SEVERAL_HOSTS]);
  const whole = url.replace(HOSTLESS, (start) => `${start}none`);
  const parsed = URL.canParse(whole) ? new URL(whole) : null;
  if (parsed !== null && SCHEMES.includes(parsed.protocol)) return parsed;
  throw new Fault(
    'refused',
    'The database URL cannot be read. It must look like `postgres://user:password@host:5432/database`; special characters in the password must be percent-encoded.',
  );
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Fault('refused', problems.join(' '));
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
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
