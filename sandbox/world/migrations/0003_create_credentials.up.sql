create type credential_kind as enum ('password', 'passkey');

create table credentials (
  account_id integer not null references accounts (id) on delete cascade,
  kind credential_kind not null,
  salt text not null,
  secret_hash text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, kind),
  constraint credentials_hash_is_sha256 check (length(secret_hash) = 64)
);
