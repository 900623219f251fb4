create table organisations (
  id integer generated always as identity primary key,
  name text not null,
  created_at timestamptz not null default now()
);
create unique index organisations_name_key on organisations (lower(name));
