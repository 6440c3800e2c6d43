#!/bin/bash
# Once, when the cluster begins (`post_bootstrap` of patroni.yml): Isotherm's two roles (docs/storage.md, "Two roles") and its
# database. Patroni gives the superuser's connection as $1; passwords are files in SECRETS, as make-secrets.sh makes them.
set -euo pipefail
secrets=${SECRETS:-/etc/patroni/secrets}

psql -X -v ON_ERROR_STOP=1 -d "$1" \
  -v product="$(cat "$secrets/postgres_product_password")" \
  -v owner="$(cat "$secrets/postgres_owner_password")" <<'SQL'
CREATE ROLE isotherm LOGIN PASSWORD :'product';
CREATE ROLE isotherm_owner LOGIN CREATEROLE PASSWORD :'owner';
GRANT isotherm TO isotherm_owner;
CREATE DATABASE isotherm OWNER isotherm_owner;
SQL
