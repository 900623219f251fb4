-- The team's own checks after a migration or a rollback. Each one raises when something is wrong.
\set ON_ERROR_STOP on

begin transaction read only;

do $$
declare
  missing text;
begin
  select string_agg(expected, ', ') into missing
  from unnest(array['organisations', 'accounts', 'credentials', 'sessions', 'refresh_tokens',
    'roles', 'account_roles', 'audit_entries', 'login_attempts', 'account_directory']) as expected
  where to_regclass(expected) is null;
  if missing is not null then
    raise exception 'Missing tables or views: %', missing;
  end if;
end;
$$;

do $$
declare
  orphans bigint;
begin
  select (select count(*) from sessions where not exists (select from accounts where id = sessions.account_id))
    + (select count(*) from refresh_tokens where not exists (select from sessions where id = refresh_tokens.session_id))
    + (select count(*) from account_roles where not exists (select from accounts where id = account_roles.account_id))
  into orphans;
  if orphans > 0 then
    raise exception '% rows have lost the row they belong to', orphans;
  end if;
end;
$$;

do $$
declare
  without_password bigint;
begin
  select count(*) into without_password
  from accounts
  where state = 'active'
    and not exists (select from credentials where account_id = accounts.id and kind = 'password');
  if without_password > 0 then
    raise exception '% active accounts cannot log in: they have no password', without_password;
  end if;
end;
$$;

do $$
declare
  broken text;
begin
  select string_agg(object_name, ', ') into broken
  from (
    select indexrelid::regclass::text as object_name from pg_index where not indisvalid or not indisready
    union all
    select conname from pg_constraint where not convalidated
    union all
    select tgname from pg_trigger where tgenabled = 'D' and not tgisinternal
  ) as objects;
  if broken is not null then
    raise exception 'Invalid indexes, constraints that are not validated, or disabled triggers: %', broken;
  end if;
end;
$$;

do $$
begin
  if (select count(*) from account_directory) <> (select count(*) from accounts) then
    raise exception 'The account directory does not list every account';
  end if;
end;
$$;

commit;

\echo The database is as the team expects it.
