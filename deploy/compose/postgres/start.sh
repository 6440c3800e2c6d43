#!/bin/bash
# Starts one PostgreSQL of several, of which one is the primary. In front of the image's own entrypoint.
#   NODE   its name, one of PEERS      PEERS  "host:port host:port ..."      FIRST  who begins when there is nothing at all
# A stand-by becomes the primary by `pg_ctl promote` alone, by hand (docs/compose.md): nothing here decides that.
set -euo pipefail

secrets=${SECRETS:-/run/secrets}
say() { printf 'isotherm %s: %s\n' "$NODE" "$*" >&2; }

# Passwords reach libpq by a file in memory, not by a command line.
export PGPASSFILE=${PGPASS_AT:-/dev/shm/pgpass-$NODE}
(umask 077 && printf '*:*:*:replicator:%s\n' "$(cat "$secrets/postgres_replication_password")" >"$PGPASSFILE")
export PGCONNECT_TIMEOUT=3

# What another node says of itself: f (it takes writes), t (a stand-by), or nothing.
in_recovery() { psql -XAtqw -h "${1%:*}" -p "${1#*:}" -U replicator -d postgres -c 'SELECT pg_is_in_recovery()' 2>/dev/null || true; }

look() {
  primary='' standby=''
  for peer in $PEERS; do
    [ "${peer%:*}" = "$NODE" ] || [ "$peer" = "${SELF:-}" ] && continue
    case $(in_recovery "$peer") in
      f) primary=$peer ;;
      t) standby=$peer ;;
    esac
  done
}

hosts=$(for peer in $PEERS; do printf '%s,' "${peer%:*}"; done)
ports=$(for peer in $PEERS; do printf '%s,' "${peer#*:}"; done)
# Whoever takes writes is followed, also after another one was promoted.
upstream="host=${hosts%,} port=${ports%,} user=replicator passfile=$PGPASSFILE target_session_attrs=read-write connect_timeout=3"

look
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  if [ "$NODE" = "$FIRST" ] && [ -z "$primary" ]; then
    if [ -n "$standby" ]; then
      say "has no data, and $standby is a stand-by that has: promote that one; nothing is begun anew here"
      exit 1
    fi
    say 'begins the cluster'
  else
    until [ -n "$primary" ]; do
      say 'waits for a primary to copy'
      sleep 2
      look
    done
    say "copies $primary"
    mkdir -p "$PGDATA"
    chmod 700 "$PGDATA"
    if ! pg_basebackup -D "$PGDATA" -d "$upstream" -X stream -c fast -R; then
      # Half a copy would be taken for a cluster at the next start.
      find "$PGDATA" -mindepth 1 -delete
      exit 1
    fi
  fi
elif [ ! -e "$PGDATA/standby.signal" ] && [ -n "$primary" ]; then
  say "was the primary, and $primary is now: two would part ways. Remove this volume, and it becomes a stand-by"
  exit 1
fi

# A stand-by is known to its primary by this name (synchronous_standby_names, pg_stat_replication).
exec docker-entrypoint.sh "$@" -c "cluster_name=$NODE"
