"""Rights of the role the product runs as: everything on rows, events only by INSERT.

The owner role (migrations) owns the tables; the app role cannot update, delete or truncate
events, nor switch their triggers off, because it does not own them (architecture.md, *Data*).
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections

APPEND_ONLY_TABLES = ("core_event",)


def grant_app_role(using: str = "default", **_: Any) -> None:
    """Give `settings.APP_DB_ROLE` its rights; does nothing when no such role is configured."""
    role = settings.APP_DB_ROLE
    if not role:
        return
    connection = connections[using]
    with connection.cursor() as cursor:
        quoted = connection.ops.quote_name(role)
        cursor.execute("SELECT current_user")
        if cursor.fetchone()[0] == role:
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {quoted}")
        cursor.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}"
        )
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}")
        for table in APPEND_ONLY_TABLES:
            name = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {name} FROM {quoted}")
        cursor.execute(f"REVOKE ALL ON django_migrations FROM {quoted}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {quoted}")
