"""Makes an installation ready for its first page; `make run` and the containers call it."""

from io import StringIO
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError, connection

from accounts.access import nobody_works_here


class Command(BaseCommand):
    help = (
        "Compiles the translations, collects the static files, migrates the database and, where "
        "nobody lives in it yet, moves in a demo company. Safe to run again."
    )
    # The checks of the database need tables that this command is about to make.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-demo",
            action="store_true",
            help="no demo company; says how the first administrator signs in",
        )
        parser.add_argument(
            "--only-database",
            action="store_true",
            help="leave translations and static files alone (they are in the image already)",
        )
        parser.add_argument(
            "--cast-to", type=Path, help="write who can sign in to the demo company to this file"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CommandError(
                f"The database does not answer: {error}Check DATABASE_URL and that the server runs."
            ) from error
        if not options["only_database"]:
            call_command("collect_files")
        call_command("migrate", interactive=False, verbosity=0)
        call_command("index_pages", verbosity=0)
        if not options["without_demo"] and not get_user_model().objects.exists():
            # It tells who can sign in; so do we, below, on every start.
            call_command("demo_company", stdout=StringIO())
        told = StringIO()
        if nobody_works_here():
            call_command("sign_in_link", stdout=told)
        elif not options["without_demo"]:
            call_command("demo_company", "--cast", stdout=told)
        if not (text := told.getvalue()):
            return
        if file := options["cast_to"]:
            file.write_text(text, encoding="utf-8")
        elif nobody_works_here():
            self.stdout.write(text)
