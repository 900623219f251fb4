import { Client } from 'pg';

/** How many rows each table gets: 300,000 in all. */
export const ROWS = {
  organisations: 500,
  accounts: 40_000,
  credentials: 40_000,
  roles: 8,
  account_roles: 39_492,
  sessions: 80_000,
  refresh_tokens: 80_000,
  audit_entries: 20_000,
} as const;

/** Tables that neither the harmful migration nor the traffic writes to. */
export const UNAFFECTED_TABLES = [
  'organisations',
  'credentials',
  'roles',
  'account_roles',
] as const;

const BEGINNING = `timestamptz '2026-01-05 08:00:00+00'`;

/** The same rows every time, from numbers and nothing else; the schema has to be at version 7. */
const STATEMENTS: readonly string[] = [
  `insert into organisations (name, created_at)
   select 'Organisation ' || n, ${BEGINNING} + n * interval '1 hour'
   from generate_series(1, ${ROWS.organisations}) as n`,
  `insert into accounts (organisation_id, email, display_name, state, created_at, updated_at)
   select 1 + n % ${ROWS.organisations},
     'person' || n || '@example.com',
     (array['Ada', 'Berta', 'Carl', 'Dana', 'Emil', 'Frida', 'Gero', 'Hanna'])[1 + n % 8] || ' ' || n,
     case when n % 50 = 0 then 'locked' when n % 33 = 0 then 'invited' else 'active' end::account_state,
     ${BEGINNING} + n * interval '1 minute',
     ${BEGINNING} + n * interval '1 minute'
   from generate_series(1, ${ROWS.accounts}) as n`,
  `insert into credentials (account_id, kind, salt, secret_hash, created_at)
   select n, 'password', md5('salt' || n),
     encode(sha256(convert_to(md5('salt' || n) || ':password-' || n, 'UTF8')), 'hex'),
     ${BEGINNING} + n * interval '1 minute'
   from generate_series(1, ${ROWS.credentials}) as n`,
  `insert into roles (name, may_invite)
   select name, name in ('owner', 'administrator')
   from unnest(array['owner', 'administrator', 'member', 'guest', 'billing', 'auditor', 'support', 'developer']) as name`,
  `insert into account_roles (account_id, role_id, granted_at)
   select n, 1 + n % ${ROWS.roles}, ${BEGINNING} + n * interval '1 minute'
   from generate_series(1, ${ROWS.account_roles}) as n`,
  `insert into sessions (account_id, token_hash, device_label, created_at, expires_at)
   select 1 + n % ${ROWS.accounts},
     encode(sha256(convert_to('session-' || n, 'UTF8')), 'hex'),
     case n % 3 when 0 then 'Firefox on Linux' when 1 then 'Phone' end,
     ${BEGINNING} + n * interval '1 minute',
     timestamptz '2099-12-31 00:00:00+00'
   from generate_series(1, ${ROWS.sessions}) as n`,
  `insert into refresh_tokens (session_id, token_hash)
   select n, encode(sha256(convert_to('refresh-' || n, 'UTF8')), 'hex')
   from generate_series(1, ${ROWS.refresh_tokens}) as n`,
  `insert into audit_entries (account_id, action, happened_at)
   select 1 + n % ${ROWS.accounts},
     (array['logged in', 'changed password', 'invited somebody', 'logged out'])[1 + n % 4],
     ${BEGINNING} + n * interval '10 minutes'
   from generate_series(1, ${ROWS.audit_entries}) as n`,
];

/** Fills an empty database of version 7, in one transaction, in a few seconds. */
export async function generateRows(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'auth-rows' });
  await client.connect();
  try {
    await client.query('begin');
    for (const statement of STATEMENTS) await client.query(statement);
    await client.query('commit');
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

/** What the person of this number types to log in. */
export function loginOf(number: number): { readonly email: string; readonly password: string } {
  return { email: `person${number}@example.com`, password: `password-${number}` };
}

/** The token of one of the sessions that were there from the beginning. */
export function sessionToken(number: number): string {
  return `session-${number}`;
}

export function refreshToken(number: number): string {
  return `refresh-${number}`;
}
