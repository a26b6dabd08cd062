#!/bin/sh
# Run once by the postgres image, when its volume is new: the application's own role, without rights as yet.
set -eu
psql --no-psqlrc -v ON_ERROR_STOP=1 -v password="$APP_DATABASE_PASSWORD" \
    --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE greenlight_app LOGIN PASSWORD :'password';
SQL
