import type { AuthRelease } from './release.ts';

/**
 * Deployed together with migration 8, and wrong in two places: a client that does not name its device
 * gets NULL into a column that no longer allows it, and refreshing a token still reads `accounts.email`.
 */
export const authRelease8: AuthRelease = {
  findAccount: `
    select accounts.id, credentials.salt, credentials.secret_hash
    from accounts
    join credentials on credentials.account_id = accounts.id and credentials.kind = 'password'
    where lower(accounts.primary_email) = lower($1)
      and accounts.state = 'active'`,

  addSession: `
    insert into sessions (account_id, token_hash, device_label, expires_at)
    values ($1, $2, $3, now() + interval '30 days')
    returning id`,
  sessionValues: ({ accountId, tokenHash, device }) => [accountId, tokenHash, device],

  findRefreshToken: `
    select refresh_tokens.id, sessions.id as session_id, accounts.id as account_id, accounts.email
    from refresh_tokens
    join sessions on sessions.id = refresh_tokens.session_id
    join accounts on accounts.id = sessions.account_id
    where refresh_tokens.token_hash = $1
      and refresh_tokens.used_at is null`,
};
