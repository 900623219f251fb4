/** How a target's database is reached, without anything secret: what commands to paste are made of. */
import { z } from 'zod';

export const Address = z.object({
  /** A name, an address, or the folder of a Unix socket; as the worker reaches it. */
  host: z.string(),
  port: z.number().int(),
  user: z.string(),
  database: z.string(),
  /** What our own connection got, by a name that every client knows. */
  sslMode: z.enum(['disable', 'require', 'verify-ca', 'verify-full']),
  /** By `sslrootcert`, `sslcert` and `sslkey`: where they lie, never what is in them. */
  sslFiles: z.record(z.string(), z.string()),
  /** Of the session, for example `search_path`. */
  settings: z.record(z.string(), z.string()),
  /** golang-migrate's own, for example `x-migrations-table`. */
  migrate: z.record(z.string(), z.string()),
  /** Settings that the URL has too, by name: their values may be secret, so they are not kept. */
  leftOut: z.array(z.string()),
});
export type Address = z.infer<typeof Address>;

/** For psql and pg_dump. They find the password by themselves. */
export function clientUrl(address: Address): string {
  const options = optionsOf(address.settings);
  return urlOf(address, options === '' ? {} : { options });
}

/** Without the settings: for where PGOPTIONS holds them. */
export function plainUrl(address: Address): string {
  return urlOf(address, {});
}

/** For golang-migrate, with the settings in PGOPTIONS: what stands in both would be taken from the URL alone. */
export function migrateUrl(address: Address, path = `/${address.database}`): string {
  return urlOf(address, address.migrate, path);
}

function urlOf(
  { host, port, user, database, sslMode, sslFiles }: Address,
  more: Readonly<Record<string, string>>,
  path = `/${database}`,
): string {
  const isSocket = host.startsWith('/');
  const place = host.includes(':') ? `[${host}]` : host;
  const parameters = {
    ...(isSocket ? { host, port: String(port) } : {}),
    sslmode: sslMode,
    ...sslFiles,
    ...more,
  };
  // libpq does not read `+` as a blank, so URLSearchParams will not do.
  const query = Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const where = isSocket ? '' : `${place}:${port}`;
  const named = path === '' ? '' : `/${encodeURIComponent(path.slice(1))}`;
  return `postgres://${encodeURIComponent(user)}@${where}${named}?${query}`;
}

/** Settings as the value of `options` or PGOPTIONS: `-c name=value`, blanks escaped as the server wants it. */
export function optionsOf(settings: Readonly<Record<string, string | number>>): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${String(value).replaceAll(/[\\\s]/g, String.raw`\$&`)}`)
    .join(' ');
}
