#!/bin/sh
# Prints an .env file with fresh passwords: `sh deploy/new-env.sh > .env`, once.
set -eu
umask 077
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in OPSDESK_SUPERUSER_PASSWORD OPSDESK_OWNER_PASSWORD OPSDESK_APP_PASSWORD \
    OPSDESK_REDIS_PASSWORD OPSDESK_SECRET_KEY; do
    echo "$name=$(secret)$(secret)"
done
cat <<'EXPLAINED'
# 1 moves a demo company into an empty database.
OPSDESK_DEMO=1
# Behind a proxy with TLS:
# OPSDESK_HTTPS=1
# OPSDESK_HOSTS=desk.example.com
# OPSDESK_TRUSTED_ORIGINS=https://desk.example.com
EXPLAINED
