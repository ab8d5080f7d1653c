"""Brings the database of `DATABASE_URL` up to date and writes nothing else into it.

Every test database begins as a copy of it (`stack/testing.py`), and migrating takes longer than
most test files. What the product lays after a migration is laid in the copy, by today's code.
"""

import django
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def main() -> None:
    django.setup()
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


if __name__ == "__main__":
    main()
