create table sessions (
  id bigint generated always as identity primary key,
  account_id integer not null references accounts (id) on delete cascade,
  token_hash text not null unique,
  device_label text,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  constraint sessions_end_after_they_begin check (expires_at > created_at)
);
create index sessions_account_id_idx on sessions (account_id);

create table refresh_tokens (
  id bigint generated always as identity primary key,
  session_id bigint not null references sessions (id) on delete cascade,
  token_hash text not null unique,
  used_at timestamptz
);
create index refresh_tokens_session_id_idx on refresh_tokens (session_id);
