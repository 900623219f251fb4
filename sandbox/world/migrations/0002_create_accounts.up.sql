create type account_state as enum ('active', 'invited', 'locked');

create table accounts (
  id integer generated always as identity primary key,
  organisation_id integer not null references organisations (id),
  email text not null,
  display_name text not null,
  state account_state not null default 'active',
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index accounts_email_key on accounts (lower(email));
create index accounts_organisation_id_idx on accounts (organisation_id);
