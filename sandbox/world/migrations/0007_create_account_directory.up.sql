create table login_attempts (
  id bigint generated always as identity primary key,
  account_id integer not null references accounts (id) on delete cascade,
  succeeded boolean not null,
  attempted_at timestamptz not null default now()
);
create index login_attempts_account_id_idx on login_attempts (account_id, attempted_at);

create view account_directory as
select accounts.id,
  accounts.email,
  accounts.display_name,
  accounts.state,
  organisations.name as organisation
from accounts
join organisations on organisations.id = accounts.organisation_id;
