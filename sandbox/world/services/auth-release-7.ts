import type { AuthRelease } from './release.ts';

/** The release that worked. It knows `accounts.email`, and sessions without a device. */
export const authRelease7: AuthRelease = {
  findAccount: `
    select accounts.id, credentials.salt, credentials.secret_hash
    from accounts
    join credentials on credentials.account_id = accounts.id and credentials.kind = 'password'
    where lower(accounts.email) = lower($1)
      and accounts.state = 'active'`,

  addSession: `
    insert into sessions (account_id, token_hash, expires_at)
    values ($1, $2, now() + interval '30 days')
    returning id`,
  sessionValues: ({ accountId, tokenHash }) => [accountId, tokenHash],

  findRefreshToken: `
    select refresh_tokens.id, sessions.id as session_id, accounts.id as account_id, accounts.email
    from refresh_tokens
    join sessions on sessions.id = refresh_tokens.session_id
    join accounts on accounts.id = sessions.account_id
    where refresh_tokens.token_hash = $1
      and refresh_tokens.used_at is null`,
};
