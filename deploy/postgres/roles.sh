#!/bin/sh
# The two roles of docs/operations.md, section 2. PostgreSQL's image runs this once, when it makes the cluster.
set -eu
export SECRETS="${SECRETS:-/run/secrets}"
for secret in owner_password gateway_password; do
  [ -n "$(cat "$SECRETS/$secret")" ] && continue
  echo "roles.sh: $SECRETS/$secret is empty or not readable for uid $(id -u): mend it, 'docker compose down --volumes' (the database is empty yet), start again" >&2
  exit 1
done
# Passwords come by psql's own shell: an argument could be seen in the list of processes, a statement in the log.
psql --no-psqlrc -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\set owner `cat "$SECRETS/owner_password"`
\set gateway `cat "$SECRETS/gateway_password"`
SET log_statement = 'none';
SET log_min_error_statement = 'panic';
CREATE ROLE lz_owner LOGIN PASSWORD :'owner';
CREATE ROLE lz_gateway LOGIN PASSWORD :'gateway';
ALTER DATABASE :"DBNAME" OWNER TO lz_owner;
SQL
