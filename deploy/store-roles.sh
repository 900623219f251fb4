#!/bin/sh
# Runs once, when the store's PostgreSQL is first started: makes the store and its two roles.
# The owner migrates it. The application only adds to its history: what it may do beyond that, the owner grants.
set -eu
: "${STORE_OWNER_PASSWORD:?Set STORE_OWNER_PASSWORD: the role that migrates the store.}"
: "${STORE_APP_PASSWORD:?Set STORE_APP_PASSWORD: the role that Backout works with.}"

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password STORE_OWNER_PASSWORD
\getenv app_password STORE_APP_PASSWORD
create role backout_owner login password :'owner_password';
create role backout_app login password :'app_password';
create database backout owner backout_owner;
revoke all on database backout from public;
grant connect on database backout to backout_app;
SQL
