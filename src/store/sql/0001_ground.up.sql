create schema if not exists backout;

-- History. Only ever added to; `hash` is over `previous` and `body`, so that a changed past shows.
create table backout.events (
  stream text not null,
  seq integer not null check (seq > 0),
  type text not null,
  v integer not null,
  at timestamptz not null,
  body text not null,
  previous text not null,
  hash text not null,
  primary key (stream, seq)
);

create function backout.refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'backout.% is only ever added to', tg_table_name;
end
$$;

create trigger events_stay
before update or delete on backout.events
for each row execute function backout.refuse_change();

create trigger events_stay_all
before truncate on backout.events
for each statement execute function backout.refuse_change();

-- What has to be found or held unique without folding; written together with the events it follows from.
create table backout.incidents (
  number integer generated always as identity primary key,
  id text generated always as ('INC-' || number::text) stored unique,
  target text not null,
  is_open boolean not null default true,
  channel text unique,
  seq integer not null default 0
);

create unique index one_open_incident_per_target
on backout.incidents (target)
where is_open;

create table backout.requests (
  id text primary key,
  incident text,
  person text not null,
  verb text not null,
  outcome jsonb not null,
  at timestamptz not null default clock_timestamp()
);

create table backout.approvals (
  id bigint generated always as identity primary key,
  incident text not null references backout.incidents (id),
  hash text not null,
  role text not null check (role in ('on_call', 'dba')),
  person text not null,
  given_at timestamptz not null,
  expires_at timestamptz not null,
  state text not null default 'given' check (state in ('given', 'expired', 'voided')),
  unique (id, incident, hash, role)
);

-- Two keys, two people: whatever a handler believes.
create unique index one_approval_per_role
on backout.approvals (incident, hash, role)
where state = 'given';

create unique index one_approval_per_person
on backout.approvals (incident, hash, person)
where state = 'given';

create table backout.operations (
  id text primary key,
  incident text not null references backout.incidents (id),
  key text not null unique,
  job text not null,
  step text not null,
  round integer not null,
  attempt integer not null,
  input jsonb not null,
  mutates boolean not null,
  database_key text,
  plan_hash text,
  on_call_approval bigint,
  on_call_role text generated always as ('on_call') stored,
  dba_approval bigint,
  dba_role text generated always as ('dba') stored,
  state text not null default 'queued'
    check (state in ('queued', 'running', 'lost', 'succeeded', 'failed', 'stopped')),
  fence integer not null default 0,
  tries integer not null default 0,
  worker text,
  lease_until timestamptz,
  offered_at timestamptz,
  cancel_asked boolean not null default false,
  progress jsonb,
  recorded jsonb,
  tail text,
  queued_at timestamptz not null default clock_timestamp(),
  -- Nothing dangerous without two approvals for exactly this plan.
  constraint both_keys check (
    not mutates
    or (database_key is not null and plan_hash is not null
        and on_call_approval is not null and dba_approval is not null)
  ),
  foreign key (on_call_approval, incident, plan_hash, on_call_role)
    references backout.approvals (id, incident, hash, role),
  foreign key (dba_approval, incident, plan_hash, dba_role)
    references backout.approvals (id, incident, hash, role)
);

-- One writer per database. A lost one still counts: nobody knows yet what it did.
create unique index one_change_per_database
on backout.operations (database_key)
where mutates and state in ('running', 'lost');

create index operations_under_way
on backout.operations (state)
where state in ('queued', 'running', 'lost');

create table backout.surfaces (
  incident text not null references backout.incidents (id),
  key text not null,
  channel text not null,
  -- Known to Slack as message metadata: a post whose answer was lost is found by it.
  nonce text not null,
  ts text,
  drawn_hash text,
  claimed_at timestamptz not null default clock_timestamp(),
  drawn_at timestamptz,
  primary key (incident, key, channel)
);

create table backout.drawn (
  incident text primary key references backout.incidents (id),
  drawn_seq integer not null,
  again_at timestamptz
);

create table backout.timers (
  incident text not null references backout.incidents (id),
  key text not null,
  due_at timestamptz not null,
  primary key (incident, key)
);

create table backout.leases (
  name text primary key,
  holder text not null,
  until timestamptz not null
);

create table backout.fingerprints (
  hash text primary key,
  lines text[] not null
);
