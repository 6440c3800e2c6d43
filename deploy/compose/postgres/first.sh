#!/bin/bash
# Once, in the empty cluster of the first node: roles (docs/storage.md, "Two roles"), the database, replication.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}

echo 'host replication replicator samenet scram-sha-256' >>"$PGDATA/pg_hba.conf"

psql -X -v ON_ERROR_STOP=1 -U postgres -d postgres \
  -v product="$(cat "$secrets/postgres_product_password")" \
  -v owner="$(cat "$secrets/postgres_owner_password")" \
  -v replication="$(cat "$secrets/postgres_replication_password")" <<'SQL'
CREATE ROLE isotherm LOGIN PASSWORD :'product';
CREATE ROLE isotherm_owner LOGIN CREATEROLE PASSWORD :'owner';
GRANT isotherm TO isotherm_owner;
CREATE ROLE replicator LOGIN REPLICATION PASSWORD :'replication';
CREATE DATABASE isotherm OWNER isotherm_owner;
-- Acknowledged is what one of two stand-bys has written to its disk too. It stands in postgresql.auto.conf, so that whoever
-- has lost both may say ALTER SYSTEM SET synchronous_standby_names = '' and go on with one.
ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 ("postgres-a", "postgres-b", "postgres-c")';
SQL
