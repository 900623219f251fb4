import type { GatewayRelease } from './release.ts';

/** The release that worked. */
export const gatewayRelease7: GatewayRelease = {
  findProfile: `
    select accounts.display_name, accounts.email, account_directory.organisation,
      array(
        select roles.name
        from account_roles
        join roles on roles.id = account_roles.role_id
        where account_roles.account_id = accounts.id
      ) as roles
    from accounts
    join account_directory on account_directory.id = accounts.id
    where accounts.id = $1`,
};
