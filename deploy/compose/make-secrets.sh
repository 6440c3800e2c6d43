#!/bin/sh
# Makes what is missing of ./secrets; what is there stays. Needs openssl. PGHOSTS for a PostgreSQL elsewhere.
set -eu
cd "$(dirname "$0")"
hosts=${PGHOSTS:-postgres-a:5432,postgres-b:5432,postgres-c:5432}

# Nobody else gets into the folder; inside, the containers' users (1000, postgres) have to read what Docker binds.
umask 022
mkdir -p secrets
chmod 700 secrets

# once NAME COMMAND...: what the command prints, without a line end, where there is no such file yet
once() {
  name=$1
  shift
  [ -e "secrets/$name" ] && return
  printf %s "$("$@")" >"secrets/.$name"
  mv "secrets/.$name" "secrets/$name"
}

for name in postgres_password postgres_owner_password postgres_product_password postgres_replication_password \
  first_admin_password monitor_token; do
  once "$name" openssl rand -hex 24
done
# Keep a copy elsewhere: without it no secret that stands in the database can be read again.
once secrets_key openssl rand -base64 32
once database_url printf 'postgres://isotherm:%s@%s/isotherm' "$(cat secrets/postgres_product_password)" "$hosts"
once database_owner_url printf 'postgres://isotherm_owner:%s@%s/isotherm' "$(cat secrets/postgres_owner_password)" "$hosts"
# The same hosts: one that is a stand-by is used.
once database_read_url printf 'postgres://isotherm:%s@%s/isotherm' "$(cat secrets/postgres_product_password)" "$hosts"
