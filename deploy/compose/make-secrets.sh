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
# For nats.yml, where it is asked for.
once nats_users sh -c 'printf "authorization { user: isotherm, password: \"%s\" }" "$(openssl rand -hex 24)"'
nats_password=$(sed -n 's/.*password: "\([0-9a-f]*\)".*/\1/p' secrets/nats_users)
once nats_url printf 'nats://isotherm:%s@nats-a:4222,nats://isotherm:%s@nats-b:4222,nats://isotherm:%s@nats-c:4222' \
  "$nats_password" "$nats_password" "$nats_password"
