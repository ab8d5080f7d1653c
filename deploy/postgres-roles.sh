#!/bin/sh
# Run once by the PostgreSQL image in an empty data folder. The owner migrates the schema; the
# product's own role gets its rights on each table from the migrations.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner_password="$OPSDESK_OWNER_PASSWORD" --set app_password="$OPSDESK_APP_PASSWORD" <<'SQL'
CREATE ROLE opsdesk_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE opsdesk_app LOGIN PASSWORD :'app_password';
CREATE DATABASE opsdesk OWNER opsdesk_owner;
SQL
