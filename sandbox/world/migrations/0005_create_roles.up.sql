create table roles (
  id integer generated always as identity primary key,
  name text not null unique,
  may_invite boolean not null default false
);

create table account_roles (
  account_id integer not null references accounts (id) on delete cascade,
  role_id integer not null references roles (id),
  granted_at timestamptz not null default now(),
  primary key (account_id, role_id)
);
create index account_roles_role_id_idx on account_roles (role_id);
