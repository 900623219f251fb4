import type { GatewayRelease } from './release.ts';

/**
 * Deployed together with migration 8, and wrong: renaming a table's column does not rename it in the
 * views that show it, so the directory still calls it `email`.
 */
export const gatewayRelease8: GatewayRelease = {
  findProfile: `
    select account_directory.display_name, account_directory.primary_email as email,
      account_directory.organisation,
      array(
        select roles.name
        from account_roles
        join roles on roles.id = account_roles.role_id
        where account_roles.account_id = account_directory.id
      ) as roles
    from account_directory
    where account_directory.id = $1`,
};
