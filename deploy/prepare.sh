#!/bin/sh
# The one-time step before web, worker and beat start: migrations and, if wished, a demo company.
set -eu
if [ "${OPSDESK_DEMO:-0}" = 1 ]; then
    exec python manage.py prepare --only-database
fi
exec python manage.py prepare --only-database --without-demo
