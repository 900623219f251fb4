create sequence support_reference_seq start 100000;

create table audit_entries (
  id bigint generated always as identity primary key,
  account_id integer references accounts (id) on delete set null,
  support_reference bigint not null default nextval('support_reference_seq'),
  action text not null,
  happened_at timestamptz not null default now()
);
create index audit_entries_account_id_idx on audit_entries (account_id, happened_at);

create function touch_updated_at() returns trigger
language plpgsql
as $$
begin
  new.updated_at := now();
  return new;
end;
$$;

create trigger accounts_touch_updated_at
before update on accounts
for each row execute function touch_updated_at();
